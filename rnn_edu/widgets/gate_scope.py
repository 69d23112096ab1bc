"""The gate scope: what the gates of one unit keep, write and show, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from ..trace import Trace
from .base import TimeFigure, first_largest, in_range, pack, script, style

DRAWN = {"lstm": "gifo", "gru": "xrz"}  # what the reader draws
RECORDED = {"lstm": "gifo", "gru": "nrz"}  # what a trace holds
LIMITS = dict.fromkeys("iforz", (0.0, 1.0)) | {"g": (-1.0, 1.0), "x": (-2.0, 2.0)}

Curves = Mapping[str, Sequence[float]]


class GateScope(TimeFigure):
    """One unit of a gated cell over time: kept + written = cell, and what of it is shown.

    LSTM: c_t = f_t c_{t-1} + i_t g_t,  h_t = o_t tanh(c_t)
    GRU: h_t = z_t h_{t-1} + (1 - z_t) n_t, where drawn with n_t = tanh(x_t + r_t h_{t-1})

    trace: a run of an LSTMCell or GRUCell, as `record` returns it; n: which sequence of its batch.
    Without a trace the reader draws g, i, f, o or x, r, z over T steps, from a state of zero.
    kind: "lstm" or "gru"; a trace has its own. curves: name -> T numbers to start from; the others
    are those of the first example. tokens: T strings; the trace's own describe sequence 0, so for
    n > 0 they default to the step numbers.
    Its state is t, kind, curves, unit and mark: Python can read and set them. With mark = s and
    the gates held fixed, dc_t/dc_s is the product of f_{s+1} to f_t.
    Raises ValueError, or TraitError for the state, naming the argument.
    Source: Gers, Schmidhuber and Cummins, Neural Computation 12 (2000); Cho et al., EMNLP 2014.
    """

    _esm = script("gate_scope.js")
    _css = style("gate_scope.css")
    heights = (640, 970)

    kind = traitlets.Enum(tuple(DRAWN), "lstm").tag(sync=True)
    mark = traitlets.Int().tag(sync=True)
    unit = traitlets.Int().tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)  # empty with a trace

    examples = traitlets.Dict().tag(sync=True)  # kind -> name -> curves
    units = traitlets.Int(1).tag(sync=True)  # H
    recorded = traitlets.Bytes().tag(sync=True)  # first state (1, H), then (R, T, H)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        trace: Trace | None = None,
        kind: str | None = None,
        T: int = 24,
        *,
        curves: Curves | None = None,
        n: int = 0,
        tokens: Sequence[str] | None = None,
        title: str = "",
        **traits: Any,
    ) -> None:
        if trace is None:
            if not isinstance(T, int) or T < 1:
                raise ValueError(f"T must be an integer of at least 1, got {T!r}")
            examples = _examples(T)
            first = [next(iter(named.values())) for named in examples.values()]
            source = {"examples": examples, "curves": first[0] | first[1] | dict(curves or {})}
            title = title or "One gated unit: draw its gates"
            at = {"t": 14 * T // 24, "mark": 2 * T // 24}
        else:
            if curves is not None:
                raise ValueError("curves must be left out with a trace, which has its own")
            if not 0 <= n < trace.h.shape[1]:
                raise ValueError(f"n must lie in 0..{trace.h.shape[1] - 1}, got {n}")
            T, kind = len(trace.h), _kind(trace, kind)
            source = {"units": trace.h.shape[2], "recorded": pack("gates", _rows(trace, kind, n))}
            title = title or trace.title
            at = {"t": T - 1}
            tokens = trace.tokens if tokens is None and n == 0 else tokens
        tokens = [str(t) for t in range(T)] if tokens is None else list(tokens)
        if len(tokens) != T:
            raise ValueError(f"tokens must be {T}, one per step, got {len(tokens)}")
        state = {"kind": kind or "lstm", "steps": T, "tokens": tokens, "title": title}
        super().__init__(**state | source | at | traits)
        self.observe(self._put_into_words, ("kind", "curves", "unit", "mark"))
        self._put_into_words()

    @traitlets.validate("unit")
    def _unit_in_range(self, proposal: Any) -> int:
        return in_range("unit", proposal["value"], self.units)

    @traitlets.validate("mark")
    def _mark_in_range(self, proposal: Any) -> int:
        return in_range("mark", proposal["value"], self.steps)

    @traitlets.validate("curves")
    def _curves_fit(self, proposal: Any) -> dict[str, list[float]]:
        curves, names = proposal["value"], set() if self.recorded else set(LIMITS)
        if set(curves) != names:
            raise traitlets.TraitError(f"curves must be {sorted(names)}, got {sorted(curves)}")
        for name, values in curves.items():
            lo, hi = LIMITS[name]
            if np.shape(values) != (self.steps,) or not all(lo <= v <= hi for v in values):
                raise traitlets.TraitError(
                    f"curves[{name!r}] must be {self.steps} numbers in {lo:g}..{hi:g}, got {values}"
                )
        return {name: [float(v) for v in values] for name, values in curves.items()}

    def _put_into_words(self, _: Any = None) -> None:
        """The text alternative: robust against other roundings, since nbval compares it."""
        start, curves = 0.0, self.curves
        if self.recorded:
            rows = np.frombuffer(self.recorded, "<f4").reshape(-1, self.units)[:, self.unit]
            start, rows = rows[0], rows[1:].reshape(-1, self.steps)
            curves = dict(zip(RECORDED[self.kind], rows, strict=True))
        names = (RECORDED if self.recorded else DRAWN)[self.kind]
        kept, written, state, h = run(self.kind, curves, start).T
        cell, keep = ("c", "f") if self.kind == "lstm" else ("h", "z")
        lines = [f"{self.title}: {self.kind.upper()}, unit {self.unit}, {self.steps} steps"]
        lines += [f"{k}: {min(curves[k]):z.2f} to {max(curves[k]):z.2f}" for k in names]
        (t,), last, s = first_largest(np.abs(written)), self.steps - 1, self.mark
        lines += [
            f"{cell}: {state.min():z.2f} to {state.max():z.2f}; written most at t = {t}:"
            f" {kept[t]:z.2f} kept + {written[t]:z.2f} written = {state[t]:z.2f}",
            f"{cell} at t = {s}: {state[s]:z.2f}; of it, {np.prod(curves[keep][s + 1 :]):.2f}"
            f" is left at t = {last}, the product of {keep}; h at the end: {h[-1]:z.2f}",
        ]
        self.words = "\n".join(lines)


def run(kind: str, curves: Curves, state: float) -> np.ndarray:
    """(T, 4): what is kept, what is written, the state (c, or the GRU's h), and h."""
    steps = []
    for t, keep in enumerate(curves["f" if kind == "lstm" else "z"]):
        if kind == "lstm":
            written = curves["i"][t] * curves["g"][t]
        elif "n" in curves:
            written = (1 - keep) * curves["n"][t]
        else:
            written = (1 - keep) * np.tanh(curves["x"][t] + curves["r"][t] * state)
        kept = keep * state
        state = kept + written
        h = curves["o"][t] * np.tanh(state) if kind == "lstm" else state
        steps.append((kept, written, state, h))
    return np.array(steps)


def _kind(trace: Trace, kind: str | None) -> str:
    """The kind of cell that made the trace; `kind`, if given, must not contradict it."""
    for name, rows in RECORDED.items():
        if set(rows) <= set(trace.arrays) and kind in (None, name):
            return name
    raise ValueError(
        f"trace must hold the gates of an {kind or 'lstm or gru'}, got {', '.join(trace.arrays)}"
    )


def _rows(trace: Trace, kind: str, n: int) -> np.ndarray:
    """The state before the first step, found from what it left, and the recorded rows."""
    rows = [trace[name][:, n] for name in RECORDED[kind]]  # each (T, H)
    if kind == "lstm":
        g, i, keep = (a[0] for a in rows[:3])
        kept = trace["c"][0, n] - i * g
    else:
        candidate, _, keep = (a[0] for a in rows)
        kept = trace.h[0, n] - (1 - keep) * candidate
    start = np.divide(kept, keep, out=np.zeros_like(kept), where=keep > 1e-6)
    return np.concatenate([start[None], *rows])


def _examples(T: int) -> dict[str, dict[str, dict[str, list[float]]]]:
    """kind -> name -> curves: what there is to discover; the first tells the whole story."""
    pulses = {2: 1.0, 8: -0.8, 14: 0.6, 20: -0.7}  # by step of 24

    def at(values: Mapping[int, float], rest: float = 0.0) -> list[float]:
        return [({p * T // 24: v for p, v in values.items()}).get(t, rest) for t in range(T)]

    always, never, late = [1.0] * T, [0.0] * T, [float(t >= 11 * T // 24) for t in range(T)]
    g, x = at(pulses), at({p: 2 * v for p, v in pulses.items()})
    on_pulse, but_on_pulse = at(dict.fromkeys(pulses, 1.0)), at(dict.fromkeys(pulses, 0.0), 1.0)
    count = at(dict.fromkeys((2, 6, 10, 14, 18), 1.0))
    leak = [0.8] * T
    return {
        "lstm": {
            "hold and clear": {"g": g, "i": at({2: 1, 20: 1}), "f": at({17: 0}, 1), "o": late},
            "leak": {"g": g, "i": always, "f": leak, "o": always},
            "count": {"g": count, "i": always, "f": always, "o": always},
            "overwrite": {"g": g, "i": on_pulse, "f": but_on_pulse, "o": always},
        },
        "gru": {
            "hold and replace": {"x": x, "r": never, "z": at({2: 0, 20: 0}, 1)},
            "leak": {"x": x, "r": never, "z": leak},
            "overwrite": {"x": x, "r": never, "z": but_on_pulse},
            "no gates: plain RNN": {"x": x, "r": always, "z": never},
        },
    }
