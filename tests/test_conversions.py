"""A cell becomes a torch module and comes back, to the bit."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.fast import from_torch, to_torch
from rnn_edu.ops import leaves

from .reference import CELLS, TOLERANCE, D, H, N, T, make_case

cells = pytest.mark.parametrize("kind", CELLS)
dtypes = pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["f64", "f32"])
MODULES = {RNNCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}


@cells
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_there_and_back_to_the_bit(kind, dtype):
    cell = make_case(kind, dtype=dtype).cell
    back = from_torch(to_torch(cell))
    assert type(back) is kind
    for (name, a), (_, b) in zip(leaves(cell), leaves(back), strict=True):
        assert a.dtype == b.dtype, name
        assert a.tobytes() == b.tobytes(), name


@cells
@dtypes
@pytest.mark.parametrize("bias", [True, False])
def test_both_directions_keep_the_function(kind, dtype, bias):
    torch.manual_seed(0)
    module = MODULES[kind](D, H, bias=bias, dtype=dtype)
    x = torch.randn(T, N, D, dtype=dtype)
    want = module(x)[0].detach().numpy()
    cell = from_torch(module)
    tol = TOLERANCE[want.dtype]
    assert np.abs(unroll(cell, x.numpy())[0] - want).max() < tol
    assert np.abs(to_torch(cell)(x)[0].detach().numpy() - want).max() < tol


@cells
def test_neither_side_shares_memory_with_the_other(kind):
    cell = make_case(kind).cell
    kept = [a.copy() for _, a in leaves(cell)]
    module = to_torch(cell)
    back = from_torch(module)
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    for before, (_, a), (_, b) in zip(kept, leaves(cell), leaves(back), strict=True):
        assert np.array_equal(before, a)
        assert np.array_equal(before, b)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.RNN(D, H, num_layers=2), "must have num_layers=1, got 2"),
        (nn.GRU(D, H, bidirectional=True), "must have bidirectional=False, got True"),
        (nn.LSTM(D, H, proj_size=2), "must have proj_size=0, got 2"),
        (nn.RNN(D, H, nonlinearity="relu"), "must have nonlinearity='tanh', got 'relu'"),
    ],
)
def test_from_torch_refuses_what_no_single_cell_is(module, message):
    with pytest.raises(ValueError, match=f"module {message}"):
        from_torch(module)


def test_other_types_are_refused():
    with pytest.raises(TypeError, match=r"module must be nn.RNN, nn.GRU or nn.LSTM, got Linear"):
        from_torch(nn.Linear(2, 3))
    with pytest.raises(TypeError, match=r"cell must be an RNNCell, .* got Linear"):
        to_torch(nn.Linear(2, 3))
