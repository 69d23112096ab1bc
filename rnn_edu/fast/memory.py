"""The cells of `rnn_edu.memory` as torch modules that take many steps at once.

Within a piece of C steps, what each step reads of the others is a C x C matrix, as in attention;
what they all read of the S that the piece began with comes on top, and S goes on to the next
piece, in a loop. One piece of all T steps is the T x T form; pieces of one step are the plain loop.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..memory import EPS, DeltaCell, GatedLinearAttentionCell, LinearAttentionCell
from .scan import _Module

MatrixState = tuple[Tensor, Tensor]


class LinearAttention(_Module):
    """`memory.LinearAttentionCell` in torch, with parameters of the same names and shapes.

    piece: C, the steps taken at once. It changes the time, not the result.
    """

    kind = LinearAttentionCell
    piece: int = 32

    def forward(self, x: Tensor, state: MatrixState | None = None) -> tuple[Tensor, MatrixState]:
        """x: (T, N, D). state: (h, S), h: (N, H), S: (N, K, H), zeros if None. Returns h (T, N, H)
        and the state after the last step."""
        x = x.transpose(0, 1)  # sequences first: each has a C x C matrix of its own
        q, k = (_unit(a) for a in (x @ self.W_xk + self.b_k).chunk(2, dim=2))
        v, g = x @ self.W_xh + self.b_h, self._gate(x)
        S = v.new_zeros(len(v), q.shape[2], v.shape[2]) if state is None else state[1]
        read = []
        for part in zip(*(a.split(self.piece, dim=1) for a in (q, k, v, g)), strict=True):
            h, S = self._take(*part, S)
            read.append(h)
        h = torch.cat(read, dim=1).transpose(0, 1)
        return h, (h[-1], S)

    def _gate(self, x: Tensor) -> Tensor:
        """What the gate says before its sigmoid, (N, T, K) or (N, T, 1); here there is none."""
        return x[..., :0]

    def _take(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, S: Tensor) -> MatrixState:
        """h = tril(q k^T) v + q S, and S + k^T v. q, k: (N, C, K), v: (N, C, H), S: (N, K, H)."""
        return (q @ k.mT).tril() @ v + q @ S, S + k.mT @ v


class _WithGate(LinearAttention):
    def _gate(self, x: Tensor) -> Tensor:
        return x @ self.W_xg + self.b_g


class GatedLinearAttention(_WithGate):
    """`memory.GatedLinearAttentionCell` in torch, with parameters of the same names and shapes."""

    kind = GatedLinearAttentionCell
    piece = 16

    def _take(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, S: Tensor) -> MatrixState:
        """As LinearAttention, but what was written at s is faded by a_{s+1} ... a_t.

        Each row of S fades at a rate of its own, so that the C x C matrix is a sum over K: C is
        small here. exp is taken of differences alone, none above 0, so that nothing overflows.
        """
        faded = nn.functional.logsigmoid(g).cumsum(dim=1)  # log(a_1 ... a_t)
        between = faded[:, :, None] - faded[:, None]  # (N, C, C, K)
        future = torch.ones(between.shape[1:3], dtype=torch.bool, device=g.device).triu(1)
        decay = between.masked_fill(future[..., None], -torch.inf).exp()
        h = (q[:, :, None] * k[:, None] * decay).sum(dim=3) @ v + (q * faded.exp()) @ S
        last = faded[:, -1:]
        return h, last.mT.exp() * S + (k * (last - faded).exp()).mT @ v


class Delta(_WithGate):
    """`memory.DeltaCell` in torch, with parameters of the same names and shapes."""

    kind = DeltaCell

    def _take(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, S: Tensor) -> MatrixState:
        """As LinearAttention, with what each step really wrote in place of v.

        u_t = beta_t (v_t - k_t S - sum over s < t of (k_t k_s^T) u_s) is a triangular system.
        Source: Yang et al., NeurIPS 2024, section 3.
        """
        beta = g.sigmoid()
        overlap = (beta * (k @ k.mT)).tril(-1)
        u = torch.linalg.solve_triangular(
            overlap, beta * (v - k @ S), upper=False, unitriangular=True
        )
        return super()._take(q, k, u, g, S)


def _unit(a: Tensor) -> Tensor:
    return a * (a.square().sum(-1, keepdim=True) + EPS).rsqrt()
