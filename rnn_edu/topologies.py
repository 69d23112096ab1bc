"""One cell, one unroll. What feeds the steps and what reads them decides what the network is for.

one-to-one               network.forward(x, T=1)                 x: (N, D)
one-to-many              network.forward(x, T=T, read="every")   x: (N, D)
many-to-one              network.forward(x)                      x: (T, N, D)
many-to-many, aligned    network.forward(x, read="every")        x: (T, N, D)
many-to-many, unaligned  encoder_decoder.forward(x, y)           x: (T, N, D), y: (S, N, K)

A call, `network(x)`, gives the logits alone. `rnn_edu.fast` answers the same calls in torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from .cell import Cell, check_alike, check_cell
from .ops import (
    Array,
    State,
    check_array,
    check_integers,
    check_rng,
    check_size,
    check_tokens,
    check_type,
    map_params,
    one_hot,
)
from .sequence import unroll, unroll_backward

Read = Literal["last", "every"]
Stretches = tuple[tuple[Array, Any], ...]  # from end to end: who ends there, and the caches


class NetworkCache(NamedTuple):
    """What `Network.backward` needs."""

    h_read: Array  # (N, H) or (T, N, H)
    steps: Array | None  # (N,) the step that was read, None where each was
    x_shape: tuple[int, ...]
    caches: Any


@dataclass(frozen=True, eq=False)
class Network:
    """y = h W_hy + b_y: fed at each step or at the first, read after each or after the last.

    cell: any cell. W_hy: (H, K). b_y: (K,).
    """

    cell: Any
    W_hy: Array
    b_y: Array

    @classmethod
    def init(cls, cell: Cell, K: int, rng: np.random.Generator) -> Self:
        """A readout of K outputs for a cell, uniform on +-1/sqrt(H) like the cell itself."""
        check_cell("cell", cell)
        check_size("K", K)
        check_rng(rng)
        k = 1 / np.sqrt(cell.H)
        W_hy, b_y = (rng.uniform(-k, k, s).astype(cell.dtype) for s in ((cell.H, K), (K,)))
        return cls(cell, W_hy, b_y)

    def __post_init__(self) -> None:
        check_cell("cell", self.cell)
        check_array("W_hy", self.W_hy, (("H", self.cell.H), "K"), finite=False)
        check_array("b_y", self.b_y, (("K", self.W_hy.shape[1]),), finite=False)
        for name, a in (("W_hy", self.W_hy), ("b_y", self.b_y)):
            if a.dtype != self.cell.dtype:
                raise TypeError(f"{name} must be {self.cell.dtype} like the cell, got {a.dtype}")

    def __call__(
        self,
        x: Array,
        lengths: Array | None = None,
        read: Read = "last",
        *,
        T: int | None = None,
        state: State | None = None,
    ) -> Array:
        """The logits of `forward`."""
        return self.forward(x, lengths, read, T=T, state=state)[0]

    def forward(
        self,
        x: Array,
        lengths: Array | None = None,
        read: Read = "last",
        *,
        T: int | None = None,
        state: State | None = None,
    ) -> tuple[Array, NetworkCache]:
        """Feed, unroll, read.

        x: (T, N, D), padded behind each sequence's end; with T given (N, D) or (1, N, D), which
        enters at the first of T steps, zeros at the others. lengths: (N,) integers in 1..T, the
        step that is read in each sequence; T if None. read: "last" or "every".
        state: where to start, a tuple of (N, H); zeros if None.
        Returns (logits, cache), logits: (N, K) for "last", (T, N, K) for "every".
        Raises TypeError or ValueError naming the argument, what came and what was expected.
        """
        check_read(read)
        fed = x if T is None else _first_of(T, x, self.cell.D)
        h, _, caches = unroll(self.cell, fed, state)
        steps = _last_steps(lengths, *h.shape[:2])
        if read == "every":
            steps = None
        h_read = h if steps is None else h[steps, np.arange(h.shape[1])]
        return h_read @ self.W_hy + self.b_y, NetworkCache(h_read, steps, x.shape, caches)

    def backward(self, dlogits: Array, cache: NetworkCache) -> Self:
        """The gradient of every parameter, as a Network.

        dlogits: (N, K) or (T, N, K), as the logits. cache: from `forward`.
        """
        return self.backward_to_inputs(dlogits, cache)[0]

    def backward_to_inputs(self, dlogits: Array, cache: NetworkCache) -> tuple[Self, Array, State]:
        """The gradient of every parameter, and of all that `forward` was given.

        dlogits: (N, K) or (T, N, K), as the logits. cache: from `forward`.
        Returns (grads, dx, dstate0): grads a Network, dx: (T, N, D) or (N, D), as x;
        dstate0: a tuple of (N, H), for the state that the loop started from.
        """
        check_type("cache", cache, NetworkCache)
        h_read, steps, x_shape, caches = cache
        K = self.W_hy.shape[1]
        shape = (*h_read.shape[:-1], ("K", K))
        dlogits = check_array("dlogits", dlogits, shape, self.cell.dtype, finite=False)
        dW_hy = h_read.reshape(-1, self.cell.H).T @ dlogits.reshape(-1, K)
        dh_read = dlogits @ self.W_hy.T
        dh = dh_read
        if steps is not None:  # the loss touches one step of each sequence, the loop does the rest
            dh = np.zeros((*caches.x.shape[:2], self.cell.H), dh_read.dtype)
            dh[steps, np.arange(len(steps))] = dh_read
        dcell, dx, dstate0 = unroll_backward(self.cell, dh, caches)
        grads = type(self)(dcell, dW_hy, dlogits.reshape(-1, K).sum(axis=0))
        dx = dx.ravel()[: prod(x_shape)]  # time comes first: all that entered stands at the front
        return grads, dx.reshape(x_shape), dstate0


class EncoderDecoderCache(NamedTuple):
    """What `EncoderDecoder.backward` needs."""

    stretches: Stretches
    decoder: NetworkCache


@dataclass(frozen=True, eq=False)
class EncoderDecoder:
    """One cell reads to the end; a network starts from its last state and answers step by step.

    encoder: any cell. decoder: a Network around a cell of the same kind and H, whose inputs are
    its own outputs of the step before, or the right ones (`teacher_forced`).
    Source: Sutskever, Vinyals and Le, NeurIPS 2014; Cho et al., EMNLP 2014.
    """

    encoder: Any
    decoder: Network

    def __post_init__(self) -> None:
        check_type("decoder", self.decoder, Network)
        check_alike("encoder", self.encoder, "the decoder", self.decoder.cell)

    def __call__(self, x: Array, y: Array, lengths: Array | None = None) -> Array:
        """The logits of `forward`."""
        return self.forward(x, y, lengths)[0]

    def encode(self, x: Array, lengths: Array | None = None) -> State:
        """The state after each sequence's last step: all that the decoder will know of x.

        x: (T, N, D), padded behind each sequence's end. lengths: (N,) integers in 1..T; T if None.
        Returns a tuple of (N, H).
        """
        return read_to_end(self.encoder, x, lengths)[1]

    def forward(
        self, x: Array, y: Array, lengths: Array | None = None
    ) -> tuple[Array, EncoderDecoderCache]:
        """Read x, hand the state over, answer y step by step.

        x: (T, N, D), padded behind each sequence's end. y: (S, N, K), what the decoder is fed.
        lengths: (N,) integers in 1..T, the steps of each x; T if None.
        Returns (logits, cache), logits: (S, N, K).
        Raises TypeError or ValueError naming the argument, what came and what was expected.
        """
        _, state, stretches = read_to_end(self.encoder, x, lengths)
        y = check_array("y", y, ("S", ("N", len(state[0])), ("K", self.decoder.cell.D)))
        logits, cache = self.decoder.forward(y, read="every", state=state)
        return logits, EncoderDecoderCache(stretches, cache)

    def backward(self, dlogits: Array, cache: EncoderDecoderCache) -> Self:
        """The gradient of every parameter, as an EncoderDecoder.

        dlogits: (S, N, K), as the logits. cache: from `forward`.
        What reaches the encoder comes through one door: the state that it handed over.
        """
        check_type("cache", cache, EncoderDecoderCache)
        decoder_grads, _, dends = self.decoder.backward_to_inputs(dlogits, cache.decoder)
        return type(self)(read_to_end_backward(self.encoder, dends, cache.stretches), decoder_grads)


def read_to_end(
    cell: Cell, x: Array, lengths: Array | None = None
) -> tuple[Array, State, Stretches]:
    """Unroll over sequences that end at different steps, and keep each one's state at its end.

    x: (T, N, D), padded behind each sequence's end. lengths: (N,) integers in 1..T; T if None.
    Returns (h, ends, stretches), h: (T, N, H), of which what lies behind an end means nothing;
    ends: a tuple of (N, H), the state after each sequence's last step; what
    `read_to_end_backward` needs.
    """
    check_cell("cell", cell)
    x = check_array("x", x, ("T", "N", ("D", cell.D)), cell.dtype)
    stops = _last_steps(lengths, *x.shape[:2])[:, None] + 1  # (N, 1)
    state = ends = cell.zero_state(x.shape[1])
    h, stretches = [], []
    for start, stop in pairwise([0, *np.unique(stops), len(x)]):
        if start == stop:
            continue
        h_stretch, state, caches = unroll(cell, x[start:stop], state)
        ends_here = stops == stop
        ends = tuple(np.where(ends_here, s, e) for s, e in zip(state, ends, strict=True))
        h.append(h_stretch)
        stretches.append((ends_here, caches))
    return np.concatenate(h), ends, tuple(stretches)


def read_to_end_backward(
    cell: Cell, dends: State, stretches: Stretches, dh: Array | None = None
) -> Any:
    """The gradient of the cell's parameters.

    dends: a tuple of (N, H), of the states at the ends. stretches: from `read_to_end`.
    dh: (T, N, H), what reaches each h by another way; None for nothing.
    """
    check_cell("cell", cell)
    N = len(stretches[0][0])
    dends = cell.check_state("dends", dends, N, finite=False)
    dstate = cell.zero_state(N)
    grads = map_params(np.zeros_like, cell)
    stop = sum(len(caches.x) for _, caches in stretches)
    if dh is None:
        dh = np.zeros((stop, *dends[0].shape), cell.dtype)
    shape = (("T", stop), ("N", N), ("H", cell.H))
    dh = check_array("dh", dh, shape, cell.dtype, finite=False)
    for ends_here, caches in reversed(stretches):
        start = stop - len(caches.x)
        dstate = tuple(d + ends_here * dend for d, dend in zip(dstate, dends, strict=True))
        more, _, dstate = unroll_backward(cell, dh[start:stop], caches, dstate)
        grads = map_params(np.add, grads, more)
        stop = start
    return grads


def teacher_forced(targets: Array, K: int, dtype: Any = np.float64) -> Array:
    """What a decoder is fed while it learns: the right answer of the step before, zeros at first.

    targets: (S, N) integers in 0..K-1. Returns (S, N, K), one-hot.
    Source: Williams and Zipser, Neural Computation 1 (1989).
    """
    check_size("K", K)
    answers = one_hot(check_tokens("targets", targets, ("S", "N"), K), K, dtype)
    return np.concatenate([np.zeros_like(answers[:1]), answers[:-1]])


def check_read(read: Any) -> None:
    """Raise ValueError unless `read` is "last" or "every"."""
    if read not in ("last", "every"):
        raise ValueError(f'read must be "last" or "every", got {read!r}')


def _first_of(T: int, x: Any, D: int) -> Array:
    """x: (N, D) or (1, N, D) at the first of T steps, zeros at the others: (T, N, D)."""
    check_size("T", T)
    whole = getattr(x, "ndim", 2) == 3
    x = check_array("x", x, (1, "N", ("D", D)) if whole else ("N", ("D", D)))
    fed = np.zeros((T, *x.shape[-2:]), x.dtype)
    fed[0] = x
    return fed


def _last_steps(lengths: Any, T: int, N: int) -> Array:
    """Where each sequence ends, counted from 0: (N,)."""
    lengths = np.full(N, T) if lengths is None else lengths
    return check_integers("lengths", lengths, T + 1, (N,), least=1) - 1
