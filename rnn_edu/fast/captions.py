"""A network that describes a picture: convolutions read it, a recurrent decoder writes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from ..attention import AttentionDecoder as NumPyDecoder
from ..decode import generate, greedy
from ..gru import GRUCell
from ..ops import Array, check_rng, check_size
from .attention import AttentionDecoder, TorchState
from .descend import descend


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
        if halves < 1:
            raise ValueError(f"channels must be at least two, got {channels}")
        if side % 2**halves:
            raise ValueError(f"side must be halved {halves} times, got {side}")
        layers: list[nn.Module] = []
        for before, after in pairwise(channels):
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
            model.decoder.cell.weight_ih_l0.mul_(5)  # a word is one 1 among zeros: let it be heard
            if attention:
                model.decoder.attention.W_a.mul_(0.2)  # look everywhere first
        return model

    def see(self, pictures: Tensor) -> Tensor:
        """What all else reads: (N, M, rows, columns). pictures: (N, C, side, side)."""
        return self.eyes(pictures)

    def centre(self, seen: Tensor) -> None:
        """Take from each place what the eyes say on average: what all places share drowns what
        tells them apart, and nothing of it is learned. seen: from `see`, of many pictures."""
        with torch.no_grad():
            self.place -= seen.mean(dim=(0, 2, 3))

    def encode(self, seen: Tensor) -> tuple[Tensor, TorchState]:
        """The memory (P, N, M) and the start state, (h,), (N, H). seen: from `see`."""
        memory = seen.flatten(2).permute(2, 0, 1) + self.place
        all_of_it = memory.transpose(0, 1).flatten(1)
        return memory, (torch.tanh(self.start(all_of_it / all_of_it.shape[1] ** 0.5)),)

    def forward(self, seen: Tensor, tokens: Tensor) -> Tensor:
        """The logits (S, N, V). tokens: (S, N), the words read, the one that begins included."""
        return self.look(seen, tokens)[0]

    def look(self, seen: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
        """The logits (S, N, V) and where it looked for each, (S, N, P), None without attention."""
        memory, state = self.encode(seen)
        logits, _, weights = self.decoder.look(self._words(tokens), memory, state)
        return logits, weights

    def writer(self, seen: Tensor) -> tuple[Callable, tuple[Array, ...]]:
        """What `decode.generate` needs to describe these pictures: (step, state)."""
        with torch.no_grad():
            memory, start = self.encode(seen)

        @torch.no_grad()
        def step(tokens: Array, state: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
            y = self._words(torch.from_numpy(tokens)[None])
            before = tuple(torch.from_numpy(s) for s in state)
            logits, after, _ = self.decoder.look(y, memory, before)
            return logits[0].numpy(), tuple(s.numpy() for s in after)

        return step, tuple(s.numpy() for s in start)

    def write(self, pictures: Tensor, longest: int, *, begin: int) -> Array:
        """What it writes about each picture, the likeliest word each time: (S, N) integers.

        pictures: (N, C, side, side). longest: the most words. begin: the token fed first, which
        also ends a caption; what stands behind its second coming means nothing.
        """
        with torch.no_grad():
            step, state = self.writer(self.see(pictures))
        return generate(step, state, np.full(len(pictures), begin), longest, greedy, end=begin)

    def _words(self, tokens: Tensor) -> Tensor:
        V = self.decoder.readout.out_features
        return nn.functional.one_hot(tokens, V).to(self.place.dtype)


def fit_captions(
    model: Captioner,
    seen: Callable[[Array], Tensor],
    tokens: Array,
    updates: int,
    rng: np.random.Generator,
    *,
    begin: int,
    pad: int = 0,
    size: int = 32,
    lr: float = 0.01,
    haste: float = 1 / 30,
) -> Array:
    """Teacher forcing: at each step the decoder is fed the right word before, whatever it wrote.

    seen: called with (size,) indices, returns what the model saw of those pictures: looked up
    where the eyes stay as they are, `model.see(...)` where they learn too. tokens: (S, N) integers,
    each caption with its end, padded with `pad`. begin: the token fed first.
    Adam with a rate that rises to `lr` and falls again; W_a, which decides where to look, learns
    at `haste` times that. At 1 it stares at one place before anything is known of the others, and
    then little is ever learned of them. Returns the losses, (updates,).
    """
    named = model.named_parameters()
    rates = [(p, haste * lr if name.endswith("W_a") else lr) for name, p in named]
    N, order = tokens.shape[1], np.empty(0, int)

    def next_loss() -> Tensor:
        nonlocal order
        if len(order) < size:
            order = rng.permutation(N)
        n, order = order[:size], order[size:]
        y = tokens[:, n]
        y = torch.from_numpy(y[: (y != pad).sum(axis=0).max()])
        logits = model(seen(n), torch.cat([torch.full((1, size), begin), y[:-1]]))
        return nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=pad)

    return descend(next_loss, rates, updates, clip=1.0)
