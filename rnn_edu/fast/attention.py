"""`rnn_edu.attention` and `.translator` as torch modules: called as those are, with tensors."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn

from .. import attention, translator
from .cells import fast_cell, from_torch

TorchState = tuple[Tensor, ...]


class Attention(nn.Module):
    """`attention.Attention` in torch: W_a (H, M) and W_c (M+H, H), as there."""

    def __init__(self, W_a: Tensor, W_c: Tensor) -> None:
        super().__init__()
        self.W_a = nn.Parameter(W_a)
        self.W_c = nn.Parameter(W_c)

    @classmethod
    def from_numpy(cls, a: attention.Attention) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        return cls(torch.from_numpy(a.W_a.copy()), torch.from_numpy(a.W_c.copy()))

    def to_numpy(self) -> attention.Attention:
        """The same function, in NumPy."""
        return attention.Attention(*(_array(p) for p in (self.W_a, self.W_c)))

    def forward(
        self, h: Tensor, memory: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """h: (S, N, H), memory: (P, N, M), mask: (P, N). Returns h_tilde (S, N, H) and the weights
        (S, N, P)."""
        score = torch.einsum("snm,pnm->snp", h @ self.W_a, memory)
        if mask is not None:
            score = score.masked_fill(~mask.T, -torch.inf)
        weights = score.softmax(dim=2)
        context = torch.einsum("snp,pnm->snm", weights, memory)
        return torch.tanh(torch.cat([context, h], dim=2) @ self.W_c), weights


class AttentionDecoder(nn.Module):
    """`attention.AttentionDecoder` in torch.

    cell: a one-layer, one-direction torch module, time first. attention: None for none.
    readout: from H to K.
    """

    def __init__(
        self, cell: nn.RNN | nn.GRU | nn.LSTM, attention: Attention | None, readout: nn.Linear
    ) -> None:
        super().__init__()
        self.cell = cell
        self.attention = attention
        self.readout = readout

    @classmethod
    def from_numpy(cls, decoder: attention.AttentionDecoder) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        W_hy, b_y = (torch.from_numpy(a.T.copy()) for a in (decoder.W_hy, decoder.b_y))
        readout = nn.Linear(*W_hy.shape[::-1], dtype=W_hy.dtype)
        with torch.no_grad():
            readout.weight.copy_(W_hy)
            readout.bias.copy_(b_y)
        looks = decoder.attention
        return cls(fast_cell(decoder.cell), looks and Attention.from_numpy(looks), readout)

    def to_numpy(self) -> attention.AttentionDecoder:
        """The same function, in NumPy. Raises ValueError for a cell that `from_torch` refuses."""
        W_hy, b_y = (_array(p).T.copy() for p in self.readout.parameters())
        looks = self.attention
        return attention.AttentionDecoder(
            from_torch(self.cell), None if looks is None else looks.to_numpy(), W_hy, b_y
        )

    def forward(
        self,
        y: Tensor,
        memory: Tensor | None = None,
        state: TorchState | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The logits, (S, N, K); arguments as for `attention.AttentionDecoder.forward`."""
        return self.look(y, memory, state, mask)[0]

    def look(
        self,
        y: Tensor,
        memory: Tensor | None = None,
        state: TorchState | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, TorchState, Tensor | None]:
        """The logits (S, N, K), the state after the last step, and the weights (S, N, P) or None:
        with y of one step, what writing one word after the other needs."""
        h, state = _run(self.cell, y, state)
        weights = None
        if self.attention is not None:
            h, weights = self.attention(h, memory, mask)
        return self.readout(h), state, weights


class Translator(nn.Module):
    """`translator.Translator` in torch: the decoder looks at all of the encoder's states."""

    def __init__(self, encoder: nn.RNN | nn.GRU | nn.LSTM, decoder: AttentionDecoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    @classmethod
    def from_numpy(cls, model: translator.Translator) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        return cls(fast_cell(model.encoder), AttentionDecoder.from_numpy(model.decoder))

    def to_numpy(self) -> translator.Translator:
        """The same function, in NumPy. Raises ValueError for a cell that `from_torch` refuses."""
        return translator.Translator(from_torch(self.encoder), self.decoder.to_numpy())

    def encode(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, TorchState, Tensor]:
        """The memory (T, N, H), the states at the ends and the mask (T, N). x: (T, N, D)."""
        T, N, _ = x.shape
        lengths = torch.full((N,), T) if lengths is None else lengths
        memory, state = _run(self.encoder, x, None)
        if len(state) == 1:
            state = (memory[lengths - 1, torch.arange(N)],)
        elif (lengths < T).any():  # only the last c is handed out: packed, that of each end is
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
            state = tuple(s[0] for s in self.encoder(packed)[1])
        return memory, state, torch.arange(T)[:, None] < lengths

    def forward(self, x: Tensor, y: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The logits, (S, N, K); arguments as for `translator.Translator.forward`."""
        return self.decoder(y, *self.encode(x, lengths))


def _run(cell: Any, x: Tensor, state: TorchState | None) -> tuple[Tensor, TorchState]:
    """The cell over (T, N, D), states as tuples of (N, H) on both sides."""
    given = None if state is None else tuple(s[None] for s in state)
    h, last = cell(x, given[0] if given is not None and len(given) == 1 else given)
    return h, tuple(s[0] for s in (last if isinstance(last, tuple) else (last,)))


def _array(p: Tensor) -> Any:
    return p.detach().cpu().numpy().copy()
