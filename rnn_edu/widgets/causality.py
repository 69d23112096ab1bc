"""The causality editor: change a line, and see which answers move, and where."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import Figure, in_range, script, style
from .letters import letters_network, one_hot_text, problem_with

LONGEST, PER_ROW = 60, 20  # characters; those side by side on a phone


class Causality(Figure):
    """Two taggers of one line, run by the page: one reads onward only, one from both ends.

    Replace a character, blank it or mask it (a row of zeros goes in), and both answer again. Bars
    say how far each answer moved from the one for the original line: in the first network none can
    before the change. With targets, places can be kept out of the loss.

    causal: a network with a `cell` and a readout `W_hy` (H, K), `b_y` (K,). both: one with cells
    `onward` and `reverse` and a readout `W_hy` (2H, K), `b_y` (K,), as `Bidirectional`.
    alphabet: their D letters in order. labels: their K classes, at most 8. text: the line, 2 to 60
    letters. targets: the right class of each letter; none if empty. edited: the line
    as it is shown first, as many letters.
    Its state is text (as many letters), masked and ignored (places, counted from 0), and t, the
    chosen place, 0..len(text)-1.
    Raises TypeError or ValueError naming the argument.
    """

    _esm = script("causality.js")
    _css = style("tagger.css", "causality.css")

    text = traitlets.Unicode().tag(sync=True)
    masked = traitlets.List(traitlets.Int()).tag(sync=True)
    ignored = traitlets.List(traitlets.Int()).tag(sync=True)
    t = traitlets.Int().tag(sync=True)

    original = traitlets.Unicode().tag(sync=True)
    targets = traitlets.List(traitlets.Int()).tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    cells = traitlets.List(traitlets.Unicode()).tag(sync=True)
    arrays = traitlets.List().tag(sync=True)  # of each reader: [name, size] of each in weights
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        causal: Any,
        both: Any,
        *,
        alphabet: str,
        labels: Sequence[str],
        text: str,
        targets: Sequence[int] = (),
        edited: str = "",
        title: str = "",
        **traits: Any,
    ) -> None:
        readers = causal, *_halves(both)
        packed = [letters_network(reader, alphabet, labels) for reader in readers]
        if len(labels) > 8:
            raise ValueError(f"labels must be at most 8, got {len(labels)}")
        if problem := problem_with(text, alphabet, LONGEST):
            raise ValueError(problem)
        if len(text) < 2:
            raise ValueError(f"text must be at least 2 letters, got {text!r}")
        targets = [int(k) for k in targets]
        if targets and (
            len(targets) != len(text) or not 0 <= min(targets) <= max(targets) < len(labels)
        ):
            raise ValueError(
                f"targets must be {len(text)} classes in 0..{len(labels) - 1}, got {targets}"
            )
        rows = -(-len(text) // PER_ROW)
        self.heights = 430, 470 + 150 * rows
        title = title or "one line, read onward and from both ends"
        super().__init__(
            original=text,
            alphabet=alphabet,
            labels=list(labels),
            targets=targets,
            cells=[p["cell"] for p in packed],
            arrays=[p["arrays"] for p in packed],
            weights=b"".join(p["weights"] for p in packed),
            title=title,
            **{"text": edited or text} | traits,
        )
        self.words = "\n".join([title, *self._told(readers)])

    @traitlets.validate("text")
    def _text_fits(self, proposal: Any) -> str:
        text, original = proposal["value"], self.original
        if problem := problem_with(text, self.alphabet, LONGEST):
            raise traitlets.TraitError(problem)
        if original and len(text) != len(original):
            raise traitlets.TraitError(f"text must be {len(original)} letters, got {len(text)}")
        return text

    @traitlets.validate("masked", "ignored")
    def _places_exist(self, proposal: Any) -> list[int]:
        for place in proposal["value"]:
            in_range(proposal["trait"].name, place, len(self.original))
        return sorted(set(proposal["value"]))

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        return in_range("t", proposal["value"], len(self.original))

    def _told(self, readers: Sequence[Any]) -> list[str]:
        """The line in stretches of one class, by each network; what moved, if a change is given."""
        x, changed = (
            one_hot_text(self.original, self.alphabet),
            one_hot_text(self.text, self.alphabet),
        )
        changed[self.masked] = 0
        first = next(iter(np.flatnonzero((x != changed).any(axis=(1, 2)))), None)
        lines = []
        for name, before, after in zip(
            ("onward only", "from both ends"),
            _answers(readers, x),
            _answers(readers, changed),
            strict=True,
        ):
            runs = groupby(
                zip(self.text, after.argmax(axis=1), strict=True), key=lambda pair: pair[1]
            )
            said = ", ".join(f"{self.labels[k]} {''.join(c for c, _ in run)!r}" for k, run in runs)
            lines.append(f"{name}: {said}")
            if first is not None:
                moved = np.abs(after - before).sum(axis=1) / 2
                past, rest = moved[:first].max(initial=0), moved[first:].max()
                lines.append(
                    f"  moved before place {first + 1}: {past:.2f}; from it on: {rest:.2f}"
                )
        return lines


def _halves(both: Any) -> list[SimpleNamespace]:
    """The reader onward and the reader from the end; their logits add up to the network's."""
    if not all(hasattr(both, name) for name in ("onward", "reverse", "W_hy", "b_y")):
        raise TypeError(
            "both must have cells .onward and .reverse and a readout .W_hy,"
            f" got {type(both).__name__}"
        )
    top, bottom = np.split(both.W_hy, 2)
    return [
        SimpleNamespace(cell=both.onward, W_hy=top, b_y=both.b_y),
        SimpleNamespace(cell=both.reverse, W_hy=bottom, b_y=np.zeros_like(both.b_y)),
    ]


def _answers(readers: Sequence[Any], x: np.ndarray) -> list[np.ndarray]:
    """Probabilities after each letter, by the causal network and by the other: (T, K) each."""

    def logits(reader: Any, x: np.ndarray) -> np.ndarray:
        return record(reader.cell, x).h[:, 0] @ reader.W_hy + reader.b_y

    alone, onward, reverse = readers
    y = [logits(alone, x), logits(onward, x) + logits(reverse, x[::-1])[::-1]]
    p = [np.exp(a - a.max(axis=1, keepdims=True)) for a in y]
    return [a / a.sum(axis=1, keepdims=True) for a in p]
