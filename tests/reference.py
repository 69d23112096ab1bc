"""What the tests of the core share: cells with nothing zero in them, and torch's answer for each.

The sizes differ from each other, and biases, initial states and the gradients that enter differ
from zero: equal sizes hide transposed matrices, zeros hide missing paths.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll, unroll_backward
from rnn_edu.cell import Cell
from rnn_edu.ops import leaves

CELLS = (RNNCell, GRUCell, LSTMCell)
T, N, D, H, K = 5, 3, 4, 6, 7
TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}


class Case(NamedTuple):
    """A cell, what goes in, and the gradients that come back."""

    cell: Any
    x: np.ndarray
    state: tuple[np.ndarray, ...]
    dh: np.ndarray
    dstate: tuple[np.ndarray, ...]


class Result(NamedTuple):
    """What a forward and a backward pass give."""

    h: np.ndarray
    state: tuple[np.ndarray, ...]
    grads: Any
    dx: np.ndarray
    dstate0: tuple[np.ndarray, ...]


def make_case(
    kind: type[Cell],
    T: int = T,
    N: int = N,
    D: int = D,
    H: int = H,
    dtype: Any = np.float64,
    seed: int = 0,
) -> Case:
    """A random case; the parameters are large enough that no gate stays near one half."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(dtype)

    cell = kind(*(draw(*shape) for shape in kind._shapes(D, H).values()))
    states = [tuple(draw(N, H) for _ in kind.state_names) for _ in range(2)]
    return Case(cell, draw(T, N, D), states[0], draw(T, N, H), states[1])


def by_sweep(case: Case) -> Result:
    """Through `unroll` and `unroll_backward`."""
    h, state, caches = unroll(case.cell, case.x, case.state)
    return Result(h, state, *unroll_backward(case.cell, case.dh, caches, case.dstate))


def by_steps(case: Case) -> Result:
    """Through `step` and `step_backward`, one time step after the other."""
    h, state, caches = Cell.sweep(case.cell, case.x, case.state)
    return Result(h, state, *Cell.sweep_backward(case.cell, case.dh, case.dstate, caches))


def by_torch(case: Case) -> Result:
    """Through torch.nn and autograd, in torch's layout, wired here and not by `rnn_edu.fast`."""
    cell = case.cell
    module = getattr(torch.nn, type(cell).__name__.removesuffix("Cell"))(
        cell.D, cell.H, dtype=torch.from_numpy(cell.W_xh).dtype
    )
    b_hh = np.zeros_like(cell.b_h)
    if hasattr(cell, "b_hn"):
        b_hh[2 * cell.H :] = cell.b_hn
    values = cell.W_xh.T, cell.W_hh.T, cell.b_h, b_hh
    for parameter, value in zip(module.parameters(), values, strict=True):
        parameter.data = torch.from_numpy(value.copy())
    x = torch.from_numpy(case.x).requires_grad_()
    state = [torch.from_numpy(s)[None].requires_grad_() for s in case.state]
    h, last = module(x, state[0] if len(state) == 1 else tuple(state))
    last = last if isinstance(last, tuple) else (last,)
    outside = [torch.from_numpy(case.dh), *(torch.from_numpy(d)[None] for d in case.dstate)]
    torch.autograd.backward([h, *last], outside)

    def numpy(tensor: torch.Tensor) -> np.ndarray:
        return tensor.detach().numpy()

    dW_ih, dW_hh, db_ih, db_hh = (numpy(p.grad) for p in module.parameters())
    db_hn = [db_hh[2 * cell.H :]] if hasattr(cell, "b_hn") else []
    grads = type(cell)(dW_ih.T, dW_hh.T, db_ih, *db_hn)
    dstate0 = tuple(numpy(s.grad)[0] for s in state)
    return Result(numpy(h), tuple(numpy(s)[0] for s in last), grads, numpy(x.grad), dstate0)


def by_module(case: Case, module: torch.nn.Module) -> Result:
    """Through a module of `rnn_edu.fast` and autograd; parameters in the cell's own order."""
    x, *state = (torch.from_numpy(a).requires_grad_() for a in (case.x, *case.state))
    h, last = module(x, tuple(state))
    torch.autograd.backward([h, *last], [torch.from_numpy(d) for d in (case.dh, *case.dstate)])

    def numpy(tensor: torch.Tensor) -> np.ndarray:
        return tensor.detach().numpy()

    grads = type(case.cell)(*(numpy(p.grad) for p in module.parameters()))
    # What is not fed back has no gradient here, and zeros by hand.
    dstate0 = tuple(numpy(torch.zeros_like(s) if s.grad is None else s.grad) for s in state)
    return Result(numpy(h), tuple(map(numpy, last)), grads, numpy(x.grad), dstate0)


def assert_same(got: Any, want: Any, tol: float, name: str = "") -> None:
    """Tuples and cells member by member: shape, then dtype, then values relative to the largest."""
    if isinstance(want, tuple):
        assert len(got) == len(want), name
        names = getattr(want, "_fields", range(len(want)))
        for part, g, w in zip(names, got, want, strict=True):
            assert_same(g, w, tol, f"{name}.{part}".lstrip("."))
    elif isinstance(want, np.ndarray):
        assert got.shape == want.shape, f"{name}: {got.shape} is not {want.shape}"
        assert got.dtype == want.dtype, f"{name}: {got.dtype} is not {want.dtype}"
        if want.size:
            error = np.abs(got - want).max() / max(np.abs(want).max(), np.finfo(want.dtype).tiny)
            assert error <= tol, f"{name}: relative error {error:.1e}, at most {tol:.0e}"
    else:
        assert type(got) is type(want), name
        for (part, g), (_, w) in zip(leaves(got), leaves(want), strict=True):
            assert_same(g, w, tol, f"{name}.{part}")
