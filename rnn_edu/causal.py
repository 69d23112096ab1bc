"""Attention without a second sequence: each step looks back at all steps up to itself.

As a cell it has a state that grows. A recurrent cell makes a summary of what it has read and
throws the rest away; this one keeps a key and a value of every step, and summarises when asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from .cell import KeyedCell
from .ops import Array, State, check_array, softmax


class CausalCache(NamedTuple):
    """What the backward pass needs. `sweep` puts a time axis in front of x, q and weights; keys
    and values are those of its last step, and step t saw all but the last T-1-t places."""

    x: Array  # (N, D)
    q: Array  # (N, K) query
    weights: Array  # (N, P), each row sums to 1; 0 where the future stands
    keys: Array  # (N, P, K)
    values: Array  # (N, P, H)


@dataclass(frozen=True, eq=False)
class CausalAttention(KeyedCell):
    """h_t = sum over s <= t of a_ts v_s,  a_t = softmax over s <= t of q_t k_s^T / sqrt(K)

    v_t = x_t W_xh
    q_t, k_t = the two halves of x_t W_xk

    W_xh: (D, H). W_xk: (D, 2K), query then key. K is the width of a key.
    The state is (h, keys, values), h: (N, H), keys: (N, P, K), values: (N, P, H), of the P steps
    read so far: the "KV cache". At first P = 0. h is what was read last and is not fed back.
    Nothing here knows the order of the past: who needs it must put it into x.
    Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 1, with one head.
    """

    W_xh: Array
    W_xk: Array

    state_names: ClassVar[tuple[str, ...]] = ("h", "keys", "values")
    cache_type: ClassVar[type] = CausalCache

    @classmethod
    def _shapes(cls, D: int, H: int, K: int | None = None) -> dict[str, tuple[int, ...]]:
        return {"W_xh": (D, H), "W_xk": (D, 2 * (H if K is None else K))}

    def _state_shapes(self, P: int = 0) -> dict[str, dict[str, int]]:
        return {
            "h": {"H": self.H},
            "keys": {"P": P, "K": self.K},
            "values": {"P": P, "H": self.H},
        }

    def check_state(self, name: str, state: Any, N: int, *, finite: bool = True) -> State:
        """As every cell's, where keys and values may have any number of places, as long as both
        have the same."""
        if not isinstance(state, tuple) or len(state) != 3:
            return super().check_state(name, state, N)  # says what is wrong with it
        P = state[1].shape[1] if getattr(state[1], "ndim", 0) == 3 else 0
        return tuple(
            check_array(f"{name}.{part}", a, (("N", N), *sizes.items()), self.dtype, finite=finite)
            for a, (part, sizes) in zip(state, self._state_shapes(P).items(), strict=True)
        )

    def step(self, x_t: Array, state: State) -> tuple[State, CausalCache]:
        """One turn of the loop: put a key and a value into the cache, then look at all of it.

        x_t: (N, D) input at time t. state: (h_prev, keys, values), h_prev: (N, H),
        keys: (N, P, K), values: (N, P, H).
        Returns ((h, keys, values), cache), h: (N, H); keys and values have one place more.
        Raises TypeError or ValueError naming the argument.
        """
        x_t, (_, keys, values) = self._check_step(x_t, state)
        q, k = np.split(x_t @ self.W_xk, 2, axis=1)
        keys = np.concatenate([keys, k[:, None]], axis=1)
        values = np.concatenate([values, (x_t @ self.W_xh)[:, None]], axis=1)
        score = (keys @ q[:, :, None])[:, :, 0] / self._root_K
        weights = softmax(score)
        h = (weights[:, None] @ values)[:, 0]
        return (h, keys, values), CausalCache(x_t, q, weights, keys, values)

    def step_backward(self, dstate: State, cache: CausalCache) -> tuple[Self, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh, dkeys, dvalues), dh: (N, H), dkeys: (N, P, K), dvalues: (N, P, H).
        cache: as `step` returned it.
        Returns (grads, dx_t, dstate_prev), grads: a CausalAttention of gradients, dx_t: (N, D);
        dkeys and dvalues in dstate_prev have one place less, and its dh is zero: nothing reads h.
        """
        x_t, q, weights, keys, values = self.check_cache("cache", cache)
        dh, dkeys, dvalues = self._check_dstate(dstate, keys)
        dscore = self._through_softmax(weights, (values @ dh[:, :, None])[:, :, 0])
        dq = (dscore[:, None] @ keys)[:, 0]
        dkeys = dkeys + dscore[:, :, None] * q[:, None]  # a place is paid by all who look at it
        dvalues = dvalues + weights[:, :, None] * dh[:, None]
        dv, dqk = dvalues[:, -1], np.hstack([dq, dkeys[:, -1]])
        grads = type(self)(x_t.T @ dv, x_t.T @ dqk)
        dx_t = dv @ self.W_xh.T + dqk @ self.W_xk.T
        return grads, dx_t, (np.zeros_like(dh), dkeys[:, :-1], dvalues[:, :-1])

    def sweep(self, x: Array, state: State) -> tuple[Array, State, CausalCache]:
        """T calls of `step` without a loop over them: all T x P scores at once, the future struck.

        x: (T, N, D). state: (h, keys, values) of P0 steps. Returns h: (T, N, H), the last state,
        the cache; P = P0 + T.
        """
        T, P0 = len(x), state[1].shape[1]
        qk, v = (np.swapaxes(x @ W, 0, 1) for W in (self.W_xk, self.W_xh))  # (N, T, ...)
        q, k = np.split(qk, 2, axis=2)
        keys, values = (np.concatenate(p, axis=1) for p in ((state[1], k), (state[2], v)))
        score = q @ keys.mT / self._root_K  # (N, T, P)
        score[:, np.triu(np.ones((T, P0 + T), bool), k=P0 + 1)] = -np.inf
        weights = softmax(score)
        h = np.ascontiguousarray((weights @ values).swapaxes(0, 1))
        caches = CausalCache(x, q.swapaxes(0, 1), weights.swapaxes(0, 1), keys, values)
        return h, (h[-1].copy(), keys, values), caches

    def sweep_backward(
        self, dh: Array, dstate: State, caches: CausalCache
    ) -> tuple[Self, Array, State]:
        """T calls of `step_backward`, without a loop.

        dh: (T, N, H). dstate: (dh_last, dkeys, dvalues), dh_last: (N, H), dkeys: (N, P, K),
        dvalues: (N, P, H), or with no places if nothing reads the last cache. caches: from `sweep`.
        Returns (grads, dx, dstate0), dx: (T, N, D); dstate0 is the gradient of the P0 places that
        the sweep started from.
        """
        x, q, weights, keys, values = caches
        dh_last, dkeys, dvalues = self._check_dstate(dstate, keys)
        P0 = keys.shape[1] - len(x)
        dh = dh.copy()
        dh[-1] += dh_last
        q, weights, dh = (a.swapaxes(0, 1) for a in (q, weights, dh))  # (N, T, ...)
        dscore = self._through_softmax(weights, dh @ values.mT)
        dkeys = dkeys + dscore.mT @ q
        dvalues = dvalues + weights.mT @ dh
        dv, dqk = dvalues[:, P0:], np.concatenate([dscore @ keys, dkeys[:, P0:]], axis=2)
        dv, dqk = (np.ascontiguousarray(a.swapaxes(0, 1)) for a in (dv, dqk))  # (T, N, ...)
        rows = x.reshape(-1, self.D).T
        grads = type(self)(rows @ dv.reshape(-1, self.H), rows @ dqk.reshape(-1, 2 * self.K))
        dx = dv @ self.W_xh.T + dqk @ self.W_xk.T
        return grads, dx, (np.zeros_like(dh_last), dkeys[:, :P0], dvalues[:, :P0])

    @property
    def _root_K(self) -> np.floating:
        """sqrt(K): a sum of K products of that size is as large as one of them."""
        return self.dtype.type(np.sqrt(self.K))

    def _through_softmax(self, weights: Array, dweights: Array) -> Array:
        mean = (weights * dweights).sum(axis=-1, keepdims=True)
        return weights * (dweights - mean) / self._root_K

    def _check_dstate(self, dstate: Any, keys: Array) -> State:
        """(dh, dkeys, dvalues) with the places of `keys`; zeros for those of a state with none."""
        N, P, _ = keys.shape
        dh, dkeys, dvalues = self.check_state("dstate", dstate, N, finite=False)
        if not dkeys.size:
            return dh, np.zeros_like(keys), np.zeros((N, P, self.H), self.dtype)
        shape = (("N", N), ("P", P), ("K", self.K))
        return dh, check_array("dstate.keys", dkeys, shape, finite=False), dvalues
