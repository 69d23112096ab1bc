"""Two cells over one sequence, one from each end: answers that know what comes after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from .cell import Cell, check_alike, check_cell
from .ops import Array, check_array, check_integers, check_rng, check_size, check_type
from .sequence import unroll, unroll_backward
from .topologies import Read, _last_steps, check_read


class BidirectionalCache(NamedTuple):
    """What `Bidirectional.backward` needs."""

    h_read: Array  # (N, 2H) or (T, N, 2H)
    lengths: Array  # (N,)
    read: Read
    caches: Any  # of the cell that reads onward
    reverse_caches: Any  # of the other, in the order in which it read


@dataclass(frozen=True, eq=False)
class Bidirectional:
    """y_t = [h_t, g_t] W_hy + b_y: h_t has read x_1 .. x_t, g_t has read x_T .. x_t.

    onward: any cell. reverse: another of the same kind and H. W_hy: (2H, K), the rows of h first.
    b_y: (K,).
    There is no state to start from: the reading from the end can begin only when all is there.
    Source: Schuster and Paliwal, IEEE Transactions on Signal Processing 45 (1997).
    """

    onward: Any
    reverse: Any
    W_hy: Array
    b_y: Array

    @classmethod
    def init(cls, onward: Cell, reverse: Cell, K: int, rng: np.random.Generator) -> Self:
        """A readout of K outputs for two cells, uniform on +-1/sqrt(2H)."""
        check_cell("onward", onward)
        check_size("K", K)
        check_rng(rng)
        k = 1 / np.sqrt(2 * onward.H)
        shapes = (2 * onward.H, K), (K,)
        return cls(onward, reverse, *(rng.uniform(-k, k, s).astype(onward.dtype) for s in shapes))

    def __post_init__(self) -> None:
        check_cell("onward", self.onward)
        check_alike("reverse", self.reverse, "onward", self.onward, sizes="DH")
        check_array("W_hy", self.W_hy, (("2H", 2 * self.onward.H), "K"), finite=False)
        check_array("b_y", self.b_y, (("K", self.W_hy.shape[1]),), finite=False)
        for name, a in (("W_hy", self.W_hy), ("b_y", self.b_y)):
            if a.dtype != self.onward.dtype:
                raise TypeError(f"{name} must be {self.onward.dtype} like onward, got {a.dtype}")

    def __call__(self, x: Array, lengths: Array | None = None, read: Read = "last") -> Array:
        """The logits of `forward`."""
        return self.forward(x, lengths, read)[0]

    def forward(
        self, x: Array, lengths: Array | None = None, read: Read = "last"
    ) -> tuple[Array, BidirectionalCache]:
        """Read from both ends, then answer.

        x: (T, N, D), padded behind each sequence's end. lengths: (N,) integers in 1..T, where the
        reading backwards begins; T if None. read: "every" for an answer at each step, "last" for
        one a sequence, from what each cell holds when it has read all of it.
        Returns (logits, cache), logits: (N, K) for "last", (T, N, K) for "every". What stands at
        padded steps means nothing: keep it out of the loss.
        Raises TypeError or ValueError naming the argument, what came and what was expected.
        """
        check_read(read)
        x = check_array("x", x, ("T", "N", ("D", self.onward.D)), self.onward.dtype)
        lengths = _last_steps(lengths, *x.shape[:2]) + 1
        h, _, caches = unroll(self.onward, x)
        g, _, reverse_caches = unroll(self.reverse, turn_around(x, lengths))
        if read == "last":
            ends = lengths - 1, np.arange(len(lengths))
            h, g = h[ends], g[ends]
        else:
            g = turn_around(g, lengths)
        h_read = np.concatenate([h, g], axis=-1)
        cache = BidirectionalCache(h_read, lengths, read, caches, reverse_caches)
        return h_read @ self.W_hy + self.b_y, cache

    def backward(self, dlogits: Array, cache: BidirectionalCache) -> Self:
        """The gradient of every parameter, as a Bidirectional.

        dlogits: (N, K) or (T, N, K), as the logits. cache: from `forward`.
        """
        return self.backward_to_inputs(dlogits, cache)[0]

    def backward_to_inputs(self, dlogits: Array, cache: BidirectionalCache) -> tuple[Self, Array]:
        """The gradient of every parameter, and of the input.

        dlogits: (N, K) or (T, N, K), as the logits. cache: from `forward`.
        Returns (grads, dx), grads a Bidirectional, dx: (T, N, D).
        """
        check_type("cache", cache, BidirectionalCache)
        h_read, lengths, read, caches, reverse_caches = cache
        H2, K = self.W_hy.shape
        shape = (*h_read.shape[:-1], ("K", K))
        dlogits = check_array("dlogits", dlogits, shape, self.onward.dtype, finite=False)
        dW_hy = h_read.reshape(-1, H2).T @ dlogits.reshape(-1, K)
        dh, dg = np.split(dlogits @ self.W_hy.T, 2, axis=-1)
        if read == "last":
            ends = lengths - 1, np.arange(len(lengths))
            dh_read, dg_read = dh, dg
            dh, dg = np.zeros((2, *caches.x.shape[:2], self.onward.H), self.onward.dtype)
            dh[ends], dg[ends] = dh_read, dg_read
        else:
            dg = turn_around(dg, lengths)  # a reordering is undone by itself
        donward, dx, _ = unroll_backward(self.onward, dh, caches)
        dreverse, dx_reverse, _ = unroll_backward(self.reverse, dg, reverse_caches)
        grads = type(self)(donward, dreverse, dW_hy, dlogits.reshape(-1, K).sum(axis=0))
        return grads, dx + turn_around(dx_reverse, lengths)


def turn_around(a: Array, lengths: Array) -> Array:
    """Each sequence from its last step to its first; its padding stays where it is, behind.

    a: (T, N, D). lengths: (N,) integers in 1..T. Returns (T, N, D); twice gives back `a`.
    Raises TypeError or ValueError naming the argument.
    """
    T, N, _ = check_array("a", a, ("T", "N", "D"), finite=False).shape
    lengths = check_integers("lengths", lengths, T + 1, (N,), least=1)
    t = np.arange(T)[:, None]
    order = np.where(t < lengths, lengths - 1 - t, t)  # (T, N)
    return a[order, np.arange(N)]
