"""Many-to-many, unaligned, with nothing squeezed: a decoder that looks back at the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from .attention import AttentionDecoder, DecoderCache
from .ops import Array, State, check_array
from .sequence import _check_cell
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
        _check_cell(self.encoder)
        wanted, got = (
            f"{type(c).__name__} with H={c.H}, {c.dtype}" for c in (self.decoder.cell, self.encoder)
        )
        if wanted != got:
            raise ValueError(f"encoder must be like the decoder, {wanted}, got {got}")
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
        return memory, state, _up_to(lengths, *x.shape[:2])

    def forward(
        self, x: Array, y: Array, lengths: Array | None = None
    ) -> tuple[Array, TranslatorCache]:
        """Read x, hand over, answer y step by step.

        x: (T, N, D), padded behind each sequence's end. y: (S, N, K), what the decoder is fed.
        lengths: (N,) integers in 1..T, the steps of each x; T if None.
        Returns (logits, cache), logits: (S, N, K).
        """
        memory, state, stretches = read_to_end(self.encoder, x, lengths)
        mask = _up_to(lengths, *x.shape[:2])
        logits, cache = self.decoder.forward(y, memory, state, mask)
        return logits, TranslatorCache(stretches, cache)

    def backward(self, dlogits: Array, cache: TranslatorCache) -> Self:
        """The gradient of every parameter, as a Translator.

        dlogits: (S, N, K), as the logits. cache: from `forward`.
        The encoder is reached by two doors now: its last state, and every state that was looked at.
        """
        decoder, dmemory, dends = self.decoder.backward(dlogits, cache.decoder)
        return type(self)(
            read_to_end_backward(self.encoder, dends, cache.stretches, dmemory), decoder
        )


def _up_to(lengths: Array | None, T: int, N: int) -> Array:
    """(T, N) booleans, True up to each sequence's end."""
    return np.arange(T)[:, None] < (np.full(N, T) if lengths is None else lengths)
