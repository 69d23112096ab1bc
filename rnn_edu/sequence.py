"""The loop over time: forward, backward, and in windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .cell import Cell, check_cell
from .ops import Array, State, check_array, check_size


def unroll(cell: Cell, x: Array, state: State | None = None) -> tuple[Array, State, Any]:
    """Run the cell over a sequence: h_t, state_t = step(x_t, state_{t-1}) for t = 1..T.

    cell: the one cell that serves every step. x: (T, N, D). state: where to start, zeros if None;
    a tuple of (N, H), first h.
    Returns (h, state, caches): h: (T, N, H) after each step, the state after the last, and what
    `unroll_backward` needs, with fields by name (`caches.x`: (T, N, D)).
    Raises TypeError or ValueError naming the argument, what came and what was expected.
    """
    check_cell("cell", cell)
    x = check_array("x", x, ("T", "N", ("D", cell.D)), cell.dtype)
    N = x.shape[1]
    state = cell.zero_state(N) if state is None else cell.check_state("state", state, N)
    return cell.sweep(x, state)


def unroll_backward(
    cell: Cell, dh: Array, caches: Any, dstate: State | None = None
) -> tuple[Any, Array, State]:
    """Backpropagation through time: the gradients of everything that `unroll` read.

    dh: (T, N, H), the gradient of the loss with respect to each h_t by the paths that leave the
    loop at t (not those through h_{t+1}: they are found here). caches: from `unroll`.
    dstate: a tuple of (N, H), the gradient with respect to the last state, by what came after it;
    zeros if None.
    Returns (grads, dx, dstate0): grads has the cell's type, dx: (T, N, D), dstate0: a tuple of
    (N, H), the gradient with respect to the initial state. Truncated BPTT is dropping dstate0.
    """
    check_cell("cell", cell)
    T, N, _ = cell.check_cache("caches", caches).x.shape
    shape = (("T", T), ("N", N), ("H", cell.H))
    dh = check_array("dh", dh, shape, cell.dtype, finite=False)
    dstate = cell.zero_state(N) if dstate is None else dstate
    dstate = cell.check_state("dstate", dstate, N, finite=False)
    return cell._backward(dh, dstate, caches)


def windows(x: Array, length: int) -> Iterator[Array]:
    """Cut a long sequence into pieces of `length` steps, in order; the last may be shorter.

    For truncated BPTT: hand the state that `unroll` returns to the next window. The numbers
    cross the cut, the gradient does not.
    x: (T, ...). Yields views (length, ...). Raises ValueError if length < 1.
    """
    check_size("length", length)
    for start in range(0, len(x), length):
        yield x[start : start + length]
