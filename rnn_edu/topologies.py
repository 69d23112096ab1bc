"""A cell and a readout. Which steps are read decides what the network is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from .cell import Cell
from .ops import Array, check_array, check_integers, check_rng, check_size
from .sequence import _check_cell, unroll, unroll_backward

Read = Literal["last", "every"]


class NetworkCache(NamedTuple):
    """What `Network.backward` needs."""

    h_read: Array  # (N, H) or (T, N, H)
    steps: Array | None  # (N,) the step that was read, None where each was
    h_shape: tuple[int, ...]
    caches: Any


@dataclass(frozen=True, eq=False)
class Network:
    """y = h W_hy + b_y, read after the last step (many-to-one) or after each (many-to-many).

    cell: any cell. W_hy: (H, K). b_y: (K,).
    """

    cell: Any
    W_hy: Array
    b_y: Array

    @classmethod
    def init(cls, cell: Cell, K: int, rng: np.random.Generator) -> Self:
        """A readout of K outputs for a cell, uniform on +-1/sqrt(H) like the cell itself."""
        _check_cell(cell)
        check_size("K", K)
        check_rng(rng)
        k = 1 / np.sqrt(cell.H)
        W_hy, b_y = (rng.uniform(-k, k, s).astype(cell.dtype) for s in ((cell.H, K), (K,)))
        return cls(cell, W_hy, b_y)

    def __post_init__(self) -> None:
        _check_cell(self.cell)
        check_array("W_hy", self.W_hy, (("H", self.cell.H), "K"), finite=False)
        check_array("b_y", self.b_y, (("K", self.W_hy.shape[1]),), finite=False)
        for name, a in (("W_hy", self.W_hy), ("b_y", self.b_y)):
            if a.dtype != self.cell.dtype:
                raise TypeError(f"{name} must be {self.cell.dtype} like the cell, got {a.dtype}")

    def forward(
        self, x: Array, lengths: Array | None = None, read: Read = "last"
    ) -> tuple[Array, NetworkCache]:
        """Unroll, then read.

        x: (T, N, D), padded behind each sequence's end. lengths: (N,) integers in 1..T, the step
        that is read in each sequence; T if None. read: "last" or "every".
        Returns (logits, cache), logits: (N, K) for "last", (T, N, K) for "every".
        """
        if read not in ("last", "every"):
            raise ValueError(f'read must be "last" or "every", got {read!r}')
        h, _, caches = unroll(self.cell, x)
        T, N, _ = h.shape
        steps = None
        if read == "last":
            lengths = np.full(N, T) if lengths is None else lengths
            steps = check_integers("lengths", lengths, T + 1, (N,), least=1) - 1
        h_read = h if steps is None else h[steps, np.arange(N)]
        return h_read @ self.W_hy + self.b_y, NetworkCache(h_read, steps, h.shape, caches)

    def backward(self, dlogits: Array, cache: NetworkCache) -> Self:
        """The gradient of every parameter, as a Network.

        dlogits: (N, K) or (T, N, K), as the logits. cache: from `forward`.
        """
        h_read, steps, h_shape, caches = cache
        K = self.W_hy.shape[1]
        shape = (*h_read.shape[:-1], ("K", K))
        dlogits = check_array("dlogits", dlogits, shape, self.cell.dtype, finite=False)
        dW_hy = h_read.reshape(-1, h_shape[2]).T @ dlogits.reshape(-1, K)
        dh_read = dlogits @ self.W_hy.T
        dh = dh_read
        if steps is not None:  # the loss touches one step of each sequence, the loop does the rest
            dh = np.zeros(h_shape, dh_read.dtype)
            dh[steps, np.arange(h_shape[1])] = dh_read
        dcell, _, _ = unroll_backward(self.cell, dh, caches)
        return type(self)(dcell, dW_hy, dlogits.reshape(-1, K).sum(axis=0))
