"""The hidden-state view: units x time as a heat map, and what one unit does over the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from ..trace import Trace
from .arrange import colour_limits, main_paths, similar_units
from .base import TimeFigure, first_largest, in_range, pack, script, style


class HiddenState(TimeFigure):
    """What the units of a recurrent network do while it reads: click, drag, play, arrow keys.

    trace: a run, as `record` returns it. array: which of its arrays is shown first.
    n: which sequence of the batch. arrays: the names on offer, all of the trace if None.
    other: a second run over as many steps, with the same arrays: shown beside the first with the
    difference, first minus other. tokens: T strings; the trace's own describe sequence 0, so for
    n > 0 they default to the step numbers.
    Its state is t, unit, array and order ("index" or "similarity"): Python can read and set them.
    Raises ValueError or KeyError naming the argument.
    Source: Karpathy, Johnson and Li (2015), "Visualizing and understanding recurrent networks".
    """

    _esm = script("hidden_state.js")
    _css = style("hidden_state.css")

    unit = traitlets.Int().tag(sync=True)
    array = traitlets.Unicode("h").tag(sync=True)
    order = traitlets.Enum(("index", "similarity"), "index").tag(sync=True)

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)  # H of each array
    runs = traitlets.List(traitlets.Unicode()).tag(sync=True)  # titles of the one or two runs
    values = traitlets.Bytes().tag(sync=True)  # for each run, for each array: (T, H)
    limits = traitlets.List().tag(sync=True)  # (lo, hi) of each array's colours
    orders = traitlets.List().tag(sync=True)  # units of each array by similarity
    paths = traitlets.Bytes().tag(sync=True)  # for each run, for each array: (T, 2)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    probs = traitlets.Bytes().tag(sync=True)  # (T, K), empty without a readout
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        array: str = "h",
        n: int = 0,
        *,
        arrays: Sequence[str] | None = None,
        other: Trace | None = None,
        tokens: Sequence[str] | None = None,
        **traits: Any,
    ) -> None:
        steps, batch, _ = trace.h.shape
        names = list(trace.arrays if arrays is None else arrays)
        if array not in names:
            raise ValueError(f"array must be one of {', '.join(names)}, got {array!r}")
        if not 0 <= n < batch:
            raise ValueError(f"n must lie in 0..{batch - 1}, got {n}")
        if tokens is None:
            tokens = trace.tokens if n == 0 else [str(t) for t in range(steps)]
        if len(tokens) != steps:
            raise ValueError(f"tokens must be {steps}, one per step, got {len(tokens)}")
        runs = [[trace[name][:, n] for name in names]]
        if other is not None:
            runs.append([_like(name, other, trace)[:, n] for name in names])
        pairs = list(zip(*runs, strict=True))  # for each array: its (T, H) in each run
        paths = list(zip(*map(main_paths, pairs), strict=True))
        self.heights = _heights(tokens, len(trace.labels), len(runs))
        super().__init__(
            array=array,
            steps=steps,
            names=names,
            sizes=[a.shape[1] for a in runs[0]],
            runs=[t.title for t in (trace, other) if t is not None],
            values=b"".join(pack(k, a) for run in runs for k, a in zip(names, run, strict=True)),
            limits=[colour_limits(k, p) for k, p in zip(names, pairs, strict=True)],
            orders=[similar_units(np.concatenate(p)) for p in pairs],
            paths=b"".join(pack("path", p) for run in paths for p in run),
            tokens=list(tokens),
            probs=b"" if trace.probs is None else pack("probs", trace.probs[:, n]),
            labels=list(trace.labels),
            title=" and ".join(t.title for t in (trace, other) if t is not None),
            words=_words(trace, names, n, tokens, other),
            **traits,
        )

    @traitlets.validate("unit")
    def _unit_in_range(self, proposal: Any) -> int:
        return in_range("unit", proposal["value"], self.sizes[self.names.index(self.array)])

    @traitlets.validate("array")
    def _array_known(self, proposal: Any) -> str:
        if proposal["value"] not in self.names:
            raise traitlets.TraitError(
                f"array must be one of {self.names}, got {proposal['value']!r}"
            )
        return proposal["value"]


def _like(name: str, other: Trace, trace: Trace) -> np.ndarray:
    if other[name].shape != trace[name].shape:
        raise ValueError(f"other[{name!r}] must be {trace[name].shape}, got {other[name].shape}")
    return other[name]


def _words(
    trace: Trace, names: list[str], n: int, tokens: Sequence[str], other: Trace | None
) -> str:
    """The text alternative: robust against other roundings, since nbval compares it."""
    T = len(tokens)
    lines = [f"{trace.title}: {T} steps", "tokens: " + " ".join(map(repr, tokens[:40]))]
    lines[1] += f" and {T - 40} more" if T > 40 else ""
    for name in names:
        a = trace[name][:, n]
        lines.append(f"{name}: {a.shape[1]} units, {a.min():z.2f} to {a.max():z.2f}")
        if T > 1:
            t, unit = first_largest(np.abs(np.diff(a, axis=0)))
            lines[-1] += (
                f"; unit {unit} moves most, at t = {t + 1}, {tokens[t + 1]!r}:"
                f" {a[t, unit]:z.2f} to {a[t + 1, unit]:z.2f}"
            )
        if other is not None:
            gap = np.abs(a - other[name][:, n])
            t, unit = first_largest(gap)
            lines.append(
                f"{name} against {other.title}: {gap.max():.2f} apart at t = {t}, unit {unit}"
            )
    if trace.probs is not None:
        k = first_largest(trace.probs[-1, n])[0]
        lines.append(f"readout at the end: {trace.labels[k]} {trace.probs[-1, n, k]:.2f}")
    return "\n".join(lines)


def _heights(tokens: Sequence[str], classes: int, runs: int) -> tuple[int, int]:
    """Pixels for the text's lines, the readout's rows and the heat maps, wide and narrow."""
    length = sum(len(token) + 1 for token in tokens)
    wide = 515 + 25 * min(4, 1 + length // 90)
    narrow = 615 + 25 * min(8, 1 + length // 45) + 21 * min(8, max(5, classes))
    return (wide, narrow) if runs == 1 else (wide + 160, narrow + 200)
