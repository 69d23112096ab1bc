"""Recurrent neural networks to read: NumPy cells with hand-written backward passes.

Importing this package loads NumPy and nothing larger; `rnn_edu.fast` brings torch.
"""

from .gru import GRUCell
from .lstm import LSTMCell
from .rnn import RNNCell
from .sequence import unroll, unroll_backward, windows
from .trace import Trace, record

__version__ = "0.6.0"
__all__ = [
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "Trace",
    "record",
    "unroll",
    "unroll_backward",
    "windows",
]
