"""The three cells against torch, against finite differences, and each against itself."""

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell, cell
from rnn_edu.cell import Cell
from rnn_edu.gradcheck import check_grads

from .reference import (
    CELLS,
    TOLERANCE,
    D,
    H,
    N,
    T,
    assert_same,
    by_steps,
    by_sweep,
    by_torch,
    make_case,
)

pytestmark = pytest.mark.parametrize("kind", CELLS)
shapes = st.tuples(*[st.integers(1, 7)] * 4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("route", [by_sweep, by_steps])
def test_values_and_all_gradients_equal_torch(kind, dtype, route):
    case = make_case(kind, dtype=dtype)
    assert_same(route(case), by_torch(case), TOLERANCE[np.dtype(dtype)])


@settings(max_examples=25)
@given(shape=shapes, dtype=st.sampled_from([np.float64, np.float32]), seed=st.integers(0, 2**32))
def test_any_shape_equals_torch_and_the_loop_of_steps(kind, shape, dtype, seed):
    case = make_case(kind, *shape, dtype=dtype, seed=seed)
    swept = by_sweep(case)
    assert_same(swept, by_torch(case), TOLERANCE[np.dtype(dtype)])
    assert_same(swept, by_steps(case), 1000 * np.finfo(dtype).eps)


@pytest.mark.parametrize("length", [1, 2, T - 1, T])
def test_the_backward_pass_over_pieces_is_that_of_the_whole(kind, length, monkeypatch):
    case = make_case(kind)
    whole = by_sweep(case)
    monkeypatch.setattr(cell, "_PIECE", length * N * kind.G * H * case.x.itemsize)
    seen, whole_sum = [], kind._sum_over_time
    monkeypatch.setattr(
        kind,
        "_sum_over_time",
        lambda self, x, *rest: seen.append(len(x)) or whole_sum(self, x, *rest),
    )
    assert_same(by_sweep(case), whole, 1e-13)
    assert seen == [T % length or length] + [length] * (-(-T // length) - 1)


def test_the_caches_of_the_sweep_are_the_caches_of_the_steps(kind):
    case = make_case(kind)
    _, _, swept = case.cell.sweep(case.x, case.state)
    _, _, stepped = Cell.sweep(case.cell, case.x, case.state)
    assert type(swept) is type(stepped)
    assert_same(swept, stepped, 1e-14)


def test_gradients_of_the_sweep_against_finite_differences(kind):
    case = make_case(kind, T=4, N=2, D=3, H=5)
    _, _, grads, dx, dstate0 = by_sweep(case)

    def loss(p):
        h, last, _ = p["cell"].sweep(p["x"], tuple(p[name] for name in kind.state_names))
        return np.vdot(case.dh, h) + dot(case.dstate, last)

    params = {"cell": case.cell, "x": case.x, **named(kind, case.state)}
    assert 0 < check_grads(loss, params, {"cell": grads, "x": dx, **named(kind, dstate0)}) < 1e-7


def test_gradients_of_one_step_against_finite_differences(kind):
    case = make_case(kind)
    _, cache = case.cell.step(case.x[0], case.state)
    grads, dx, dstate0 = case.cell.step_backward(case.dstate, cache)

    def loss(p):
        state, _ = p["cell"].step(p["x"], tuple(p[name] for name in kind.state_names))
        return dot(case.dstate, state)

    params = {"cell": case.cell, "x": case.x[0], **named(kind, case.state)}
    assert 0 < check_grads(loss, params, {"cell": grads, "x": dx, **named(kind, dstate0)}) < 1e-7


def named(kind, state):
    return dict(zip(kind.state_names, state, strict=True))


def dot(dstate, state):
    return sum(np.vdot(d, s) for d, s in zip(dstate, state, strict=True))


def test_init_draws_from_plus_minus_one_over_root_H(kind):
    cell = kind.init(D, 100, np.random.default_rng(0))
    for f in fields(cell):
        a = getattr(cell, f.name)
        assert np.abs(a).max() <= 0.1
        assert a.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.15), f.name
    again = kind.init(D, 100, np.random.default_rng(0))
    assert_same(again, cell, 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_results_have_the_type_of_the_parameters(kind, dtype):
    cell = kind.init(D, H, np.random.default_rng(0), dtype=dtype)
    other = np.float32 if dtype is np.float64 else np.float64
    case = make_case(kind, dtype=other)._replace(cell=cell)
    assert cell.dtype == dtype
    for route in (by_sweep, by_steps):
        h, state, grads, dx, dstate0 = route(case)
        for a in (h, *state, dx, *dstate0, *vars(grads).values(), *cell.zero_state(N)):
            assert a.dtype == dtype
    for sweep in (kind.sweep, Cell.sweep):
        _, _, caches = sweep(cell, case.x.astype(dtype), cell.zero_state(N))
        assert {a.dtype for a in caches} == {np.dtype(dtype)}


def test_n_params_counts_every_entry(kind):
    gates, extra = {RNNCell: (1, 0), GRUCell: (3, H), LSTMCell: (4, 0)}[kind]
    assert make_case(kind).cell.n_params == gates * H * (D + H + 1) + extra


def test_a_cell_is_frozen(kind):
    cell = make_case(kind).cell
    with pytest.raises(FrozenInstanceError):
        cell.b_h = cell.b_h


def test_zero_state_is_zero_and_fresh(kind):
    cell = make_case(kind).cell
    first, second = cell.zero_state(N), cell.zero_state(N)
    assert [s.shape for s in first] == [(N, H)] * len(kind.state_names)
    assert not any(s.any() for s in first)
    assert not any(np.shares_memory(a, b) for a in first for b in second)


def test_a_step_keeps_nothing(kind):
    """Two runs over the same input agree, whatever ran in between."""
    case = make_case(kind)
    first = case.cell.step(case.x[0], case.state)[0]
    case.cell.step(case.x[1], first)
    assert_same(case.cell.step(case.x[0], case.state)[0], first, 0)


def test_a_cell_without_equations_says_which(kind):
    case = make_case(kind)
    for name, arguments in (
        ("step", (case.x[0], case.state)),
        ("step_backward", (case.dstate, None)),
    ):
        with pytest.raises(NotImplementedError, match=f"^{kind.__name__} must define {name}$"):
            getattr(Cell, name)(case.cell, *arguments)


def test_a_gradient_that_overflowed_is_handed_on(kind):
    """It belongs to the answer, not to the errors: `fit` says at which update it came."""
    case = make_case(kind)
    endless = tuple(np.full_like(d, np.inf) for d in case.dstate)
    with np.errstate(all="ignore"):
        for route in (by_sweep, by_steps):
            grads = route(case._replace(dstate=endless)).grads
            assert not np.isfinite(grads.b_h).any()
