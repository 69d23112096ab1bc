"""The ways to take one cell through one batch: what the benches of cells compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from rnn_edu import GRUCell, LSTMCell, RNNCell, fast, unroll, unroll_backward
from rnn_edu.cell import Cell

KINDS = {"RNN": RNNCell, "GRU": GRUCell, "LSTM": LSTMCell}
TORCH = "`torch.nn`"
NUMPY = "NumPy"
FAST = "`rnn_edu.fast`"
STEPS = "NumPy, step by step"
CELLS = "loop over `torch.nn.*Cell`"
PRODUCTS = "matrix products alone"


class Shape(NamedTuple):
    """Sequences in the batch, time steps, input size, hidden size."""

    N: int
    T: int
    D: int
    H: int

    def __str__(self) -> str:
        return ",\N{NO-BREAK SPACE}".join(map(str, self))


Way = Callable[[], Any]


def ways(kind: str, shape: Shape, training: bool) -> dict[str, Way]:
    """The same work six times, in float32, forward or forward and backward.

    The first, torch.nn, is what the others are compared with. All gradients are asked for, that of
    the input too. The products are those that no way can do without, into memory that is there.
    """
    rng = np.random.default_rng(0)
    cell = KINDS[kind].init(shape.D, shape.H, rng, np.float32)
    x = rng.normal(size=(shape.T, shape.N, shape.D)).astype(np.float32)
    dh = rng.normal(size=(shape.T, shape.N, shape.H)).astype(np.float32)
    return {
        TORCH: in_torch(getattr(nn, kind)(shape.D, shape.H), x, dh, training),
        NUMPY: by_sweep(cell, x, dh, training),
        FAST: in_torch(getattr(fast, kind)(shape.D, shape.H), x, dh, training),
        STEPS: by_steps(cell, x, dh, training),
        CELLS: in_torch(CellLoop(kind, shape), x, dh, training),
        PRODUCTS: products(cell, x, dh, training),
    }


def by_sweep(cell: Cell, x: np.ndarray, dh: np.ndarray, training: bool) -> Way:
    """The reference as it is meant to be used."""

    def run() -> None:
        caches = unroll(cell, x)[2]
        if training:
            unroll_backward(cell, dh, caches)

    return run


def by_steps(cell: Cell, x: np.ndarray, dh: np.ndarray, training: bool) -> Way:
    """The equations one step after the other, as one first writes them."""
    zero = cell.zero_state(x.shape[1])

    def run() -> None:
        caches = Cell.sweep(cell, x, zero)[2]
        if training:
            Cell.sweep_backward(cell, dh, zero, caches)

    return run


class CellLoop(nn.Module):
    """torch.nn.RNNCell, GRUCell or LSTMCell, called once a step."""

    def __init__(self, kind: str, shape: Shape) -> None:
        super().__init__()
        self.cell = getattr(nn, f"{kind}Cell")(shape.D, shape.H)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        """x: (T, N, D). Returns (h,), (T, N, H)."""
        state, h = None, []
        for x_t in x:
            state = self.cell(x_t, state)
            h.append(state[0] if isinstance(state, tuple) else state)
        return (torch.stack(h),)


def in_torch(module: nn.Module, x: np.ndarray, dh: np.ndarray, training: bool) -> Way:
    """A module that takes (T, N, D) and returns h: (T, N, H) first."""
    x_t, dh_t = torch.from_numpy(x).requires_grad_(training), torch.from_numpy(dh)

    def step() -> None:
        module.zero_grad()
        x_t.grad = None
        module(x_t)[0].backward(dh_t)

    @torch.no_grad()
    def forward() -> None:
        module(x_t)

    return step if training else forward


def products(cell: Cell, x: np.ndarray, dh: np.ndarray, training: bool) -> Way:
    """x W_xh at once and h W_hh in T pieces; backward da W_hh^T in T pieces, and three at once."""
    T, N, D = x.shape
    da = np.ones((T, N, cell.W_xh.shape[1]), np.float32)
    x2, h2, da2 = x.reshape(T * N, D), dh.reshape(T * N, cell.H), da.reshape(T * N, -1)
    projected, recurrent, carried = np.empty_like(da2), np.empty_like(da[0]), np.empty_like(dh[0])
    W_xh_T, W_hh_T = (np.ascontiguousarray(W.T) for W in (cell.W_xh, cell.W_hh))

    def run() -> None:
        np.matmul(x2, cell.W_xh, out=projected)
        for h_t in dh:
            np.matmul(h_t, cell.W_hh, out=recurrent)
        if training:
            for da_t in da:
                np.matmul(da_t, W_hh_T, out=carried)
            x2.T @ da2, h2.T @ da2, da2 @ W_xh_T

    return run
