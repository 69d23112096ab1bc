"""The minimal gated recurrent unit: gates that see the input alone, so that a scan can run it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from .cell import Cell
from .ops import Array, State, sigmoid
from .scan import scan, scan_backward


class MinGRUCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    h_prev: Array  # (N, H)
    z: Array  # (N, H) update gate: how much of the old state is kept
    n: Array  # (N, H) candidate
    h: Array  # (N, H)


@dataclass(frozen=True, eq=False)
class MinGRUCell(Cell):
    """h_t = (1 - z) * n + z * h_{t-1}

    z = sigmoid(x_t W_xz + b_z)
    n = x_t W_xn + b_n

    W_xh: (D, 2H), b_h: (2H,), in the order z, n. The state is (h,). A GRU without h_{t-1} in its
    gate and candidate, without r, which had nothing else to scale, and without tanh.
    Source: Feng et al., "Were RNNs all we needed?", arXiv:2410.01201 (2024), section 3.1, where z
    is the share that is new. As in `GRUCell` it is here the share that is kept.
    """

    W_xh: Array
    b_h: Array

    G: ClassVar[int] = 2
    cache_type: ClassVar[type] = MinGRUCache

    @classmethod
    def _shapes(cls, D: int, H: int) -> dict[str, tuple[int, ...]]:
        return {"W_xh": (D, 2 * H), "b_h": (2 * H,)}

    @property
    def H(self) -> int:
        """Hidden size."""
        return self.W_xh.shape[1] // 2

    def step(self, x_t: Array, state: State) -> tuple[State, MinGRUCache]:
        """One turn of the loop.

        x_t: (N, D) input at time t. state: (h_prev,), (N, H).
        Returns ((h,), cache), h: (N, H). Raises TypeError or ValueError naming the argument.
        """
        x_t, (h_prev,) = self._check_step(x_t, state)
        x_z, n = np.split(x_t @ self.W_xh + self.b_h, 2, axis=1)
        z = sigmoid(x_z)
        h = (1 - z) * n + z * h_prev
        return (h,), MinGRUCache(x_t, h_prev, z, n, h)

    def step_backward(self, dstate: State, cache: MinGRUCache) -> tuple[MinGRUCell, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh,), (N, H). cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev,)), grads: a MinGRUCell of gradients, dx_t: (N, D),
        dh_prev: (N, H).
        """
        x_t, h_prev, z, n, _ = self.check_cache("cache", cache)
        (dh,) = self.check_state("dstate", dstate, len(z), finite=False)
        dn, dz = dh * (1 - z), dh * (h_prev - n)
        da = np.hstack([dz * z * (1 - z), dn])
        return MinGRUCell(x_t.T @ da, da.sum(axis=0)), da @ self.W_xh.T, (dh * z,)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, MinGRUCache]:
        """T calls of `step` without a loop over them: z and n of all steps, then one `scan`.

        x: (T, N, D). state: (h,), (N, H). Returns h: (T, N, H), the last state, the cache.
        """
        x_z, n = np.split(self._project(x), 2, axis=2)
        z = sigmoid(x_z)
        h = scan(z, (1 - z) * n, state[0])
        h_prev = np.concatenate([state[0][None], h[:-1]])
        return h, (h[-1].copy(),), MinGRUCache(x, h_prev, z, n, h)

    def sweep_backward(
        self, dh: Array, dstate: State, caches: MinGRUCache
    ) -> tuple[MinGRUCell, Array, State]:
        """T calls of `step_backward`, again as one scan, from the last step to the first.

        dh: (T, N, H). dstate: (dh_last,), (N, H). caches: from `sweep`.
        Returns (grads, dx, (dh0,)), dx: (T, N, D), dh0: (N, H).
        """
        x, h_prev, z, n, _ = caches
        _, dh, dh0 = scan_backward(z, h_prev, dh, dstate[0])  # dh: now by all paths
        da = np.concatenate([dh * (h_prev - n) * z * (1 - z), dh * (1 - z)], axis=2)
        rows = da.reshape(-1, da.shape[2])
        dW_xh = x.reshape(len(rows), -1).T @ rows
        return MinGRUCell(dW_xh, rows.sum(axis=0)), da @ self.W_xh.T, (dh0,)
