"""The topology explorer: one recurrent network, fed and read in five ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import traitlets

from .base import TimeFigure, script, style
from .topology_kinds import EXAMPLES, KINDS, MOST_STEPS, NAMES, Example, check_examples

MOST = {"T": MOST_STEPS, "N": 4, "D": 6, "H": 6, "K": 6}


class TopologyExplorer(TimeFigure):
    """One-to-one to many-to-many: what feeds the loop, what reads it, and all shapes.

    kind: "one-to-one", "one-to-many", "many-to-one", "many-to-many, aligned" or "many-to-many,
    unaligned". T: steps, 1..6; N: sequences at once, 1..4; D, H, K: sizes, 1..6.
    examples: for some kinds, a task in words and its pairs (inputs, outputs) of strings, in place
    of the built-in ones; of the pairs the one that takes T steps is shown.
    Its state is kind, T, N, D, H, K and t: how many steps are computed, in one-to-one 0 or 1, in
    the unaligned kind 0..T+S with S outputs, else 0..T. A new kind or T is shown computed.
    Raises ValueError for examples that do not fit their kind, TraitError for a size out of range.
    Source: Karpathy (2015), "The Unreasonable Effectiveness of Recurrent Neural Networks".
    """

    _esm = script("topology.js")
    _css = style("wires.css", "topology.css")
    heights = (700, 970)

    kind = traitlets.Enum(NAMES, "many-to-one").tag(sync=True)
    T = traitlets.Int(5, min=1, max=MOST["T"]).tag(sync=True)
    N = traitlets.Int(2, min=1, max=MOST["N"]).tag(sync=True)
    D = traitlets.Int(3, min=1, max=MOST["D"]).tag(sync=True)
    H = traitlets.Int(4, min=1, max=MOST["H"]).tag(sync=True)
    K = traitlets.Int(3, min=1, max=MOST["K"]).tag(sync=True)
    most = traitlets.Dict(MOST).tag(sync=True)
    kinds = traitlets.List().tag(sync=True)  # KINDS as dictionaries, each with its "examples"

    def __init__(
        self,
        kind: str = "many-to-one",
        *,
        examples: Mapping[str, tuple[str, Sequence[Example]]] | None = None,
        t: int | None = None,
        title: str = "Five ways to feed and to read a loop",
        **traits: Any,
    ) -> None:
        shown = {k.name: (k.task, EXAMPLES[k.name]) for k in KINDS} | dict(examples or {})
        kinds = []
        for name, (_, pairs) in shown.items():
            check_examples(name, pairs)
        for k in KINDS:
            task, pairs = shown[k.name]
            lists = [[list(inputs), list(outputs)] for inputs, outputs in pairs]
            kinds.append(k._asdict() | {"task": task, "examples": lists})
        super().__init__(kind=kind, kinds=kinds, title=title, **traits)
        self._show_all_steps()
        if t is not None:
            self.t = t
        self.words = self._words()

    @traitlets.observe("kind", "T")
    def _on_steps(self, change: Any) -> None:
        if self.kinds:  # they come after these two while the figure is made
            self._show_all_steps()

    def _show_all_steps(self) -> None:
        kind, sizes, _ = self._now()
        self.steps = 1 + sizes["T"] + (sizes["S"] if kind["reads"] == "after" else 0)
        self.t = self.steps - 1

    def _now(self) -> tuple[dict[str, Any], dict[str, int], list[list[str]]]:
        """The kind, the size of each letter, and the pair of T steps or two empty lists."""
        kind = next(k for k in self.kinds if k["name"] == self.kind)
        sizes = {name: getattr(self, name) for name in MOST}
        if self.kind == "one-to-one":
            sizes["T"] = 1
        side = 1 if self.kind == "one-to-many" else 0  # the one that is a sequence
        found = [pair for pair in kind["examples"] if len(pair[side]) == sizes["T"]]
        pair = found[0] if found else [[], []]
        return kind, sizes | {"S": len(pair[1]) or sizes["T"]}, pair

    def _words(self) -> str:
        kind, sizes, pair = self._now()
        shapes = [
            f"{name} ({', '.join(letters)}) = ({', '.join(str(sizes[s]) for s in letters)})"
            for name, letters in kind["shapes"].items()
        ]
        counts = {name: prod(sizes[s] for s in ls) for name, ls in kind["weights"].items()}
        lines = [
            f"{self.title}: {self.kind}",
            kind["says"],
            "; ".join(shapes),
            f"{sum(counts.values())} numbers to learn, for any T: "
            + ", ".join(f"{name} {count}" for name, count in counts.items()),
        ]
        if pair[0]:
            inputs, outputs = (" ".join(map(repr, tokens)) for tokens in pair)
            lines.append(f"{kind['task']} {inputs} -> {outputs}")
        return "\n".join(lines)
