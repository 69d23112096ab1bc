"""The gated recurrent unit: one state, two gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from .cell import Cell
from .ops import Array, State, sigmoid


class GRUCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    h_prev: Array  # (N, H)
    r: Array  # (N, H) reset gate: how much of the past enters the candidate
    z: Array  # (N, H) update gate: how much of the old state is kept
    n: Array  # (N, H) candidate
    hn: Array  # (N, H) h_prev W_hn + b_hn, before r scales it
    h: Array  # (N, H)


@dataclass(frozen=True, eq=False)
class GRUCell(Cell):
    """h_t = (1 - z) * n + z * h_{t-1}

    r, z = sigmoid(x_t W_x. + h_{t-1} W_h. + b_.)
    n = tanh(x_t W_xn + b_n + r * (h_{t-1} W_hn + b_hn))

    W_xh: (D, 3H), W_hh: (H, 3H), b_h: (3H,), gates in the order r, z, n; b_hn: (H,).
    The state is (h,). As in torch, r scales the product h W_hn and z keeps the old state.
    Source: Cho et al., EMNLP 2014, where r scales h before the product; this form is the
    `linear_before_reset` variant that cuDNN and torch compute.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array
    b_hn: Array

    G: ClassVar[int] = 3
    cache_type: ClassVar[type] = GRUCache
    in_pieces: ClassVar[bool] = True

    @classmethod
    def _shapes(cls, D: int, H: int) -> dict[str, tuple[int, ...]]:
        return {**super()._shapes(D, H), "b_hn": (H,)}

    def step(self, x_t: Array, state: State) -> tuple[State, GRUCache]:
        """One turn of the loop.

        x_t: (N, D) input at time t. state: (h_prev,), (N, H).
        Returns ((h,), cache), h: (N, H). Raises TypeError or ValueError naming the argument.
        """
        x_t, (h_prev,) = self._check_step(x_t, state)
        x_r, x_z, x_n = np.split(x_t @ self.W_xh + self.b_h, 3, axis=1)
        h_r, h_z, hn = np.split(h_prev @ self.W_hh, 3, axis=1)
        hn = hn + self.b_hn
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = np.tanh(x_n + r * hn)
        h = (1 - z) * n + z * h_prev
        return (h,), GRUCache(x_t, h_prev, r, z, n, hn, h)

    def step_backward(self, dstate: State, cache: GRUCache) -> tuple[GRUCell, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh,), (N, H). cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev,)), grads: a GRUCell of gradients, dx_t: (N, D),
        dh_prev: (N, H).
        """
        x_t, h_prev, r, z, n, hn, _ = self.check_cache("cache", cache)
        (dh,) = self.check_state("dstate", dstate, len(r), finite=False)
        dn, dz = dh * (1 - z), dh * (h_prev - n)
        da_n = dn * (1 - n**2)
        dr = da_n * hn
        da_r, da_z, dhn = dr * r * (1 - r), dz * z * (1 - z), da_n * r
        da = np.hstack([da_r, da_z, da_n])  # where the input enters
        da_h = np.hstack([da_r, da_z, dhn])  # where h_prev enters: n's part passed through r
        grads = GRUCell(x_t.T @ da, h_prev.T @ da_h, da.sum(axis=0), dhn.sum(axis=0))
        return grads, da @ self.W_xh.T, (dh * z + da_h @ self.W_hh.T,)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, GRUCache]:
        """T calls of `step`: all inputs' products first, then one a step for h_prev's three gates.

        sigmoid(a) = (1 + tanh(a / 2)) / 2: the weights of r and z are halved once, before the loop.
        x: (T, N, D). state: (h,), (N, H). Returns h: (T, N, H), the last state, the cache.
        """
        T, N, _ = x.shape
        H = self.H
        half = np.repeat(np.array([0.5, 0.5, 1], self.dtype), H)
        halved = GRUCell(self.W_xh * half, self.W_hh * half, self.b_h * half, self.b_hn)
        rz = halved._project(x, slice(2 * H))  # becomes the gates, in place
        n = halved._project(x, slice(2 * H, None))  # becomes the candidate
        h = np.empty((T + 1, N, H), self.dtype)
        h[0] = state[0]
        hn = np.empty((T, N, H), self.dtype)
        recurrent = np.empty((N, 3 * H), self.dtype)
        for t in range(T):
            rz_t, n_t, h_t = rz[t], n[t], h[t + 1]
            np.matmul(h[t], halved.W_hh, out=recurrent)
            rz_t += recurrent[:, : 2 * H]
            np.tanh(rz_t, out=rz_t)
            rz_t *= 0.5
            rz_t += 0.5
            np.add(recurrent[:, 2 * H :], self.b_hn, out=hn[t])
            np.multiply(rz_t[:, :H], hn[t], out=h_t)  # h_t as scratch space
            n_t += h_t
            np.tanh(n_t, out=n_t)
            np.subtract(h[t], n_t, out=h_t)  # h = n + z * (h_prev - n)
            h_t *= rz_t[:, H:]
            h_t += n_t
        caches = GRUCache(x, h[:-1], rz[..., :H], rz[..., H:], n, hn, h[1:])
        return h[1:].copy(), (h[-1].copy(),), caches

    def sweep_backward(
        self, dh: Array, dstate: State, caches: GRUCache
    ) -> tuple[GRUCell, Array, State]:
        """T calls of `step_backward`; all local derivatives first, then a loop over dh alone.

        Four blocks side by side, dhn, da_r, da_z, da_n: h_prev W_hh enters at the first three, so
        n's columns of W_hh come first here, and x W_xh + b_h at the last three.
        dh: (T, N, H). dstate: (dh_last,), (N, H). caches: from `sweep`.
        Returns (grads, dx, (dh0,)), dx: (T, N, D), dh0: (N, H).
        """
        x, h_prev, r, z, n, hn, _ = caches
        T, N, H = r.shape
        blocks = np.empty((T, N, 4, H), self.dtype)  # first what dh is multiplied with
        dhn, da_r, da_z, da_n = np.moveaxis(blocks, 2, 0)
        new = 1 - z
        np.multiply(new, 1 - n**2, out=da_n)
        np.multiply(da_n, r, out=dhn)
        np.multiply(dhn * hn, 1 - r, out=da_r)
        np.multiply((h_prev - n) * z, new, out=da_z)
        side_by_side = blocks.reshape(T, N, 4 * H)
        da_h, da = side_by_side[..., : 3 * H], side_by_side[..., H:]
        dh_t = dstate[0].copy()
        kept = np.empty_like(dh_t)
        W_hh_T = np.ascontiguousarray(np.roll(self.W_hh, H, axis=1).T)
        for t in reversed(range(T)):
            dh_t += dh[t]
            blocks[t] *= dh_t[:, None]
            np.multiply(dh_t, z[t], out=kept)
            np.matmul(da_h[t], W_hh_T, out=dh_t)
            dh_t += kept
        dW_xh, dW_hh, db_h, dx = self._sum_over_time(x, h_prev, da, da_h)
        db_hn = dhn.sum(axis=(0, 1))
        return GRUCell(dW_xh, np.roll(dW_hh, -H, axis=1), db_h, db_hn), dx, (dh_t,)
