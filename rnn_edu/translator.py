"""Many-to-many, unaligned, with nothing squeezed: a decoder that looks back at the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from .attention import AttentionDecoder, DecoderCache
from .cell import check_alike
from .decode import Step
from .ops import Array, State, check_array, check_tokens, check_type, mask_of, one_hot
from .topologies import Stretches, read_to_end, read_to_end_backward


class TranslatorCache(NamedTuple):
    """What `Translator.backward` needs."""

    stretches: Stretches
    decoder: DecoderCache


@dataclass(frozen=True, eq=False)
class Translator:
    """One cell reads; a decoder starts from its last state and looks at all its states.

    encoder: any cell. decoder: an AttentionDecoder around a cell of the same kind and H; without
    attention this is `topologies.EncoderDecoder`.
    """

    encoder: Any
    decoder: AttentionDecoder

    def __post_init__(self) -> None:
        check_type("decoder", self.decoder, AttentionDecoder)
        check_alike("encoder", self.encoder, "the decoder", self.decoder.cell)
        attention = self.decoder.attention
        if attention is not None:
            check_array("attention.W_a", attention.W_a, ("H", ("M", self.encoder.H)), finite=False)

    def encode(self, x: Array, lengths: Array | None = None) -> tuple[Array, State, Array]:
        """What the decoder starts from and looks at.

        x: (T, N, D), padded behind each sequence's end. lengths: (N,) integers in 1..T; T if None.
        Returns (memory, state, mask), memory: (T, N, H), the state after each step; state: a tuple
        of (N, H); mask: (T, N) booleans, True up to each sequence's end.
        """
        memory, state, _ = read_to_end(self.encoder, x, lengths)
        return memory, state, mask_of(lengths, *x.shape[:2])

    def forward(
        self, x: Array, y: Array, lengths: Array | None = None
    ) -> tuple[Array, TranslatorCache]:
        """Read x, hand over, answer y step by step.

        x: (T, N, D), padded behind each sequence's end. y: (S, N, K), what the decoder is fed.
        lengths: (N,) integers in 1..T, the steps of each x; T if None.
        Returns (logits, cache), logits: (S, N, K).
        """
        memory, state, stretches = read_to_end(self.encoder, x, lengths)
        y = check_array("y", y, ("S", ("N", x.shape[1]), ("K", self.decoder.cell.D)))
        mask = mask_of(lengths, *x.shape[:2])
        logits, cache = self.decoder.forward(y, memory, state, mask)
        return logits, TranslatorCache(stretches, cache)

    def backward(self, dlogits: Array, cache: TranslatorCache) -> Self:
        """The gradient of every parameter, as a Translator.

        dlogits: (S, N, K), as the logits. cache: from `forward`.
        The encoder is reached by two doors now: its last state, and every state that was looked at.
        """
        check_type("cache", cache, TranslatorCache)
        decoder, dmemory, dends = self.decoder.backward(dlogits, cache.decoder)
        return type(self)(
            read_to_end_backward(self.encoder, dends, cache.stretches, dmemory), decoder
        )


def writing(model: Translator, x: Array, lengths: Array) -> tuple[Step, State, Array]:
    """What `rnn_edu.decode` walks: the model as a step, its state after reading, first tokens.

    x: (T, N) integers. lengths: (N,). The state is the cell's, then the memory (N, T, H) and its
    mask (N, T): a beam that keeps one row and drops another takes along what that row can see.
    The first token is K, which no word has: the decoder hears zeros, as it did in training.
    """
    K = len(model.decoder.b_y)
    x = check_tokens("x", x, ("T", "N"), model.encoder.D)
    memory, state, mask = model.encode(one_hot(x, model.encoder.D, model.encoder.dtype), lengths)

    def step(tokens: Array, state: State) -> tuple[Array, State]:
        *own, memory, mask = state
        y_t = one_hot(tokens, K + 1, model.encoder.dtype)[:, :K]
        logits, own, _ = model.decoder.step(y_t, tuple(own), memory.swapaxes(0, 1), mask.T)
        return logits, (*own, memory, mask)

    return step, (*state, memory.swapaxes(0, 1), mask.T), np.full(x.shape[1], K)
