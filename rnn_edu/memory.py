"""The state as a matrix: it is written to with a key and a value, and read with a query.

Three cells with the same projections, the same read and three ways to write. The loop that each
runs is linear in its state: S_t is S_{t-1} times something that x_t decides, plus a new entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from .cell import KeyedCell
from .ops import Array, State, sigmoid

EPS = 1e-6  # under the root: a key or query of zeros stays one


class MemoryCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    q: Array  # (N, K) query, of length 1
    k: Array  # (N, K) key, of length 1
    v: Array  # (N, H) value
    g: Array  # (N, K) or (N, 1) what the gate says; 1 where there is none
    lengths: Array  # (N, 2) of query and key before they were scaled to 1
    S_prev: Array  # (N, K, H)
    S: Array  # (N, K, H)


@dataclass(frozen=True, eq=False)
class LinearAttentionCell(KeyedCell):
    """S_t = S_{t-1} + k_t^T v_t, read as h_t = q_t S_t

    v_t = x_t W_xh + b_h
    q_t, k_t = the two halves of x_t W_xk + b_k, each scaled to length 1

    W_xh: (D, H). b_h: (H,). W_xk: (D, 2K), query then key. b_k: (2K,). K is the width of a key.
    The state is (h, S), h: (N, H), S: (N, K, H); h is what was read last and is not fed back.
    Source: Katharopoulos et al., "Transformers are RNNs", ICML 2020, section 3.4, without their
    normaliser, and with unit keys and queries in place of their feature map.
    """

    W_xh: Array
    b_h: Array
    W_xk: Array
    b_k: Array

    state_names: ClassVar[tuple[str, ...]] = ("h", "S")
    cache_type: ClassVar[type] = MemoryCache

    @classmethod
    def _shapes(cls, D: int, H: int, K: int | None = None) -> dict[str, tuple[int, ...]]:
        K = H if K is None else K
        return {"W_xh": (D, H), "b_h": (H,), "W_xk": (D, 2 * K), "b_k": (2 * K,)}

    def _state_shapes(self) -> dict[str, dict[str, int]]:
        return {"h": {"H": self.H}, "S": {"K": self.K, "H": self.H}}

    def step(self, x_t: Array, state: State) -> tuple[State, MemoryCache]:
        """One turn of the loop: write, then read.

        x_t: (N, D) input at time t. state: (h_prev, S_prev), (N, H) and (N, K, H).
        Returns ((h, S), cache), h: (N, H), S: (N, K, H).
        Raises TypeError or ValueError naming the argument.
        """
        x_t, (_, S_prev) = self._check_step(x_t, state)
        q, k, v, g, lengths = self._look(x_t)
        S = self._write(S_prev, k, v, g)
        return (_read(q, S), S), MemoryCache(x_t, q, k, v, g, lengths, S_prev, S)

    def step_backward(self, dstate: State, cache: MemoryCache) -> tuple[Self, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh, dS), (N, H) and (N, K, H). cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev, dS_prev)), grads: a cell of gradients, dx_t: (N, D),
        dh_prev: (N, H), zeros: nothing reads it. dS_prev: (N, K, H).
        """
        x_t, q, k, v, g, lengths, S_prev, S = self.check_cache("cache", cache)
        dh, dS = self.check_state("dstate", dstate, len(q), finite=False)
        dq, dS = _read(dh, S.mT), dS + _outer(q, dh)
        dS_prev, dk, dv, dg = self._write_backward(dS, S_prev, k, v, g)
        grads, dx_t = self._look_backward(x_t, (q, k, g, lengths), (dq, dk, dv, dg))
        return grads, dx_t, (np.zeros_like(dh), dS_prev)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, MemoryCache]:
        """T calls of `step`: projections before the loop, reads behind it, the writes inside.

        x: (T, N, D). state: (h, S), (N, H) and (N, K, H). Returns h: (T, N, H), the last
        state, the cache.
        """
        T, N, _ = x.shape
        q, k, v, g, lengths = self._look(x)
        S = np.empty((T + 1, N, self.K, self.H), self.dtype)
        S[0] = state[1]
        for t in range(T):
            S[t + 1] = self._write(S[t], k[t], v[t], g[t])
        h = _read(q, S[1:])
        return h, (h[-1].copy(), S[-1].copy()), MemoryCache(x, q, k, v, g, lengths, S[:-1], S[1:])

    def sweep_backward(
        self, dh: Array, dstate: State, caches: MemoryCache
    ) -> tuple[Self, Array, State]:
        """T calls of `step_backward`; the loop carries dS, the projections come behind it.

        dh: (T, N, H). dstate: (dh_last, dS_last), (N, H) and (N, K, H). caches: from `sweep`.
        Returns (grads, dx, (dh0, dS0)), dx: (T, N, D), dh0: (N, H), dS0: (N, K, H).
        """
        x, q, k, v, g, lengths, S_prev, S = caches
        dh = dh.copy()
        dh[-1] += dstate[0]
        dq, dk, dv, dg = _read(dh, S.mT), np.empty_like(k), np.empty_like(v), np.empty_like(g)
        dS = dstate[1]
        for t in reversed(range(len(x))):
            dS, dk[t], dv[t], dg[t] = self._write_backward(
                dS + _outer(q[t], dh[t]), S_prev[t], k[t], v[t], g[t]
            )
        grads, dx = self._look_backward(x, (q, k, g, lengths), (dq, dk, dv, dg))
        return grads, dx, (np.zeros_like(dstate[0]), dS)

    def _look(self, x: Array) -> tuple[Array, ...]:
        """q, k, v, g and the lengths, for x: (..., D)."""
        qk = (x @ self.W_xk + self.b_k).reshape(*x.shape[:-1], 2, self.K)
        lengths = np.sqrt((qk**2).sum(axis=-1) + EPS)
        qk /= lengths[..., None]
        v, g = x @ self.W_xh + self.b_h, self._gate(x)
        return qk[..., 0, :], qk[..., 1, :], v, g, lengths

    def _look_backward(
        self, x: Array, found: tuple[Array, ...], dfound: tuple[Array, ...]
    ) -> tuple[Self, Array]:
        """The gradients of the parameters, summed over all axes of x but the last, and of x."""
        q, k, g, lengths = found
        dq, dk, dv, dg = dfound
        unit, dqk = np.stack([q, k], axis=-2), np.stack([dq, dk], axis=-2)
        dqk -= unit * (unit * dqk).sum(axis=-1, keepdims=True)  # the length stays 1
        dqk = (dqk / lengths[..., None]).reshape(*x.shape[:-1], 2 * self.K)
        grads, dx = [], 0
        for W, da in ((self.W_xh, dv), (self.W_xk, dqk), *self._gate_backward(g, dg)):
            grads += [_sum_of_products(x, da), da.reshape(-1, W.shape[1]).sum(axis=0)]
            dx = dx + da @ W.T
        return type(self)(*grads), dx

    def _gate(self, x: Array) -> Array:
        return np.ones((*x.shape[:-1], 1), self.dtype)

    def _gate_backward(self, g: Array, dg: Array) -> tuple[tuple[Array, Array], ...]:
        """(W, the gradient where x W enters), if there is a gate."""
        return ()

    def _write(self, S_prev: Array, k: Array, v: Array, g: Array) -> Array:
        """S: (N, K, H), from S_prev: (N, K, H), k: (N, K), v: (N, H) and the gate."""
        return S_prev + _outer(k, v)

    def _write_backward(
        self, dS: Array, S_prev: Array, k: Array, v: Array, g: Array
    ) -> tuple[Array, ...]:
        """(dS_prev, dk, dv, dg) from dS: (N, K, H)."""
        return dS, _read(v, dS.mT), _read(k, dS), np.zeros_like(g)


@dataclass(frozen=True, eq=False)
class _WithGate(LinearAttentionCell):
    """A gate between 0 and 1: W_xg and b_g, of as many columns as the subclass says."""

    W_xg: Array
    b_g: Array

    def _gate(self, x: Array) -> Array:
        return sigmoid(x @ self.W_xg + self.b_g)

    def _gate_backward(self, g: Array, dg: Array) -> tuple[tuple[Array, Array], ...]:
        return ((self.W_xg, dg * g * (1 - g)),)


@dataclass(frozen=True, eq=False)
class GatedLinearAttentionCell(_WithGate):
    """S_t = a_t * S_{t-1} + k_t^T v_t, read as h_t = q_t S_t: x_t decides what is forgotten

    a_t = sigmoid(x_t W_xg + b_g), one for each of the K rows of S; v_t, q_t, k_t as in
    LinearAttentionCell.

    W_xh: (D, H). b_h: (H,). W_xk: (D, 2K). b_k: (2K,). W_xg: (D, K). b_g: (K,).
    The state is (h, S), h: (N, H), S: (N, K, H).
    Source: Yang et al., "Gated linear attention transformers with hardware-efficient training",
    ICML 2024, section 4, without the power of 1/16 on their gate.
    """

    @classmethod
    def _drawn(cls, *args: Any, **sizes: int) -> Self:
        """As every cell's, with 3 added to b_g: at first, 0.95 of S stays."""
        cell = super()._drawn(*args, **sizes)
        cell.b_g[...] += 3
        return cell

    @classmethod
    def _shapes(cls, D: int, H: int, K: int | None = None) -> dict[str, tuple[int, ...]]:
        K = H if K is None else K
        return {**super()._shapes(D, H, K), "W_xg": (D, K), "b_g": (K,)}

    def _write(self, S_prev: Array, k: Array, v: Array, g: Array) -> Array:
        return g[..., None] * S_prev + _outer(k, v)

    def _write_backward(
        self, dS: Array, S_prev: Array, k: Array, v: Array, g: Array
    ) -> tuple[Array, ...]:
        dg = (dS * S_prev).sum(axis=-1)
        return g[..., None] * dS, _read(v, dS.mT), _read(k, dS), dg


@dataclass(frozen=True, eq=False)
class DeltaCell(_WithGate):
    """S_t = S_{t-1} + beta_t k_t^T (v_t - k_t S_{t-1}), read as h_t = q_t S_t

    beta_t = sigmoid(x_t W_xg + b_g), a number; v_t, q_t, k_t as in LinearAttentionCell. What the
    key reads now moves towards the value, all the way where beta is 1: it is overwritten.

    W_xh: (D, H). b_h: (H,). W_xk: (D, 2K). b_k: (2K,). W_xg: (D, 1). b_g: (1,).
    The state is (h, S), h: (N, H), S: (N, K, H).
    Source: Schlag, Irie and Schmidhuber, "Linear transformers are secretly fast weight
    programmers", ICML 2021, section 4, after Widrow and Hoff (1960); with unit keys as in Yang
    et al., "Parallelizing linear transformers with the delta rule", NeurIPS 2024.
    """

    @classmethod
    def _shapes(cls, D: int, H: int, K: int | None = None) -> dict[str, tuple[int, ...]]:
        return {**super()._shapes(D, H, K), "W_xg": (D, 1), "b_g": (1,)}

    def _write(self, S_prev: Array, k: Array, v: Array, g: Array) -> Array:
        return S_prev + _outer(k, g * (v - _read(k, S_prev)))

    def _write_backward(
        self, dS: Array, S_prev: Array, k: Array, v: Array, g: Array
    ) -> tuple[Array, ...]:
        error = v - _read(k, S_prev)
        dnew = _read(k, dS)  # what the gradient of S says to k's new entry, g * error
        derror = g * dnew
        dk = _read(g * error, dS.mT) - _read(derror, S_prev.mT)
        dg = (dnew * error).sum(axis=-1, keepdims=True)
        return dS - _outer(k, derror), dk, derror, dg


def _read(q: Array, S: Array) -> Array:
    """q S for every sequence: (..., K) and (..., K, H) give (..., H)."""
    return (q[..., None, :] @ S)[..., 0, :]


def _outer(k: Array, v: Array) -> Array:
    """k^T v for every sequence: (..., K) and (..., H) give (..., K, H)."""
    return k[..., :, None] * v[..., None, :]


def _sum_of_products(a: Array, da: Array) -> Array:
    """The gradient of W in a W, over all steps and sequences at once: (rows, columns)."""
    return a.reshape(-1, a.shape[-1]).T @ da.reshape(-1, da.shape[-1])
