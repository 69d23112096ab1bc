"""Layers of any kind above each other, each added to what it read: the frame of today's models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from ..cell import Cell
from ..ops import Array
from .causal import CausalAttention
from .cells import fast_cell
from .memory import Delta, GatedLinearAttention, LinearAttention
from .scan import Diagonal, MinGRU

_MODULES: dict[type[Cell], Any] = {
    module.kind: module.from_numpy
    for module in (MinGRU, Diagonal, LinearAttention, GatedLinearAttention, Delta, CausalAttention)
}
_FEEDS_BACK = (nn.RNN, nn.GRU, nn.LSTM, MinGRU)


class Stack(nn.Module):
    """h = x E;  h = h + layer(norm(h)) W_o, layer by layer;  logits = norm(h) W_hy + b_y

    norm: each vector to mean 0 and variance 1. Where all layers are attention, which does not see
    the order of the past, sines of the position are added to x E: Vaswani et al., NeurIPS 2017,
    section 3.5.
    layers: modules that answer (T, N, H) with (h, state). E: (D, H). W_o: (layers, H, H).
    W_hy: (H, K).
    """

    def __init__(self, layers: Iterable[Any], E: Array, W_o: Array, W_hy: Array) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.E, self.W_o, self.W_hy = (nn.Parameter(torch.from_numpy(a)) for a in (E, W_o, W_hy))
        self.b_y = nn.Parameter(torch.zeros(W_hy.shape[1]))
        self.needs_positions = all(isinstance(m, CausalAttention) for m in self.layers)

    @classmethod
    def init(
        cls, kinds: Iterable[type[Cell]], D: int, H: int, K: int, rng: np.random.Generator
    ) -> Self:
        """One layer of each kind. Drawn in NumPy, in float32: the same on every processor."""
        cells = [kind.init(H, H, rng, np.float32) for kind in kinds]
        E, k = rng.normal(size=(D, H)).astype(np.float32), 1 / np.sqrt(H)
        W_o, W_hy = (rng.uniform(-k, k, s).astype(np.float32) for s in ((len(cells), H, H), (H, K)))
        return cls(map(layer_of, cells), E, W_o, W_hy)

    def forward(self, x: Tensor, states: Any = None) -> tuple[Tensor, tuple[Any, ...]]:
        """x: (T, N, D). states: one a layer, as an earlier call returned them; None to begin.
        Returns the logits (T, N, K) and the states after the last step."""
        h, after = x @ self.E, []
        states = [None] * len(self.layers) if states is None else states
        if self.needs_positions:
            start = 0 if states[0] is None else states[0][1].shape[1]
            h = h + positions(start, len(x), h.shape[2])
        for layer, W_o, state in zip(self.layers, self.W_o, states, strict=True):
            read, state = layer(layer_norm(h, h.shape[2:]), state)
            h = h + read @ W_o
            after.append(state)
        return layer_norm(h, h.shape[2:]) @ self.W_hy + self.b_y, tuple(after)

    def carried(self, states: tuple[Any, ...]) -> list[Tensor]:
        """What the next step reads of these states: an h that is not fed back is not among it."""
        kept = []
        for layer, state in zip(self.layers, states, strict=True):
            state = state if isinstance(state, tuple) else (state,)
            kept += state if isinstance(layer, _FEEDS_BACK) else state[1:]
        return kept


def layer_of(cell: Cell) -> Any:
    """The fast module that computes what the cell does, whichever cell it is."""
    return _MODULES.get(type(cell), fast_cell)(cell)


def positions(start: int, T: int, H: int) -> Tensor:
    """Sines and cosines of the places start..start+T-1, at H/2 frequencies: (T, 1, H)."""
    frequency = 10_000 ** (-torch.arange(0, H, 2) / H)
    angle = torch.arange(start, start + T)[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=1)[:, None, :H]
