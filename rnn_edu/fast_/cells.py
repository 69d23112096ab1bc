"""The same cells and parameters on PyTorch's side: conversions, and modules that run faster.

`RNN`, `GRU` and `LSTM` are `torch.nn`'s modules: same arguments, same state_dict, same results.
On a CPU torch has a fused kernel for the LSTM and none for the other two; there the course's own
`sweep` and `sweep_backward` run on the tensors' memory, behind an `autograd.Function`.
`Network` and `EncoderDecoder` are called as those of `rnn_edu.topologies` are, with tensors.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from . import topologies
from .cell import Cell
from .gru import GRUCell
from .lstm import LSTMCell
from .rnn import RNNCell

_TORCH = {RNNCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}
_NUMPY = {module: cell for cell, module in _TORCH.items()}


def to_torch(cell: Cell) -> nn.RNN | nn.GRU | nn.LSTM:
    """A torch module that computes the same function as the cell, in the cell's dtype.

    torch keeps two biases that it adds; ours goes into the first, zeros into the second (but for
    the GRU's b_hn, which r scales). So `from_torch(to_torch(cell))` has the cell's very bits.
    Raises TypeError for anything but the three cells.
    """
    if type(cell) not in _TORCH:
        raise TypeError(f"cell must be an RNNCell, GRUCell or LSTMCell, got {type(cell).__name__}")
    b_hh = np.zeros_like(cell.b_h)
    if isinstance(cell, GRUCell):
        b_hh[2 * cell.H :] = cell.b_hn
    values = (cell.W_xh.T, cell.W_hh.T, cell.b_h, b_hh)
    tensors = [torch.from_numpy(a.copy()) for a in values]
    module = _TORCH[type(cell)](cell.D, cell.H, dtype=tensors[0].dtype)
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), tensors, strict=True):
            parameter.copy_(value)
    return module


def from_torch(module: nn.RNN | nn.GRU | nn.LSTM) -> RNNCell | GRUCell | LSTMCell:
    """The cell that computes the same function as a one-layer, one-direction torch module.

    torch's two biases become one: the function stays, the bits of the biases may not.
    Raises TypeError for another module, ValueError for a form that no single cell has.
    """
    kind = next((k for k in _NUMPY if isinstance(module, k)), None)
    if kind is None:
        raise TypeError(f"module must be nn.RNN, nn.GRU or nn.LSTM, got {type(module).__name__}")
    wanted = {"num_layers": 1, "bidirectional": False, "proj_size": 0}
    if kind is nn.RNN:
        wanted["nonlinearity"] = "tanh"
    for name, value in wanted.items():
        if getattr(module, name) != value:
            raise ValueError(f"module must have {name}={value!r}, got {getattr(module, name)!r}")
    parameters = [p.detach().cpu() for p in module._flat_weights]
    return _cell(_NUMPY[kind], parameters, copy=True)


def _cell(kind: type[Cell], parameters: list[Tensor], copy: bool = False) -> Any:
    """A cell over torch's weight_ih (G*H, D), weight_hh (G*H, H) and biases (G*H,), if any."""
    w_ih, w_hh, *biases = (p.numpy() for p in parameters)
    b_ih, b_hh = biases or np.zeros((2, len(w_ih)), w_ih.dtype)
    W_xh, W_hh = (np.array(w.T, order="C") if copy else w.T for w in (w_ih, w_hh))
    if kind is not GRUCell:
        return kind(W_xh, W_hh, b_ih + b_hh)
    H = len(w_hh) // 3
    b_h = b_ih.copy()
    b_h[: 2 * H] += b_hh[: 2 * H]
    return GRUCell(W_xh, W_hh, b_h, b_hh[2 * H :].copy())


class _Sweep(torch.autograd.Function):
    """One layer in one direction, by the cell's own sweep: what the lessons derive is what runs."""

    @staticmethod
    def forward(ctx: Any, kind: type[Cell], x: Tensor, h0: Tensor, *parameters: Tensor) -> Tensor:
        cell = _cell(kind, [p.detach() for p in parameters])
        h, _, ctx.caches = cell.sweep(x.detach().numpy(), (h0.detach().numpy(),))
        ctx.cell = cell
        ctx.save_for_backward(x, h0, *parameters)  # so that torch notices a change in place
        return torch.from_numpy(h)

    @staticmethod
    def backward(ctx: Any, dh: Tensor) -> tuple[Any, ...]:
        if torch.is_grad_enabled():  # once_differentiable would drop the second gradient silently
            raise RuntimeError("create_graph=True needs torch.nn: this stops at first gradients")
        n_parameters = len(ctx.saved_tensors) - 2
        cell = ctx.cell
        grads, dx, (dh0,) = cell.sweep_backward(
            dh.numpy(), cell.zero_state(dh.shape[1]), ctx.caches
        )
        db_hh = grads.b_h
        if isinstance(grads, GRUCell):
            db_hh = np.concatenate([grads.b_h[: 2 * cell.H], grads.b_hn])
        values = (grads.W_xh.T, grads.W_hh.T, grads.b_h, db_hh.copy())[:n_parameters]
        return None, torch.from_numpy(dx), torch.from_numpy(dh0), *map(torch.from_numpy, values)


class _OnCPU:
    """Mixed into a torch.nn module: the sweep where it is right, torch's own path elsewhere."""

    _kind: type[Cell]

    def forward(self: Any, input: Any, hx: Tensor | None = None) -> Any:
        """As torch.nn: input (T, N, D) or (N, T, D) with batch_first; returns (output, h_n)."""
        self._update_flat_weights()  # as torch.nn: they may have been put in from outside
        if not self._can_sweep(input, hx):
            return super().forward(input, hx)  # type: ignore[misc]
        x = input.transpose(0, 1) if self.batch_first else input
        directions = 2 if self.bidirectional else 1
        if hx is None:
            hx = x.new_zeros(self.num_layers * directions, x.shape[1], self.hidden_size)
        self.check_forward_args(input, hx, None)
        last = []
        size = len(self._all_weights[0])
        for layer in range(self.num_layers):
            outputs = []
            for k in range(layer * directions, (layer + 1) * directions):
                weights = self._flat_weights[k * size : (k + 1) * size]
                backward_in_time = k % directions == 1
                h = _Sweep.apply(self._kind, x.flip(0) if backward_in_time else x, hx[k], *weights)
                last.append(h[-1])
                outputs.append(h.flip(0) if backward_in_time else h)
            x = torch.cat(outputs, dim=2) if directions == 2 else outputs[0]
            if layer < self.num_layers - 1:
                x = nn.functional.dropout(x, self.dropout, self.training)
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(last)

    def _can_sweep(self: Any, input: Any, hx: Any) -> bool:
        return (
            isinstance(input, Tensor)
            and input.dim() == 3
            and input.numel() > 0
            and input.dtype in (torch.float32, torch.float64)
            and all(
                t.device.type == "cpu" and t.dtype == input.dtype
                for t in (input, *([] if hx is None else [hx]), *self._flat_weights)
            )
            and getattr(self, "nonlinearity", "tanh") == "tanh"
        )


class RNN(_OnCPU, nn.RNN):
    """`torch.nn.RNN`, faster on a CPU. Its gradients cannot themselves be differentiated there."""

    _kind = RNNCell


class GRU(_OnCPU, nn.GRU):
    """`torch.nn.GRU`, faster on a CPU. Its gradients cannot themselves be differentiated there."""

    _kind = GRUCell


LSTM = nn.LSTM  # torch's CPU kernel for it is already near the speed of its matrix products


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
        module = cls(_fast(network.cell), K)
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
        return cls(_fast(model.encoder), Network.from_numpy(model.decoder))

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


def _fast(cell: Cell) -> Any:
    """The fast module that computes what the cell does."""
    module = to_torch(cell)
    kind = {nn.RNN: RNN, nn.GRU: GRU, nn.LSTM: LSTM}[type(module)]
    fast = kind(cell.D, cell.H, dtype=module.weight_hh_l0.dtype)
    fast.load_state_dict(module.state_dict())
    return fast
