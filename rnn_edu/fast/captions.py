"""A network that describes a picture: convolutions read it, a recurrent decoder writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from ..attention import AttentionDecoder as NumPyDecoder
from ..gru import GRUCell
from ..ops import Array, check_rng, check_size
from .attention import AttentionDecoder, TorchState


class Captioner(nn.Module):
    """Picture to grid of places, places to start state, and from there a word at each step.

    eyes: from (N, C, side, side) to (N, M, rows, columns): one vector for each place of a grid.
    place: (P, 1, M), added to those vectors, so that each says where it stands; P = rows columns.
    start: from all P M numbers to the decoder's first state.
    decoder: reads one-hot words of V, writes logits of V; with attention it sees the grid at each
    step, without it sees the start state and nothing more.
    Source: Vinyals et al., "Show and tell", CVPR 2015; with attention Xu et al., "Show, attend
    and tell", ICML 2015.
    """

    def __init__(
        self, eyes: nn.Module, place: Tensor, start: nn.Linear, decoder: AttentionDecoder
    ) -> None:
        super().__init__()
        self.eyes = eyes
        self.place = nn.Parameter(place)
        self.start = start
        self.decoder = decoder

    @classmethod
    def init(
        cls,
        channels: tuple[int, ...],
        side: int,
        V: int,
        H: int,
        rng: np.random.Generator,
        *,
        attention: bool = True,
    ) -> Self:
        """A GRU of H units that reads what 3 x 3 convolutions see, each with its half-size pooling.

        channels: of the picture (1 grey, 3 colours), then after each convolution, M the last.
        side: of the picture, in pixels. V: words. Drawn in NumPy, in float32: the same on every
        processor.
        """
        for name, size in (("side", side), ("V", V), ("H", H)):
            check_size(name, size)
        check_rng(rng)
        halves = len(channels) - 1
        if halves < 1 or side % 2**halves:
            raise ValueError(f"side must be halved {halves} times, got {side}")
        layers: list[nn.Module] = []
        for before, after in zip(channels, channels[1:], strict=False):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        M, P = channels[-1], (side // 2**halves) ** 2
        place = torch.from_numpy(rng.normal(0, 0.1, (P, 1, M)).astype(np.float32))
        cell = GRUCell.init(V, H, rng, np.float32)
        decoder = NumPyDecoder.init(cell, V, rng, M if attention else None)
        model = cls(
            nn.Sequential(*layers), place, nn.Linear(P * M, H), AttentionDecoder.from_numpy(decoder)
        )
        with torch.no_grad():
            for layer in (*layers, model.start):
                for p in layer.parameters():
                    fan_in = p[0].numel() if p.dim() > 1 else torch.inf  # biases start at 0
                    values = rng.normal(0, np.sqrt(2 / fan_in), p.shape).astype(np.float32)
                    p.copy_(torch.from_numpy(values))
        return model

    def encode(self, pictures: Tensor) -> tuple[Tensor, TorchState]:
        """The memory (P, N, M) and the start state, (h,), (N, H). pictures: (N, C, side, side)."""
        seen = self.eyes(pictures).flatten(2).permute(2, 0, 1) + self.place  # (P, N, M)
        return seen, (torch.tanh(self.start(seen.transpose(0, 1).flatten(1))),)

    def forward(self, pictures: Tensor, tokens: Tensor) -> Tensor:
        """The logits (S, N, V). tokens: (S, N), the words read, the one that begins included."""
        return self.look(pictures, tokens)[0]

    def look(self, pictures: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
        """The logits (S, N, V) and where it looked for each, (S, N, P), None without attention."""
        memory, state = self.encode(pictures)
        logits, _, weights = self.decoder.look(self._words(tokens), memory, state)
        return logits, weights

    def writer(self, pictures: Tensor) -> tuple[Callable, TorchStateAsArrays]:
        """What `decode.generate` needs to describe these pictures: (step, state)."""
        with torch.no_grad():
            memory, start = self.encode(pictures)

        @torch.no_grad()
        def step(tokens: Array, state: TorchStateAsArrays) -> tuple[Array, TorchStateAsArrays]:
            y = self._words(torch.from_numpy(tokens)[None])
            before = tuple(torch.from_numpy(s) for s in state)
            logits, after, _ = self.decoder.look(y, memory, before)
            return logits[0].numpy(), tuple(s.numpy() for s in after)

        return step, tuple(s.numpy() for s in start)

    def _words(self, tokens: Tensor) -> Tensor:
        V = self.decoder.readout.out_features
        return nn.functional.one_hot(tokens, V).to(self.place.dtype)


TorchStateAsArrays = tuple[Array, ...]
