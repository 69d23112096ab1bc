"""The loop player: a recurrent cell that unfolds into its copies, with every number shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import traitlets

from ..trace import Trace, record
from .base import TimeFigure, script, style

WEIGHTS = ("W_xh", "W_hh", "b_h")
MOST = {"T": 32, "D": 32, "H": 32}  # what one can still see
WITH_NUMBERS = 4  # D and H up to which numbers are drawn, and can be changed


class LoopPlayer(TimeFigure):
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), one turn at a time, folded and unfolded.

    cell: an RNNCell. x: (T, 1, D), one sequence. T, D and H are at most 32; up to D = H = 4 every
    number is drawn, beyond that states and weights are coloured cells.
    tokens: T strings, shown under the inputs. t counts the turns that are done, 0..T.
    Its state is t, unfolded, weight (the one the slider moves) and the weights W_xh, W_hh and b_h:
    the reader changes them, Python may set them. `cell` is what they are now.
    Raises TypeError or ValueError naming the argument.
    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 10.1.
    """

    _esm = script("loop_player.js")
    _css = style("wires.css", "loop_player.css")

    unfolded = traitlets.Bool().tag(sync=True)
    weight = traitlets.Unicode().tag(sync=True)  # "W_hh[0, 1]"; without numbers "W_hh"
    W_xh = traitlets.List().tag(sync=True)  # (D, H)
    W_hh = traitlets.List().tag(sync=True)  # (H, H)
    b_h = traitlets.List().tag(sync=True)  # (H,)
    given = traitlets.List().tag(sync=True)  # the three as they came, for the reset
    weights = traitlets.List(traitlets.Unicode()).tag(sync=True)  # what `weight` may be
    x = traitlets.List().tag(sync=True)  # (T, D)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        cell: Any,
        x: np.ndarray,
        *,
        tokens: Sequence[str] | None = None,
        title: str = "The loop, turn by turn",
        **traits: Any,
    ) -> None:
        if type(cell).__name__ != "RNNCell":
            raise TypeError(
                f"cell must be an RNNCell, the one with this equation, got {type(cell).__name__}"
            )
        trace = record(cell, x, tokens=tokens)  # checks x and tokens
        T, N, _ = x.shape
        if N != 1:
            raise ValueError(f"x must be (T, N=1, D={cell.D}), got {x.shape}")
        for name, size in (("T", T), ("D", cell.D), ("H", cell.H)):
            if size > MOST[name]:
                raise ValueError(f"{name} must be at most {MOST[name]} to be drawn, got {size}")
        numbers = max(cell.D, cell.H) <= WITH_NUMBERS
        given = [getattr(cell, name).tolist() for name in WEIGHTS]
        names = [n for name in WEIGHTS for n in _entries(name, getattr(cell, name), numbers)]
        self.heights = _heights(cell, numbers, tokens is not None)
        start = {"t": 1, "weight": names[cell.W_xh.size if numbers else 1]}  # the first of W_hh
        self._kind = type(cell)
        super().__init__(
            steps=T + 1,
            x=x[:, 0].tolist(),
            tokens=list(tokens or ()),
            given=given,
            weights=names,
            title=title,
            words=_words(cell, x[:, 0], trace, title, tokens is not None),
            **dict(zip(WEIGHTS, given, strict=True)) | start | traits,
        )

    @property
    def cell(self) -> Any:
        """The cell with the weights as they are now."""
        return self._kind(*(np.array(getattr(self, name), float) for name in WEIGHTS))

    @traitlets.validate(*WEIGHTS)
    def _same_shape(self, proposal: Any) -> list[Any]:
        name, value = proposal["trait"].name, proposal["value"]
        shape = np.shape(self.given[WEIGHTS.index(name)])
        with suppress(TypeError, ValueError):  # what is no array of numbers
            if np.shape(value) == shape and np.isfinite(np.array(value, float)).all():
                return np.array(value, float).tolist()
        raise traitlets.TraitError(f"{name} must be {shape} finite, got {value}")

    @traitlets.validate("weight")
    def _weight_known(self, proposal: Any) -> str:
        if proposal["value"] not in self.weights:
            raise traitlets.TraitError(
                f"weight must be one of {', '.join(self.weights)}, got {proposal['value']!r}"
            )
        return proposal["value"]


def _entries(name: str, a: np.ndarray, numbers: bool) -> list[str]:
    if not numbers:
        return [name]
    return [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(a.shape)]


def _words(cell: Any, x: np.ndarray, trace: Trace, title: str, tokens: bool) -> str:
    """The text alternative: each turn in numbers, at most eight of them."""
    h = trace.h[:, 0]  # (T, H)
    T = len(x)
    lines = [
        f"{title}: {T} steps, D = {cell.D}, H = {cell.H}; "
        f"the same {cell.n_params} numbers in W_xh, W_hh and b_h at each"
    ]
    for t, (x_t, h_t) in enumerate(zip(x[:8], h[:8], strict=True)):
        token = f" {trace.tokens[t]!r}" if tokens else ""
        lines.append(f"t = {t + 1}:{token} x = {_brief(x_t)}; h = {_brief(h_t)}")
    if T > 8:
        lines.append(f"and {T - 8} more; at t = {T} h = {_brief(h[-1])}")
    return "\n".join(lines)


def _brief(v: np.ndarray) -> str:
    if len(v) <= WITH_NUMBERS:
        return " ".join(f"{value:z.2f}" for value in v)
    return f"{v.min():z.2f} to {v.max():z.2f}"


def _heights(cell: Any, numbers: bool, tokens: bool) -> tuple[int, int]:
    """Pixels for the drawing and for the table's lines, wide and narrow."""
    if not numbers:
        size = min(20, max(4, 120 // max(cell.D, cell.H)))  # of a cell of a picture
        height = 460 + size * (cell.D + 3) + 20 * tokens
        return height, height + 74
    wide, narrow = 538 + 20 * (cell.D + tokens), 606 + 20 * (cell.D + tokens)
    if cell.H <= 2:  # with more columns a narrow table leaves the products out
        narrow += 18 * _more_lines(cell, 340)
    return wide + 18 * _more_lines(cell, 700), narrow


def _more_lines(cell: Any, width: int) -> int:
    """Lines that the products x_t W_xh and h_{t-1} W_hh take beyond one each."""
    terms = max(1, int(((width - 164) / cell.H - 24) // 85))  # in a line
    return sum(int(np.ceil((n + 0.55) / terms)) - 1 for n in (cell.D, cell.H))
