"""Words for a network: a table with a row of numbers for each, and a reader of ragged batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from .cell import Cell, check_cell
from .ops import (
    LARGEST,
    Array,
    check_array,
    check_dtype,
    check_integers,
    check_rng,
    check_size,
    check_tokens,
    check_type,
    mask_of,
    shuffled,
)
from .topologies import Network, NetworkCache

Pool = Literal["last", "mean"]


@dataclass(frozen=True, eq=False)
class Embedding:
    """x_t = E[token_t]: the row of E that one_hot(token_t) E would pick, without the product.

    E: (V, D), a row for each of V tokens.
    Source: Bengio, Ducharme, Vincent and Jauvin, JMLR 3 (2003), the matrix C.
    """

    E: Array

    @classmethod
    def init(cls, V: int, D: int, rng: np.random.Generator, dtype: Any = np.float64) -> Self:
        """Rows drawn from a normal distribution with a standard deviation of 0.1."""
        check_size("V", V)
        check_size("D", D)
        check_rng(rng)
        check_dtype(dtype)
        return cls((0.1 * rng.standard_normal((V, D))).astype(dtype))

    def __post_init__(self) -> None:
        check_array("E", self.E, ("V", "D"), finite=False)

    def forward(self, tokens: Array) -> Array:
        """tokens: (T, N) integers in 0..V-1. Returns x: (T, N, D). Raises TypeError, ValueError."""
        return self.E[check_integers("tokens", tokens, len(self.E))]

    def backward(self, dx: Array, tokens: Array) -> Self:
        """Each row's gradient is the sum over the places where its token stood.

        dx: (T, N, D). tokens: (T, N), as they went forward. Returns an Embedding of gradients.
        """
        tokens = check_integers("tokens", tokens, len(self.E))
        dE = np.zeros_like(self.E)
        shape = (*tokens.shape, ("D", dE.shape[1]))
        dx = check_array("dx", dx, shape, dE.dtype, finite=False)
        np.add.at(dE, tokens.ravel(), dx.reshape(-1, dE.shape[1]))  # += would add once a row
        return type(self)(dE)


class ReaderCache(NamedTuple):
    """What `Reader.backward` needs."""

    tokens: Array  # (T, N)
    weight: Array | None  # (T, N), the share of each step in the mean; None for "last"
    network: NetworkCache


@dataclass(frozen=True, eq=False)
class Reader:
    """Many-to-one on words: an embedding, a cell that reads its rows, and one answer at the end.

    embedding: V rows of D numbers. network: a Network around a cell of input size D.
    """

    embedding: Embedding
    network: Network

    @classmethod
    def init(cls, V: int, cell: Cell, K: int, rng: np.random.Generator) -> Self:
        """A reader of V words with K answers around a cell, whose D and dtype it takes."""
        check_cell("cell", cell)
        return cls(Embedding.init(V, cell.D, rng, cell.dtype), Network.init(cell, K, rng))

    def __call__(self, tokens: Array, lengths: Array | None = None, pool: Pool = "last") -> Array:
        """The logits of `forward`."""
        return self.forward(tokens, lengths, pool)[0]

    def forward(
        self, tokens: Array, lengths: Array | None = None, pool: Pool = "last"
    ) -> tuple[Array, ReaderCache]:
        """Look up, unroll, answer.

        tokens: (T, N) integers in 0..V-1, padded with any of them behind each text's end.
        lengths: (N,) integers in 1..T. Without them every text is taken to be T words long: right
        for texts of one length, and otherwise the error that lesson 11 is about.
        pool: "last" answers from the state after the last word, "mean" with the mean of the
        answers after each word, which is the answer from the mean of the states.
        Returns (logits, cache), logits: (N, K).
        Raises TypeError or ValueError naming the argument, what came and what was expected.
        """
        if pool not in ("last", "mean"):
            raise ValueError(f'pool must be "last" or "mean", got {pool!r}')
        tokens = check_tokens("tokens", tokens, ("T", "N"), len(self.embedding.E))
        x = self.embedding.forward(tokens)
        if pool == "last":
            logits, cache = self.network.forward(x, lengths)
            return logits, ReaderCache(tokens, None, cache)
        logits, cache = self.network.forward(x, read="every")
        weight = mask_of(lengths, *tokens.shape).astype(x.dtype)
        weight /= weight.sum(axis=0)
        return (weight[..., None] * logits).sum(axis=0), ReaderCache(tokens, weight, cache)

    def backward(self, dlogits: Array, cache: ReaderCache) -> Self:
        """The gradient of every parameter, as a Reader.

        dlogits: (N, K). cache: from `forward`.
        """
        check_type("cache", cache, ReaderCache)
        shape = (("N", cache.tokens.shape[1]), ("K", len(self.network.b_y)))
        dlogits = check_array("dlogits", dlogits, shape, self.network.cell.dtype, finite=False)
        if cache.weight is not None:
            dlogits = cache.weight[..., None] * dlogits  # (T, N, K)
        grads, dx, _ = self.network.backward_to_inputs(dlogits, cache.network)
        return type(self)(self.embedding.backward(dx, cache.tokens), grads)


class WordBatch(NamedTuple):
    """Some texts of different lengths."""

    tokens: Array  # (T, N) integers, T the longest of these texts
    lengths: Array  # (N,)
    labels: Array  # (N,) integers


@dataclass(frozen=True, eq=False)
class WordBatches:
    """Every text once an epoch, in a new random order, each batch cut to its own longest text.

    tokens: (T, N) integers, padded. lengths: (N,) integers. labels: (N,) integers.
    size: texts in a batch. epochs: times through the data.
    seed: what makes the order; the same one each time that this is iterated.
    """

    tokens: Array
    lengths: Array
    labels: Array
    size: int
    epochs: int
    seed: int = 0

    def __post_init__(self) -> None:
        tokens = check_tokens("tokens", self.tokens, ("T", "N"))
        T, N = tokens.shape
        lengths = check_integers("lengths", self.lengths, T + 1, (N,), least=1)
        labels = check_integers("labels", self.labels, LARGEST, (N,))
        for name, a in (("tokens", tokens), ("lengths", lengths), ("labels", labels)):
            object.__setattr__(self, name, a)  # lists are let in: arrays are what is cut
        check_size("size", self.size)
        check_size("epochs", self.epochs)

    def __len__(self) -> int:
        return self.epochs * -(-len(self.labels) // self.size)

    def __iter__(self) -> Iterator[WordBatch]:
        rng = np.random.default_rng(self.seed)
        for n in shuffled(len(self.labels), self.size, self.epochs, rng):
            lengths = self.lengths[n]
            yield WordBatch(self.tokens[: lengths.max(), n], lengths, self.labels[n])
