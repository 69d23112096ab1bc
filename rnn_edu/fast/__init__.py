"""The same cells and parameters on PyTorch's side: conversions, and modules that run faster.

`RNN`, `GRU` and `LSTM` are `torch.nn`'s modules: same arguments, same state_dict, same results.
On a CPU torch has a fused kernel for the LSTM and none for the other two; there the course's own
`sweep` and `sweep_backward` run on the tensors' memory, behind an `autograd.Function`.
The networks are called as those of `rnn_edu.topologies` and `rnn_edu.attention` are, with tensors.
"""

from .attention import Attention, AttentionDecoder, Translator
from .causal import CausalAttention
from .cells import GRU, LSTM, RNN, from_torch, to_torch
from .memory import Delta, GatedLinearAttention, LinearAttention
from .models import EncoderDecoder, Network
from .scan import Diagonal, MinGRU

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Attention",
    "AttentionDecoder",
    "CausalAttention",
    "Delta",
    "Diagonal",
    "EncoderDecoder",
    "GatedLinearAttention",
    "LinearAttention",
    "MinGRU",
    "Network",
    "Translator",
    "from_torch",
    "to_torch",
]
