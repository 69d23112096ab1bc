"""`rnn_edu.scan` in torch, on any device, and the cells that it runs as modules."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from ..cell import Cell
from ..diagonal import DiagonalCell
from ..mingru import MinGRUCell
from ..scan import _places

TorchState = tuple[Tensor, ...]


def scan(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """h_t = a_t * h_{t-1} + b_t for all t at once, in the rounds of `rnn_edu.scan.scan`.

    a: (T, N, H), or (T, 1, H) if all sequences share it. b: (T, N, H). h0: (N, H). All of one
    dtype, real or complex. Returns h: (T, N, H). Can be differentiated any number of times: the
    backward pass is a scan too.
    """
    return _Scan.apply(a, b, h0)


class _Scan(torch.autograd.Function):
    """The gradients by `scan_backward`'s formula: autograd through the rounds would keep each."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
        products, h = a.clone(), b.clone()
        h[0] += a[0] * h0
        T, span = len(h), 1
        while 2 * span <= T:
            later, earlier = _places(2 * span - 1, span, T)
            h[later] += products[later] * h[earlier]
            products[later] *= products[earlier]
            span *= 2
        while span > 1:
            span //= 2
            later, earlier = _places(3 * span - 1, span, T)
            h[later] += products[later] * h[earlier]
        ctx.save_for_backward(a, h0, h)
        return h

    @staticmethod
    def backward(ctx: Any, dh: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a, h0, h = ctx.saved_tensors
        a_next = torch.cat([a[1:], torch.zeros_like(a[:1])]).conj()
        db = scan(a_next.flip(0), dh.flip(0), torch.zeros_like(h0)).flip(0)
        h_prev = torch.cat([h0[None], h[:-1]]).conj()
        return db * h_prev, db, a[0].conj() * db[0]


class _Module(nn.Module):
    """A cell's parameters as tensors of the same names and shapes; they are copied."""

    kind: ClassVar[type[Cell]]

    def __init__(self, cell: Any) -> None:
        super().__init__()
        if type(cell) is not self.kind:
            raise TypeError(f"cell must be {self.kind.__name__}, got {type(cell).__name__}")
        for name, value in vars(cell).items():
            self.register_parameter(name, nn.Parameter(torch.from_numpy(value.copy())))

    @classmethod
    def from_numpy(cls, cell: Any) -> Self:
        """The same function, on parameters of its own. `to_numpy` gives back the same bits."""
        return cls(cell)

    def to_numpy(self) -> Any:
        """The same function, in NumPy."""
        return self.kind(*(p.detach().cpu().numpy().copy() for p in self.parameters()))


class MinGRU(_Module):
    """`mingru.MinGRUCell` in torch, with parameters of the same names and shapes."""

    kind = MinGRUCell

    def forward(self, x: Tensor, state: TorchState | None = None) -> tuple[Tensor, TorchState]:
        """x: (T, N, D). state: (h,), (N, H), zeros if None. Returns h (T, N, H) and the state after
        the last step."""
        x_z, n = (x @ self.W_xh + self.b_h).chunk(2, dim=2)
        z = x_z.sigmoid()
        (h0,) = (torch.zeros_like(n[0]),) if state is None else state
        h = scan(z, (1 - z) * n, h0)
        return h, (h[-1],)


class Diagonal(_Module):
    """`diagonal.DiagonalCell` in torch, with parameters of the same names and shapes."""

    kind = DiagonalCell

    def forward(self, x: Tensor, state: TorchState | None = None) -> tuple[Tensor, TorchState]:
        """x: (T, N, D). state: (h, re, im), (N, H) each, zeros if None. Returns h (T, N, H) and the
        state after the last step."""
        entering = torch.complex(*(x @ self.W_xh).chunk(2, dim=2))
        decay = torch.exp(torch.complex(-self.log_rate.exp(), self.angle))
        s0 = torch.zeros_like(entering[0]) if state is None else torch.complex(*state[1:])
        s = scan(decay.expand(len(x), 1, -1), entering, s0)
        h = torch.tanh(torch.cat([s.real, s.imag], dim=2) @ self.W_sh + self.b_h)
        return h, (h[-1], s[-1].real, s[-1].imag)
