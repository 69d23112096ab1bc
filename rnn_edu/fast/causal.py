"""`rnn_edu.causal` in torch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ..causal import CausalAttention as CausalCell
from .scan import _Module

CacheState = tuple[Tensor, Tensor, Tensor]


class CausalAttention(_Module):
    """`causal.CausalAttention` in torch, with parameters of the same names and shapes."""

    kind = CausalCell

    def forward(self, x: Tensor, state: CacheState | None = None) -> tuple[Tensor, CacheState]:
        """x: (T, N, D). state: (h, keys, values) of the steps before, none if None. Returns
        h (T, N, H) and the state after the last step: keys (N, P, K), values (N, P, H)."""
        x = x.transpose(0, 1)
        q, keys = (x @ self.W_xk).chunk(2, dim=2)
        values = x @ self.W_xh
        if state is not None:
            keys, values = torch.cat([state[1], keys], 1), torch.cat([state[2], values], 1)
        T, P = q.shape[1], keys.shape[1]
        seen = torch.ones(T, P, dtype=torch.bool, device=x.device).tril(P - T)
        h = scaled_dot_product_attention(q, keys, values, seen).transpose(0, 1)
        return h, (h[-1], keys, values)
