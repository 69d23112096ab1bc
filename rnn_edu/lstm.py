"""Long short-term memory: a cell state on a path of its own, and three gates that guard it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from .cell import Cell
from .ops import Array, State, sigmoid


class LSTMCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    h_prev: Array  # (N, H)
    c_prev: Array  # (N, H)
    i: Array  # (N, H) input gate: how much of g is written
    f: Array  # (N, H) forget gate: how much of c_prev is kept
    g: Array  # (N, H) candidate
    o: Array  # (N, H) output gate: how much of the cell is shown
    c: Array  # (N, H)
    tanh_c: Array  # (N, H)


@dataclass(frozen=True, eq=False)
class LSTMCell(Cell):
    """c_t = f * c_{t-1} + i * g,  h_t = o * tanh(c_t)

    i, f, o = sigmoid(x_t W_x. + h_{t-1} W_h. + b_.),  g = tanh(x_t W_xg + h_{t-1} W_hg + b_g)

    W_xh: (D, 4H), W_hh: (H, 4H), b_h: (4H,), gates in the order i, f, g, o, as in torch.
    The state is (h, c).
    Source: Hochreiter and Schmidhuber, Neural Computation 9 (1997); the forget gate from Gers,
    Schmidhuber and Cummins, Neural Computation 12 (2000).
    """

    W_xh: Array
    W_hh: Array
    b_h: Array

    G: ClassVar[int] = 4
    cache_type: ClassVar[type] = LSTMCache
    in_pieces: ClassVar[bool] = True
    state_names: ClassVar[tuple[str, ...]] = ("h", "c")

    def step(self, x_t: Array, state: State) -> tuple[State, LSTMCache]:
        """One turn of the loop.

        x_t: (N, D) input at time t. state: (h_prev, c_prev), each (N, H).
        Returns ((h, c), cache), each (N, H). Raises TypeError or ValueError naming the argument.
        """
        x_t, (h_prev, c_prev) = self._check_step(x_t, state)
        a = x_t @ self.W_xh + h_prev @ self.W_hh + self.b_h  # (N, 4H)
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        return (h, c), LSTMCache(x_t, h_prev, c_prev, i, f, g, o, c, tanh_c)

    def step_backward(self, dstate: State, cache: LSTMCache) -> tuple[LSTMCell, Array, State]:
        """The gradients of one step, from the gradients of the state that it returned.

        dstate: (dh, dc), each (N, H). cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev, dc_prev)), grads: an LSTMCell of gradients, dx_t: (N, D),
        dh_prev, dc_prev: (N, H).
        """
        x_t, h_prev, c_prev, i, f, g, o, _, tanh_c = self.check_cache("cache", cache)
        dh, dc = self.check_state("dstate", dstate, len(i), finite=False)
        dc = dc + dh * o * (1 - tanh_c**2)  # c reaches the loss through h, and through c_{t+1}
        di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
        da = np.hstack([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)])
        grads = LSTMCell(x_t.T @ da, h_prev.T @ da, da.sum(axis=0))
        return grads, da @ self.W_xh.T, (da @ self.W_hh.T, dc * f)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, LSTMCache]:
        """T calls of `step`: one product for all inputs, and one tanh for the four gates.

        sigmoid(a) = (1 + tanh(a / 2)) / 2, so halving the columns of i, f and o beforehand lets
        a single tanh serve all four.
        x: (T, N, D). state: (h, c), each (N, H). Returns h: (T, N, H), the last state, the cache.
        """
        T, N, _ = x.shape
        H = self.H
        half = np.repeat(np.array([0.5, 0.5, 1, 0.5], self.dtype), H)
        lift = 1 - half  # 1/2 for the sigmoids, 0 for tanh
        halved = LSTMCell(self.W_xh * half, self.W_hh * half, self.b_h * half)
        a = halved._project(x)  # becomes the four gates, in place
        h, c = np.empty((2, T + 1, N, H), self.dtype)
        h[0], c[0] = state
        tanh_c = np.empty((T, N, H), self.dtype)
        recurrent, written = np.empty((N, 4 * H), self.dtype), np.empty((N, H), self.dtype)
        for t in range(T):
            a_t = a[t]
            np.matmul(h[t], halved.W_hh, out=recurrent)
            a_t += recurrent
            np.tanh(a_t, out=a_t)
            a_t *= half
            a_t += lift  # now the gates
            np.multiply(a_t[:, :H], a_t[:, 2 * H : 3 * H], out=written)  # i * g
            np.multiply(a_t[:, H : 2 * H], c[t], out=c[t + 1])  # f * c_prev
            c[t + 1] += written
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(a_t[:, 3 * H :], tanh_c[t], out=h[t + 1])
        i, f, g, o = np.split(a, 4, axis=2)
        caches = LSTMCache(x, h[:-1], c[:-1], i, f, g, o, c[1:], tanh_c)
        return h[1:].copy(), (h[-1].copy(), c[-1].copy()), caches

    def sweep_backward(
        self, dh: Array, dstate: State, caches: LSTMCache
    ) -> tuple[LSTMCell, Array, State]:
        """T calls of `step_backward`; all local derivatives first, then a loop over dh and dc.

        dh: (T, N, H). dstate: (dh_last, dc_last), each (N, H). caches: from `sweep`.
        Returns (grads, dx, (dh0, dc0)), dx: (T, N, D), dh0, dc0: (N, H).
        """
        x, h_prev, c_prev, i, f, g, o, _, tanh_c = caches
        T, N, H = i.shape
        dc_dh = o * (1 - tanh_c**2)  # what dh adds to dc
        local = np.empty((T, N, 4, H), self.dtype)  # d(c, h) / d(pre-activations)
        local[:, :, 0] = g * i * (1 - i)
        local[:, :, 1] = c_prev * f * (1 - f)
        local[:, :, 2] = i * (1 - g**2)
        local[:, :, 3] = tanh_c * o * (1 - o)
        da = local  # overwritten step by step: local[t] is read once
        dh_t, dc_t = (d.copy() for d in dstate)
        W_hh_T = np.ascontiguousarray(self.W_hh.T)
        for t in reversed(range(T)):
            dh_t += dh[t]
            dc_t += dh_t * dc_dh[t]
            da[t, :, :3] *= dc_t[:, None]
            da[t, :, 3] *= dh_t
            dc_t *= f[t]
            np.matmul(da[t].reshape(N, 4 * H), W_hh_T, out=dh_t)
        da = da.reshape(T, N, 4 * H)
        dW_xh, dW_hh, db_h, dx = self._sum_over_time(x, h_prev, da, da)
        return LSTMCell(dW_xh, dW_hh, db_h), dx, (dh_t, dc_t)
