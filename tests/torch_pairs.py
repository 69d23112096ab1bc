"""What the tests of `rnn_edu.fast` share: our module beside torch's, and what a step gives."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_edu import GRUCell, RNNCell, fast

SWEPT = [(fast.RNN, nn.RNN), (fast.GRU, nn.GRU)]
swept = pytest.mark.parametrize(("ours", "theirs"), SWEPT, ids=["RNN", "GRU"])


def count_sweeps(monkeypatch):
    """A dict that counts how often the cells' own sweeps run."""
    counted = {"sweep": 0, "sweep_backward": 0}

    def spy_on(kind, name):
        real = getattr(kind, name)

        def counting(self, *args):
            counted[name] += 1
            return real(self, *args)

        monkeypatch.setattr(kind, name, counting)

    for kind, name in product((RNNCell, GRUCell), counted):
        spy_on(kind, name)
    return counted


def pair(ours, theirs, *args, **kwargs):
    """Our module, torch's, and the same numbers in both."""
    torch.manual_seed(0)
    a, b = ours(*args, **kwargs), theirs(*args, **kwargs)
    a.load_state_dict(b.state_dict())
    return a, b


def results(module, x, hx=None):
    """Everything a training step sees, with a gradient into the output and into the last state."""
    packed = isinstance(x, PackedSequence)
    numbers = (x.data if packed else x).clone().requires_grad_()
    hx = None if hx is None else hx.clone().requires_grad_()
    h, last = module(PackedSequence(numbers, *x[1:]) if packed else numbers, hx)
    h = h.data if packed else h
    module.zero_grad()
    torch.autograd.backward([h, last], [ramp(h), ramp(last)])
    named = {"h": h, "last": last, "dx": numbers.grad, "dhx": None if hx is None else hx.grad}
    return named | {name: p.grad for name, p in module.named_parameters()}


def ramp(like):
    """A gradient that is different everywhere."""
    return torch.linspace(-1, 2, like.numel(), dtype=like.dtype).view_as(like)


def assert_equal(got, want):
    assert got.keys() == want.keys()
    for name, w in want.items():
        g = got[name]
        assert (g is None) == (w is None), name
        if w is not None:
            assert (g.shape, g.dtype) == (w.shape, w.dtype), name
            tol = 1e-10 if w.dtype == torch.float64 else 1e-5
            assert (g - w).abs().max() <= tol * w.abs().max(), name
