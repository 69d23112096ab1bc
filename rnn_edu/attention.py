"""Attention: before each answer, look again at all that was read, and take most of what fits.

Without it a decoder knows of the source what fits into one state; with it, every place of the
source stays in sight. The loop is the same: attention comes after it, for all S steps at once.

Source: Bahdanau, Cho and Bengio, ICLR 2015; here in the form of Luong, Pham and Manning, EMNLP
2015: the "general" score, equations 5 to 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from .cell import Cell, check_cell
from .ops import (
    Array,
    State,
    check_array,
    check_dtype,
    check_rng,
    check_size,
    check_type,
    softmax,
)
from .sequence import unroll, unroll_backward


class AttentionCache(NamedTuple):
    """What `Attention.backward` needs; `weights` is what a figure shows."""

    weights: Array  # (S, N, P), each row sums to 1
    h: Array  # (S, N, H)
    query: Array  # (S, N, M)
    memory: Array  # (P, N, M)
    read: Array  # (S, N, M+H), the context beside h
    h_tilde: Array  # (S, N, H)


@dataclass(frozen=True, eq=False)
class Attention:
    """Which of P places each of S states looks at, and the state that knows what it saw.

    score   = (h W_a) memory^T          how well each place answers the query
    weights = softmax(score)            over the places that are there
    context = weights memory            their weighted mean
    h_tilde = tanh([context, h] W_c)

    W_a: (H, M). W_c: (M+H, H). M is the size of a place in the memory.
    """

    W_a: Array
    W_c: Array

    @classmethod
    def init(cls, H: int, M: int, rng: np.random.Generator, dtype: Any = np.float64) -> Self:
        """Draw both from the uniform distribution on +-1/sqrt(rows)."""
        check_size("H", H)
        check_size("M", M)
        check_rng(rng)
        check_dtype(dtype)
        shapes = (H, M), (M + H, H)
        as_float = np.dtype(dtype).type
        return cls(*(rng.uniform(-1, 1, s).astype(dtype) / as_float(np.sqrt(s[0])) for s in shapes))

    def __post_init__(self) -> None:
        H, M = check_array("W_a", self.W_a, ("H", "M"), finite=False).shape
        check_array("W_c", self.W_c, (("M+H", M + H), ("H", H)), finite=False)
        if self.W_c.dtype != self.W_a.dtype:
            raise TypeError(f"W_c must be {self.W_a.dtype} like W_a, got {self.W_c.dtype}")

    def forward(
        self, h: Array, memory: Array, mask: Array | None = None
    ) -> tuple[Array, AttentionCache]:
        """Look, for every state at once.

        h: (S, N, H), the decoder's states. memory: (P, N, M), what can be looked at.
        mask: (P, N) booleans, True where a place is there; all are if None.
        Returns (h_tilde, cache), h_tilde: (S, N, H).
        Raises TypeError or ValueError naming the argument, also for a sequence without a place.
        """
        H, M = self.W_a.shape
        h = check_array("h", h, ("S", "N", ("H", H)), self.W_a.dtype)
        N = h.shape[1]
        memory = check_array("memory", memory, ("P", ("N", N), ("M", M)), self.W_a.dtype)
        query = h @ self.W_a
        score = _over_places(query, memory)  # (S, N, P)
        if mask is not None:
            score[:, ~_check_mask(mask, memory.shape[:2]).T] = -np.inf
        weights = softmax(score)
        read = np.concatenate([_mean_of_places(weights, memory), h], axis=2)
        h_tilde = np.tanh(read @ self.W_c)
        return h_tilde, AttentionCache(weights, h, query, memory, read, h_tilde)

    def backward(self, dh_tilde: Array, cache: AttentionCache) -> tuple[Self, Array, Array]:
        """The gradients of the parameters, of the states and of the memory.

        dh_tilde: (S, N, H). cache: from `forward`.
        Returns (grads, dh, dmemory), dh: (S, N, H), dmemory: (P, N, M): a place is paid twice,
        for what it gave to the mean and for how well it fitted the query.
        """
        check_type("cache", cache, AttentionCache)
        weights, h, query, memory, read, h_tilde = cache
        M = self.W_a.shape[1]
        dh_tilde = check_array("dh_tilde", dh_tilde, h_tilde.shape, h_tilde.dtype, finite=False)
        da = dh_tilde * (1 - h_tilde**2)
        dread = da @ self.W_c.T
        dcontext, dh = dread[..., :M], dread[..., M:]
        dweights = _over_places(dcontext, memory)
        dscore = weights * (dweights - (weights * dweights).sum(axis=2, keepdims=True))
        dquery = _mean_of_places(dscore, memory)
        dmemory = _over_steps(weights, dcontext) + _over_steps(dscore, query)
        grads = type(self)(_sum_of_products(h, dquery), _sum_of_products(read, da))
        return grads, dh + dquery @ self.W_a.T, dmemory


class DecoderCache(NamedTuple):
    """What `AttentionDecoder.backward` needs."""

    caches: Any
    attention: AttentionCache | None
    h_read: Array  # (S, N, H), h_tilde or, without attention, h


@dataclass(frozen=True, eq=False)
class AttentionDecoder:
    """A cell that writes, looks at the memory after each step, and answers.

    cell: any cell. attention: None for the same decoder without. W_hy: (H, K). b_y: (K,).
    """

    cell: Any
    attention: Attention | None
    W_hy: Array
    b_y: Array

    @classmethod
    def init(cls, cell: Cell, K: int, rng: np.random.Generator, M: int | None = None) -> Self:
        """A readout of K outputs for a cell; attention to places of size M, none if M is None."""
        check_cell("cell", cell)
        check_size("K", K)
        check_rng(rng)
        dtype, k = cell.dtype, 1 / np.sqrt(cell.H)
        attention = None if M is None else Attention.init(cell.H, M, rng, dtype.type)
        return cls(
            cell, attention, *(rng.uniform(-k, k, s).astype(dtype) for s in ((cell.H, K), (K,)))
        )

    def __post_init__(self) -> None:
        check_cell("cell", self.cell)
        H = self.cell.H
        if self.attention is not None:
            check_type("attention", self.attention, Attention)
            check_array("attention.W_a", self.attention.W_a, (("H", H), "M"), finite=False)
        K = check_array("W_hy", self.W_hy, (("H", H), "K"), finite=False).shape[1]
        check_array("b_y", self.b_y, (("K", K),), finite=False)

    def forward(
        self,
        y: Array,
        memory: Array | None = None,
        state: State | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, DecoderCache]:
        """Unroll, look, answer.

        y: (S, N, D), what the decoder is fed. memory: (P, N, M); without attention it is not read.
        state: where to start, a tuple of (N, H); zeros if None. mask: (P, N) booleans, True where
        a place is there. Returns (logits, cache), logits: (S, N, K).
        """
        y = check_array("y", y, ("S", "N", ("D", self.cell.D)), self.cell.dtype)
        h_read, _, caches = unroll(self.cell, y, state)
        looked = None
        if self.attention is not None:
            h_read, looked = self.attention.forward(h_read, memory, mask)  # type: ignore[arg-type]
        return h_read @ self.W_hy + self.b_y, DecoderCache(caches, looked, h_read)

    def backward(self, dlogits: Array, cache: DecoderCache) -> tuple[Self, Array | None, State]:
        """The gradients of the parameters, of the memory and of the state at the start.

        dlogits: (S, N, K), as the logits. cache: from `forward`.
        Returns (grads, dmemory, dstate0), dmemory: (P, N, M), None without attention;
        dstate0: a tuple of (N, H).
        """
        check_type("cache", cache, DecoderCache)
        caches, looked, h_read = cache
        shape = (*h_read.shape[:2], ("K", len(self.b_y)))
        dlogits = check_array("dlogits", dlogits, shape, h_read.dtype, finite=False)
        dh, dattention, dmemory = dlogits @ self.W_hy.T, None, None
        if self.attention is not None:
            dattention, dh, dmemory = self.attention.backward(dh, looked)  # type: ignore[arg-type]
        dcell, _, dstate0 = unroll_backward(self.cell, dh, caches)
        dW_hy, db_y = _sum_of_products(h_read, dlogits), dlogits.sum(axis=(0, 1))
        return type(self)(dcell, dattention, dW_hy, db_y), dmemory, dstate0

    def step(
        self,
        y_t: Array,
        state: State,
        memory: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, State, Array | None]:
        """One step, for writing without knowing what comes next.

        y_t: (N, D). state: a tuple of (N, H). memory: (P, N, M). mask: (P, N) booleans.
        Returns (logits, state, weights), logits: (N, K), weights: (N, P), None without attention.
        """
        y_t = check_array("y_t", y_t, ("N", ("D", self.cell.D)), self.cell.dtype)
        state, _ = self.cell.step(y_t, state)
        if self.attention is None:
            return state[0] @ self.W_hy + self.b_y, state, None
        h_tilde, looked = self.attention.forward(state[0][None], memory, mask)  # type: ignore[arg-type]
        return h_tilde[0] @ self.W_hy + self.b_y, state, looked.weights[0]


def _over_places(a: Array, memory: Array) -> Array:
    """a: (S, N, M) against every place of (P, N, M): (S, N, P)."""
    return (a.transpose(1, 0, 2) @ memory.transpose(1, 2, 0)).transpose(1, 0, 2)


def _mean_of_places(weights: Array, memory: Array) -> Array:
    """weights: (S, N, P) over the places of (P, N, M): (S, N, M)."""
    return (weights.transpose(1, 0, 2) @ memory.transpose(1, 0, 2)).transpose(1, 0, 2)


def _over_steps(weights: Array, a: Array) -> Array:
    """What each place gets from all steps. weights: (S, N, P), a: (S, N, M). Returns (P, N, M)."""
    return (weights.transpose(1, 2, 0) @ a.transpose(1, 0, 2)).transpose(1, 0, 2)


def _sum_of_products(a: Array, da: Array) -> Array:
    """The gradient of W in a W, over all steps and sequences at once: (rows, columns)."""
    return a.reshape(-1, a.shape[-1]).T @ da.reshape(-1, da.shape[-1])


def _check_mask(mask: Any, shape: tuple[int, int]) -> Array:
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must hold booleans, got dtype {mask.dtype}")
    if mask.shape != shape:
        raise ValueError(f"mask must be (P={shape[0]}, N={shape[1]}), got {mask.shape}")
    if not mask.any(axis=0).all():
        raise ValueError(
            f"mask must leave each sequence a place, got none at {mask.any(axis=0).argmin()}"
        )
    return mask
