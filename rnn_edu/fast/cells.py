"""The cells as torch modules: conversions, and the course's own sweeps under autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ..cell import Cell
from ..gru import GRUCell
from ..lstm import LSTMCell
from ..rnn import RNNCell

_TORCH = {RNNCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}
_NUMPY = {module: cell for cell, module in _TORCH.items()}
_FEW = 5  # steps: for fewer, torch's own loop is done before a sweep has begun


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
        h, _, (_, *kept) = cell.sweep(x.detach().numpy(), (h0.detach().numpy(),))
        ctx.kind, ctx.n_kept = kind, len(kept)
        # torch's keeping: it notices a change in place, and lets go of all after the backward pass
        ctx.save_for_backward(x, h0, *parameters, *map(torch.from_numpy, kept))
        return torch.from_numpy(h)

    @staticmethod
    def backward(ctx: Any, dh: Tensor) -> tuple[Any, ...]:
        if torch.is_grad_enabled():  # once_differentiable would drop the second gradient silently
            raise RuntimeError("create_graph=True needs torch.nn: this stops at first gradients")
        x, h0, *rest = (t.detach() for t in ctx.saved_tensors)
        parameters, kept = rest[: -ctx.n_kept], rest[-ctx.n_kept :]
        cell = _cell(ctx.kind, parameters)
        caches = ctx.kind.cache_type(x.numpy(), *(t.numpy() for t in kept))
        grads, dx, (dh0,) = cell._backward(dh.numpy(), cell.zero_state(len(h0)), caches)
        db_hh = grads.b_h
        if isinstance(grads, GRUCell):
            db_hh = np.concatenate([grads.b_h[: 2 * cell.H], grads.b_hn])
        values = (grads.W_xh.T, grads.W_hh.T, grads.b_h, db_hh.copy())[: len(parameters)]
        return None, torch.from_numpy(dx), torch.from_numpy(dh0), *map(torch.from_numpy, values)


def _read(
    kind: type[Cell], parts: list[Tensor], h0: Tensor, parameters: list[Tensor], reverse: bool
) -> tuple[list[Tensor], Tensor]:
    """One layer in one direction over sequences of any length, the longest first.

    parts: (t, n, D) each, one after the other in time: n falls where sequences end. h0: (N, H).
    reverse: from the end; a sequence then joins, with its own h0, at its own last step.
    Returns the states (t, n, H) of each part, and the last state of each sequence (N, H).
    """
    out, state = [], h0[:0] if reverse else h0
    ended: list[Tensor] = []
    for x in reversed(parts) if reverse else parts:
        n = x.shape[1]
        if reverse:
            state = _join([state, h0[len(state) : n]])
            h = _Sweep.apply(kind, x.flip(0), state, *parameters)
            out.insert(0, h.flip(0))
        else:
            ended.insert(0, state[n:])
            h = _Sweep.apply(kind, x, state[:n], *parameters)
            out.append(h)
        state = h[-1]
    return out, _join([state, *ended])


def _join(tensors: list[Tensor], dim: int = 0) -> Tensor:
    """`torch.cat`, without a copy where there is only one that is not empty."""
    full = [t for t in tensors if t.numel()]
    return full[0] if len(full) == 1 else torch.cat(full, dim)


class _OnCPU:
    """Mixed into a torch.nn module: the sweep where it is right, torch's own path elsewhere."""

    _kind: type[Cell]

    def forward(self: Any, input: Any, hx: Tensor | None = None) -> Any:
        """As torch.nn: (output, h_n).

        input: (T, N, D), (N, T, D) with batch_first, (T, D) for one sequence, or a PackedSequence.
        hx: (layers * directions, N, H), without N for one sequence; zeros if None.
        Raises what torch.nn raises.
        """
        self._update_flat_weights()  # as torch.nn: they may have been put in from outside
        if not self._can_sweep(input, hx):
            return super().forward(input, hx)  # type: ignore[misc]
        batch_dim = 0 if self.batch_first else 1
        if isinstance(input, Tensor) and input.dim() == 2:
            h, last = self.forward(input.unsqueeze(batch_dim), None if hx is None else hx[:, None])
            return h.squeeze(batch_dim), last.squeeze(1)
        steps, sizes = self._stretches(input)
        packed = isinstance(input, PackedSequence)
        x, batch_sizes, order, back = input if packed else (input, None, None, None)
        if hx is None:
            directions = 2 if self.bidirectional else 1
            hx = x.new_zeros(self.num_layers * directions, sizes[0], self.hidden_size)
        hx = self.permute_hidden(hx, order)
        self.check_forward_args(x, hx, batch_sizes)
        if packed:
            h, last = self._read_layers(x, steps, sizes, hx)
            return PackedSequence(h, batch_sizes, order, back), self.permute_hidden(last, back)
        x = x.transpose(0, 1) if self.batch_first else x
        h, last = self._read_layers(x.flatten(0, 1), steps, sizes, hx)
        h = h.unflatten(0, (-1, sizes[0]))
        return h.transpose(0, 1) if self.batch_first else h, last

    def _stretches(self: Any, input: Any) -> tuple[list[int], list[int]]:
        """How many steps pass until a sequence ends, and how many sequences there are meanwhile."""
        if isinstance(input, PackedSequence):
            sizes, steps = torch.unique_consecutive(input.batch_sizes, return_counts=True)
            return steps.tolist(), sizes.tolist()
        if input.dim() == 2:
            return [len(input)], [1]
        T, N = input.shape[:2][:: -1 if self.batch_first else 1]
        return [T], [N]

    def _read_layers(
        self: Any, x: Tensor, steps: list[int], sizes: list[int], hx: Tensor
    ) -> tuple[Tensor, Tensor]:
        """All layers in all directions.

        x: (rows, D), sizes[0] rows for each of the first steps[0] steps, and so on.
        hx: (layers * directions, N, H). Returns (rows, directions * H) and the like of hx.
        """
        rows = [t * n for t, n in zip(steps, sizes, strict=True)]
        directions = 2 if self.bidirectional else 1
        last, size = [], len(self._all_weights[0])
        for layer in range(self.num_layers):
            parts = [
                part.unflatten(0, (-1, n)) for part, n in zip(x.split(rows), sizes, strict=True)
            ]
            outputs = []
            for k in range(layer * directions, (layer + 1) * directions):
                parameters = self._flat_weights[k * size : (k + 1) * size]
                h, h_n = _read(self._kind, parts, hx[k], parameters, k % directions == 1)
                outputs.append(_join([part.flatten(0, 1) for part in h]))
                last.append(h_n)
            x = _join(outputs, dim=1)
            if layer < self.num_layers - 1:
                x = nn.functional.dropout(x, self.dropout, self.training)
        return x, torch.stack(last)

    def _can_sweep(self: Any, input: Any, hx: Any) -> bool:
        packed = isinstance(input, PackedSequence)
        x = input.data if packed else input
        tensors = [x, *([] if hx is None else [hx]), *self._flat_weights]
        if not all(type(t) in (Tensor, nn.Parameter) for t in tensors):
            return False
        if not packed and x.dim() not in (2, 3):
            return False
        steps, _ = self._stretches(input)
        return (
            x.numel() > 0
            and sum(steps) >= _FEW * len(steps)
            and (hx is None or hx.dim() == (3 if packed else x.dim()))
            and x.dtype in (torch.float32, torch.float64)
            and all(t.device.type == "cpu" and t.dtype == x.dtype for t in tensors)
            and getattr(self, "nonlinearity", "tanh") == "tanh"
            and not torch.is_autocast_enabled("cpu")
            and not torch.compiler.is_compiling()
            # asked by torch.autograd.Function too: under vmap and its kin no memory can be seen
            and not torch._C._are_functorch_transforms_active()
        )


class RNN(_OnCPU, nn.RNN):
    """`torch.nn.RNN`, faster on a CPU. Its gradients cannot themselves be differentiated there."""

    _kind = RNNCell


class GRU(_OnCPU, nn.GRU):
    """`torch.nn.GRU`, faster on a CPU. Its gradients cannot themselves be differentiated there."""

    _kind = GRUCell


LSTM = nn.LSTM  # torch's CPU kernel for it is already near the speed of its matrix products


def fast_cell(cell: Cell) -> Any:
    """The fast module that computes what the cell does."""
    module = to_torch(cell)
    kind = {nn.RNN: RNN, nn.GRU: GRU, nn.LSTM: LSTM}[type(module)]
    fast = kind(cell.D, cell.H, dtype=module.weight_hh_l0.dtype)
    fast.load_state_dict(module.state_dict())
    return fast
