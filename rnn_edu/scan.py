"""h_t = a_t * h_{t-1} + b_t for all t: step after step, or in rounds of which there are log T.

Two steps in a row are again one step of the same kind: with (a, b) first and (a', b') after it,
h becomes a' (a h + b) + b' = (a' a) h + (a' b + b'). That this joining is associative is all that
a scan needs: neighbours join first, then pairs, then fours. tanh between the steps forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .ops import Array, State, check_array


def scan_loop(a: Array, b: Array, h0: Array) -> Array:
    """h_t = a_t * h_{t-1} + b_t, one step after the other: T rounds, 2T operations a unit.

    a: (T, N, H), or (T, 1, H) if all sequences share it. b: (T, N, H). h0: (N, H). All of one
    dtype, real or complex. Returns h: (T, N, H). Raises TypeError or ValueError naming the
    argument.
    """
    a, b, h0 = _checked(a, b, h0)
    h = b.copy()
    before = h0
    for a_t, h_t in zip(a, h, strict=True):
        h_t += a_t * before
        before = h_t
    return h


def scan(a: Array, b: Array, h0: Array) -> Array:
    """h_t = a_t * h_{t-1} + b_t for all t at once: 2 log2(T) rounds, fewer than 5T operations.

    a: (T, N, H), or (T, 1, H) if all sequences share it. b: (T, N, H). h0: (N, H). All of one
    dtype, real or complex. Returns h: (T, N, H). Raises TypeError or ValueError naming the
    argument.

    This is the work-efficient tree, up and down. The form in which every place joins in every
    round needs half the rounds and log2(T) times the operations: good where processors are many.
    No division: a may be 0. Source: Blelloch, "Prefix sums and their applications", CMU-CS-90-190
    (1990), section 1.4; the tree in place is that of Brent and Kung (1982).
    """
    a, b, h0 = _checked(a, b, h0)
    a, h = a.copy(), b.copy()
    h[0] += a[0] * h0
    span = 1
    while 2 * span <= len(h):  # up: stretches of `span` steps join in pairs
        later, earlier = _places(2 * span - 1, span, len(h))
        h[later] += a[later] * h[earlier]
        a[later] *= a[earlier]
        span *= 2
    while span > 1:  # down: what is known up to a place is handed to the stretch behind it
        span //= 2
        later, earlier = _places(3 * span - 1, span, len(h))
        h[later] += a[later] * h[earlier]
    return h


def scan_backward(a: Array, h_prev: Array, dh: Array, dlast: Array) -> tuple[Array, Array, Array]:
    """The gradients of what `scan` read: g_t = dh_t + a_{t+1} * g_{t+1}, again a scan, from T to 1.

    a: (T, N, H), or (T, 1, H) if all sequences share it. h_prev: (T, N, H), the h that each step
    started from. dh: (T, N, H), the gradient of each h_t by the paths that leave at t.
    dlast: (N, H), the gradient of h_T by what came after it. Of complex numbers, give the
    conjugates of a and h_prev.
    Returns (da, db, dh0), da: (T, N, H), db: (T, N, H), dh0: (N, H).
    Raises TypeError or ValueError naming the argument.
    Source: Martin and Cundy, "Parallelizing linear recurrent neural nets over sequence length",
    ICLR 2018.
    """
    a, dh, dlast = _checked(a, dh, dlast, ("a", "dh", "dlast"))
    _check_numbers("h_prev", h_prev, tuple(zip("TNH", dh.shape, strict=True)), dh.dtype, "dh")
    a_next = np.concatenate([a[1:], np.ones_like(a[:1])])  # dlast enters at T as it is
    db = scan(a_next[::-1], dh[::-1], dlast)[::-1]
    return db * h_prev, db, a[0] * db[0]


def _places(start: int, span: int, T: int) -> tuple[slice, slice]:
    """The places start, start + 2 span, ... below T, and those that stand `span` before them."""
    return slice(start, None, 2 * span), slice(start - span, T - span, 2 * span)


def _checked(a: Array, b: Array, h0: Array, names: Sequence[str] = ("a", "b", "h0")) -> State:
    like = names[1]
    _check_numbers(like, b, ("T", "N", "H"))
    shape = tuple(zip("TNH", b.shape, strict=True))
    shared = isinstance(a, np.ndarray) and a.shape[1:2] == (1,)
    _check_numbers(names[0], a, (shape[0], 1, shape[2]) if shared else shape, b.dtype, like)
    _check_numbers(names[2], h0, shape[1:], b.dtype, like)
    return a, b, h0


def _check_numbers(name: str, a: Any, shape: Any, dtype: Any = None, like: str = "") -> None:
    """`check_array` for real or complex numbers, of the dtype of `like` if one is given."""
    check_array(name, a.real if np.iscomplexobj(a) else a, shape, finite=False)
    if like and a.dtype != dtype:
        raise TypeError(f"{name} must be {dtype} like {like}, got {a.dtype}")
