"""A trace holds what happened, and cannot be changed by what happens later."""

import numpy as np
import pytest

from rnn_edu import GRUCell, LSTMCell, RNNCell, Trace, record, unroll
from rnn_edu.cell import Cell
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network

from .reference import CELLS, K, N, T, assert_same, make_case

cells = pytest.mark.parametrize("kind", CELLS)
NAMES = {RNNCell: {"h"}, GRUCell: {"h", "r", "z", "n"}, LSTMCell: {"h", "c", "i", "f", "g", "o"}}


@cells
def test_it_holds_what_the_steps_computed(kind):
    cell, x, state, *_ = make_case(kind)
    trace = record(cell, x, state)
    h, _, caches = Cell.sweep(cell, x, state)
    steps = caches._asdict() | {"h": h}
    assert set(trace.arrays) == NAMES[kind]
    for name, a in trace.arrays.items():
        assert_same(a, steps[name], 1e-14, name)
        assert trace[name] is a
    assert trace.h is trace["h"]
    assert (trace.probs, trace.labels, trace.tokens) == (None, (), ("1", "2", "3", "4", "5"))


@cells
def test_without_a_state_it_starts_from_zeros(kind):
    cell, x, *_ = make_case(kind)
    assert_same(record(cell, x).h, unroll(cell, x)[0], 0)


@cells
def test_a_readout_answers_after_every_step(kind):
    cell, x, *_ = make_case(kind)
    net = Network.init(cell, K, np.random.default_rng(0))
    trace = record(net, x)
    assert_same(trace.probs, softmax(net.forward(x, read="every")[0]), 1e-14)
    assert trace.labels == tuple("0123456")
    assert record(net, x, labels="abcdefg").labels == tuple("abcdefg")
    assert set(trace.arrays) == NAMES[kind]


def test_tokens_and_title_are_kept():
    cell, x, *_ = make_case(RNNCell)
    trace = record(cell, x, tokens="Bauer", title="a name")
    assert trace.tokens == ("B", "a", "u", "e", "r")
    assert trace.title == "a name"


@cells
def test_later_changes_do_not_reach_it(kind):
    cell, x, state, *_ = make_case(kind)
    trace = record(cell, x, state)
    kept = {name: a.copy() for name, a in trace.arrays.items()}
    x[:] = 0
    for part in state:
        part[:] = 0
    for name, a in kept.items():
        assert_same(trace[name], a, 0)
    with pytest.raises(TypeError):
        trace.arrays["h"] = x
    with pytest.raises(AttributeError):
        trace.title = "other"


def test_an_unknown_name_is_answered_with_the_known_ones():
    trace = record(make_case(GRUCell).cell, make_case(GRUCell).x)
    with pytest.raises(KeyError, match="no 'c' in this trace; it holds h, r, z, n"):
        trace["c"]


def test_a_trace_can_be_made_by_hand():
    h = np.ones((T, N, 2))
    trace = Trace({"h": h}, tuple("abcde"), np.full((T, N, 2), 0.5), ("no", "yes"))
    assert trace.h is h
    assert trace.title == "hidden state"
