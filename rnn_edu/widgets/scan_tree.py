"""The scan tree: a linear recurrence as a loop, and in rounds of joins that need no waiting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import traitlets

from .base import TimeFigure, in_range, script, style

LEAST, MOST = 4, 16  # steps


class Join(NamedTuple):
    """Two neighbouring stretches become one: it ends at `later`, and began where the other did."""

    later: int  # a step, from 1
    earlier: int  # the last step of the other stretch; 0 is h_0
    whole: bool  # the product of the a is needed too


class ScanTree(TimeFigure):
    """h_t = a_t h_{t-1} + b_t, t = 1..T: the loop above, the parallel scan of `rnn_edu.scan` below.

    Both take one round at a time: the loop one step, the scan all joins that may happen at once,
    (a, b) and then (a', b') being (a' a, a' b + b'). First h_0 enters; then stretches join in
    pairs, up the tree; then what is known is handed down it. Rounds and operations are counted.

    a, b: (T,), T in 4..16; h0: the first state.
    Its state is t, the rounds that are done, 0..T; place, the step whose a and b the sliders move,
    0 for h_0; and a, b and h0: the reader changes them, Python may set them.
    Raises TypeError or ValueError naming the argument.
    Source: Blelloch, "Prefix sums and their applications", CMU-CS-90-190, 1990; the tree in place:
    Brent and Kung, "A regular layout for parallel adders", 1982.
    """

    _esm = script("scan_tree.js")
    _css = style("wires.css", "scan_tree.css")

    place = traitlets.Int(1).tag(sync=True)
    a = traitlets.List(traitlets.Float()).tag(sync=True)
    b = traitlets.List(traitlets.Float()).tag(sync=True)
    h0 = traitlets.Float().tag(sync=True)
    given = traitlets.List().tag(sync=True)  # a, b and h0 as they came, for the reset

    def __init__(
        self,
        a: np.ndarray,
        b: np.ndarray,
        h0: float = 0.0,
        *,
        title: str = "",
        **traits: Any,
    ) -> None:
        a, b = _checked("a", a), _checked("b", b)
        if a.shape != b.shape:
            raise ValueError(f"b must be {a.shape} like a, got {b.shape}")
        if not LEAST <= len(a) <= MOST:
            raise ValueError(f"a must have {LEAST} to {MOST} steps, got {len(a)}")
        if not np.isfinite(h0):
            raise ValueError(f"h0 must be finite, got {h0}")
        T, given = len(a), {"a": a.tolist(), "b": b.tolist(), "h0": float(h0)}
        deep = len(rounds(T))
        self.heights = 352 + 50 * (deep + 2), 478 + 40 * (T + 1)
        super().__init__(
            steps=T + 1,
            given=list(given.values()),
            title=title or f"{T} steps: a loop and a scan",
            **given | traits,
        )
        self.observe(self._put_into_words, ("a", "b", "h0"))
        self._put_into_words()

    @traitlets.validate("a", "b")
    def _same_length(self, proposal: Any) -> list[float]:
        name, value, T = proposal["trait"].name, proposal["value"], len(self.given[0])
        if len(value) != T or not np.isfinite(value).all():
            raise traitlets.TraitError(f"{name} must be {T} finite numbers, got {value}")
        return value

    @traitlets.validate("h0")
    def _h0_finite(self, proposal: Any) -> float:
        if not np.isfinite(proposal["value"]):
            raise traitlets.TraitError(f"h0 must be finite, got {proposal['value']}")
        return proposal["value"]

    @traitlets.validate("place")
    def _place_in_range(self, proposal: Any) -> int:
        return in_range("place", proposal["value"], self.steps)

    def h(self) -> np.ndarray:
        """All h_t (T,), by the rounds of the scan."""
        a, h = np.array([1.0, *self.a]), np.array([self.h0, *self.b])
        for joins in rounds(len(self.a)):
            for later, earlier, whole in joins:
                h[later] += a[later] * h[earlier]
                if whole:
                    a[later] *= a[earlier]
        return h[1:]

    def _put_into_words(self, _: Any = None) -> None:
        T, tree = len(self.a), rounds(len(self.a))
        lines = [
            f"{self.title}: h_0 = {self.h0:z.2f}",
            f"a: {_list(self.a)}",
            f"b: {_list(self.b)}",
            f"h: {_list(self.h())}",
            f"loop: {T} rounds, {2 * T} operations",
            f"scan: {len(tree)} rounds, {sum(map(operations, tree))} operations",
        ]
        for i, joins in enumerate(tree):
            lines.append(f"round {i + 1}: {', '.join(f'{j.earlier}+{j.later}' for j in joins)}")
        self.words = "\n".join(lines)


def rounds(T: int) -> list[list[Join]]:
    """The joins of each round, as `rnn_edu.scan.scan` makes them; rounds without any left out."""
    tree, span = [[Join(1, 0, False)]], 1
    while 2 * span <= T:
        tree.append([Join(t, t - span, True) for t in range(2 * span, T + 1, 2 * span)])
        span *= 2
    while span > 1:
        span //= 2
        tree.append([Join(t, t - span, False) for t in range(3 * span, T + 1, 2 * span)])
    return [joins for joins in tree if joins]


def operations(joins: list[Join]) -> int:
    """Products and sums of one round: three where the a are joined too, else two."""
    return sum(3 if join.whole else 2 for join in joins)


def _checked(name: str, value: Any) -> np.ndarray:
    """`value` as a finite vector, or what is wrong with it."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array (T,), got {type(value).__name__}")
    if value.ndim != 1:
        raise ValueError(f"{name} must be (T,), got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return value


def _list(v: Iterable[float]) -> str:
    return " ".join(f"{value:z.2f}" for value in v)
