"""What every cell keeps to, whatever the sizes and the numbers; sizes of one are among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.causal import CausalAttention
from rnn_edu.diagonal import DiagonalCell
from rnn_edu.memory import DeltaCell, GatedLinearAttentionCell, LinearAttentionCell
from rnn_edu.mingru import MinGRUCell
from rnn_edu.ops import leaves, map_params
from rnn_edu.topologies import Network

from .reference import Case, Result, assert_same, by_steps, by_sweep

KINDS = (RNNCell, GRUCell, LSTMCell, MinGRUCell, DiagonalCell)
KINDS += (LinearAttentionCell, GatedLinearAttentionCell, DeltaCell, CausalAttention)
sizes = st.tuples(*[st.integers(1, 6)] * 4)
seeds = st.integers(0, 2**32)
pytestmark = pytest.mark.parametrize("kind", KINDS)


def drawn(kind, T, N, D, H, seed, dtype=np.float64):
    """A case like `make_case`'s, of any kind of cell: its states may be other than (N, H)."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.normal(size=shape).astype(dtype)

    cell = kind(*(draw(*shape) for shape in kind._shapes(D, H).values()))
    states = [tuple(draw(*s.shape) for s in cell.zero_state(N)) for _ in range(2)]
    return Case(cell, draw(T, N, D), states[0], draw(T, N, H), states[1])


def rows(value, order):
    """Sequences of a batch in another order: arrays of (T, N, ...), or states of (N, ...)."""
    return tuple(s[order] for s in value) if isinstance(value, tuple) else value[:, order]


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds, data=st.data())
def test_another_order_of_the_batch_is_another_order_of_the_answer(kind, sizes, seed, data):
    case = drawn(kind, *sizes, seed)
    order = data.draw(st.permutations(range(sizes[1])))
    turned = Case(case.cell, *(rows(value, order) for value in case[1:]))
    h, state, grads, dx, dstate0 = by_sweep(case)
    want = rows(h, order), rows(state, order), grads, rows(dx, order), rows(dstate0, order)
    assert_same(by_sweep(turned), Result(*want), 1e-9)


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds)
def test_each_sequence_alone_gives_what_it_gives_among_others(kind, sizes, seed):
    case, N = drawn(kind, *sizes, seed), sizes[1]
    together = by_sweep(case)
    alone = [by_sweep(Case(case.cell, *(rows(v, [n]) for v in case[1:]))) for n in range(N)]
    for n, one in enumerate(alone):
        assert_same(one.h, rows(together.h, [n]), 1e-9)
        assert_same(one.state, rows(together.state, [n]), 1e-9)
        assert_same(one.dx, rows(together.dx, [n]), 1e-9)
    total = alone[0].grads
    for one in alone[1:]:
        total = map_params(np.add, total, one.grads)
    assert_same(total, together.grads, 1e-9)


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds, dtype=st.sampled_from([np.float32, np.float64]))
def test_shapes_and_types_are_those_that_went_in(kind, sizes, seed, dtype):
    case = drawn(kind, *sizes, seed, dtype)
    (T, N, D, H), state = sizes, case.cell.zero_state(sizes[1])
    h, last, grads, dx, dstate0 = by_sweep(case)
    assert h.shape == (T, N, H)
    assert dx.shape == (T, N, D)
    assert [s.shape for s in dstate0] == [s.shape for s in state]
    for (_, g), (_, p) in zip(leaves(grads), leaves(case.cell), strict=True):
        assert g.shape == p.shape
    assert np.array_equal(h[-1], last[0])
    assert {a.dtype for a in (h, *last, dx, *dstate0, grads.W_xh)} == {np.dtype(dtype)}


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds)
def test_float32_is_float64_but_for_rounding(kind, sizes, seed):
    """Measured by the largest number of all: some gradients are differences that leave nothing."""
    single = drawn(kind, *sizes, seed, np.float32)
    double = Case(*(map_params(lambda a: a.astype(np.float64), value) for value in single))
    got, want = ([a for _, a in leaves(tuple(by_sweep(case)))] for case in (single, double))
    largest = max(np.abs(a).max(initial=1) for a in want)
    assert (
        max(np.abs(g - w).max(initial=0) for g, w in zip(got, want, strict=True)) < 1e-4 * largest
    )


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds, size=st.sampled_from([0, 1e-300, 1e4]), state=st.booleans())
def test_large_and_tiny_inputs_give_finite_answers_and_gradients(kind, sizes, seed, size, state):
    """Warnings are errors here, so that an overflow on the way shows too."""
    case = drawn(kind, *sizes, seed)
    case = case._replace(x=size * case.x)
    if state:
        case = case._replace(state=tuple(size * s for s in case.state))
    swept = by_sweep(case)
    assert all(np.isfinite(a).all() for _, a in leaves(tuple(swept)))
    if kind is not CausalAttention:  # whose states have other shapes from step to step
        assert_same(by_steps(case), swept, 1e-6)


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds, data=st.data())
def test_what_stands_behind_an_end_changes_nothing(kind, sizes, seed, data):
    (T, N, D, _), case = sizes, drawn(kind, *sizes, seed)
    lengths = np.array(data.draw(st.lists(st.integers(1, T), min_size=N, max_size=N)))
    net = Network.init(case.cell, 3, np.random.default_rng(seed))
    more = data.draw(st.integers(0, 3))
    other = np.random.default_rng(seed + 1).normal(size=(T + more, N, D))
    there = np.arange(T + more)[:, None] < lengths
    other[there] = case.x[there[:T]]
    logits, cache = net.forward(case.x, lengths)
    changed, changed_cache = net.forward(other, lengths)
    assert_same(changed, logits, 1e-12)
    dlogits = np.ones_like(logits)
    assert_same(net.backward(dlogits, changed_cache), net.backward(dlogits, cache), 1e-9)


@settings(max_examples=15)
@given(sizes=sizes, seed=seeds, data=st.data())
def test_no_step_sees_what_comes_after_it(kind, sizes, seed, data):
    case = drawn(kind, *sizes, seed)
    t = data.draw(st.integers(1, sizes[0]))
    cut, _, _ = unroll(case.cell, case.x[:t], case.state)
    whole, _, _ = unroll(case.cell, case.x, case.state)
    assert_same(cut, whole[:t], 1e-12)
