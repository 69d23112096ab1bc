"""The simple recurrent cell, in the equations of Elman (1990)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from .cell import Cell
from .ops import Array, State


class RNNCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    h_prev: Array  # (N, H)
    h: Array  # (N, H)


@dataclass(frozen=True, eq=False)
class RNNCell(Cell):
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)

    W_xh: (D, H). W_hh: (H, H). b_h: (H,). The state is (h,).
    Source: Elman, "Finding structure in time", Cognitive Science 14 (1990), with tanh for his
    logistic function.
    """

    W_xh: Array
    W_hh: Array
    b_h: Array

    G: ClassVar[int] = 1
    cache_type: ClassVar[type] = RNNCache
    in_pieces: ClassVar[bool] = True

    def step(self, x_t: Array, state: State) -> tuple[State, RNNCache]:
        """One turn of the loop.

        x_t: (N, D) input at time t. state: (h_prev,), (N, H).
        Returns ((h,), cache), h: (N, H). Raises TypeError or ValueError naming the argument.
        """
        x_t, (h_prev,) = self._check_step(x_t, state)
        h = np.tanh(x_t @ self.W_xh + h_prev @ self.W_hh + self.b_h)
        return (h,), RNNCache(x_t, h_prev, h)

    def step_backward(self, dstate: State, cache: RNNCache) -> tuple[RNNCell, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh,), (N, H). cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev,)), grads: an RNNCell of gradients, dx_t: (N, D),
        dh_prev: (N, H).
        """
        x_t, h_prev, h = self.check_cache("cache", cache)
        (dh,) = self.check_state("dstate", dstate, len(h), finite=False)
        da = dh * (1 - h**2)  # through tanh
        grads = RNNCell(x_t.T @ da, h_prev.T @ da, da.sum(axis=0))
        return grads, da @ self.W_xh.T, (da @ self.W_hh.T,)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, RNNCache]:
        """T calls of `step`, with x W_xh + b_h for all t computed before the loop starts.

        x: (T, N, D). state: (h,), (N, H). Returns h: (T, N, H), the last state, the cache.
        """
        T, N, _ = x.shape
        a = self._project(x)
        h = np.empty((T + 1, N, self.H), self.dtype)
        h[0] = state[0]
        recurrent = np.empty((N, self.H), self.dtype)
        for a_t, h_prev, h_t in zip(a, h[:-1], h[1:], strict=True):
            np.matmul(h_prev, self.W_hh, out=recurrent)
            a_t += recurrent
            np.tanh(a_t, out=h_t)
        return h[1:].copy(), (h[-1].copy(),), RNNCache(x, h[:-1], h[1:])

    def sweep_backward(
        self, dh: Array, dstate: State, caches: RNNCache
    ) -> tuple[RNNCell, Array, State]:
        """T calls of `step_backward`; the loop carries dh and nothing else.

        dh: (T, N, H). dstate: (dh_last,), (N, H). caches: from `sweep`.
        Returns (grads, dx, (dh0,)), dx: (T, N, D), dh0: (N, H).
        """
        x, h_prev, h = caches
        slope = 1 - h**2  # tanh' at every step at once
        da = np.empty_like(h)
        dh_t = dstate[0].copy()
        W_hh_T = np.ascontiguousarray(self.W_hh.T)
        for t in reversed(range(len(x))):
            dh_t += dh[t]
            np.multiply(dh_t, slope[t], out=da[t])
            np.matmul(da[t], W_hh_T, out=dh_t)
        dW_xh, dW_hh, db_h, dx = self._sum_over_time(x, h_prev, da, da)
        return RNNCell(dW_xh, dW_hh, db_h), dx, (dh_t,)
