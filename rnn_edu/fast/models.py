"""The networks of `topologies` as torch modules: called as those are, with tensors."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from .. import topologies
from .cells import fast_cell, from_torch


class Network(nn.Module):
    """`topologies.Network` in torch: one cell, fed at each step or at the first, and a readout.

    cell: a one-layer, one-direction torch module, time first. K: outputs.
    """

    def __init__(self, cell: nn.RNN | nn.GRU | nn.LSTM, K: int) -> None:
        super().__init__()
        self.cell = cell
        self.readout = nn.Linear(cell.hidden_size, K, dtype=cell.weight_hh_l0.dtype)

    @classmethod
    def from_numpy(cls, network: topologies.Network) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        K = len(network.b_y)
        module = cls(fast_cell(network.cell), K)
        with torch.no_grad():
            module.readout.weight.copy_(torch.from_numpy(network.W_hy.T.copy()))
            module.readout.bias.copy_(torch.from_numpy(network.b_y.copy()))
        return module

    def to_numpy(self) -> topologies.Network:
        """The same function, in NumPy. Raises ValueError for a cell that `from_torch` refuses."""
        W_hy, b_y = (p.detach().cpu().numpy().T.copy() for p in self.readout.parameters())
        return topologies.Network(from_torch(self.cell), W_hy, b_y)

    def forward(
        self,
        x: Tensor,
        lengths: Tensor | None = None,
        read: topologies.Read = "last",
        *,
        T: int | None = None,
        state: tuple[Tensor, ...] | None = None,
    ) -> Tensor:
        """The logits, (N, K) or (T, N, K); arguments as for `topologies.Network.forward`."""
        topologies.check_read(read)
        if T is not None:  # at the first step, zeros at the others
            x = nn.functional.pad(x.reshape(1, *x.shape[-2:]), (0, 0, 0, 0, 0, T - 1))
        hx = None if state is None else tuple(s[None] for s in state)
        h, _ = self.cell(x, hx[0] if hx is not None and len(hx) == 1 else hx)
        if read == "last":
            h = h[-1] if lengths is None else h[lengths - 1, torch.arange(len(lengths))]
        return self.readout(h)


class EncoderDecoder(nn.Module):
    """`topologies.EncoderDecoder` in torch: the encoder's last state is where the decoder starts.

    encoder: a one-layer, one-direction torch module, time first. decoder: a Network of its kind.
    """

    def __init__(self, encoder: nn.RNN | nn.GRU | nn.LSTM, decoder: Network) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    @classmethod
    def from_numpy(cls, model: topologies.EncoderDecoder) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        return cls(fast_cell(model.encoder), Network.from_numpy(model.decoder))

    def to_numpy(self) -> topologies.EncoderDecoder:
        """The same function, in NumPy. Raises ValueError for a cell that `from_torch` refuses."""
        return topologies.EncoderDecoder(from_torch(self.encoder), self.decoder.to_numpy())

    def encode(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, ...]:
        """The state after each sequence's last step: a tuple of (N, H). x: (T, N, D)."""
        if lengths is not None:
            x = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
        _, last = self.encoder(x)
        return tuple(s[0] for s in (last if isinstance(last, tuple) else (last,)))

    def forward(self, x: Tensor, y: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The logits, (S, N, K); arguments as for `topologies.EncoderDecoder.forward`."""
        return self.decoder(y, read="every", state=self.encode(x, lengths))
