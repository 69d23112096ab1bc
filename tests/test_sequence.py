"""Identities of the loop over time: carried state, causality, linearity of the backward pass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import RNNCell, unroll, unroll_backward, windows
from rnn_edu.ops import map_params, mask_of, shuffled

from .reference import CELLS, D, H, N, T, assert_same, by_sweep, make_case

cells = pytest.mark.parametrize("kind", CELLS)
ROUNDING = 1e-13


@cells
def test_no_state_is_a_state_of_zeros(kind):
    cell, x, _, dh, _ = make_case(kind)
    h, _, caches = unroll(cell, x)
    assert_same(h, unroll(cell, x, cell.zero_state(N))[0], 0)
    want = unroll_backward(cell, dh, caches, cell.zero_state(N))
    assert_same(unroll_backward(cell, dh, caches), want, 0)


@cells
def test_the_last_h_is_the_state(kind):
    cell, x, state, *_ = make_case(kind)
    h, last, _ = unroll(cell, x, state)
    assert h.shape == (T, N, H)
    assert_same(last[0], h[-1], 0)


@cells
def test_a_gradient_at_the_last_h_equals_one_at_the_state(kind):
    """Two doors to the same array: dh[-1] and dstate[0]."""
    case = make_case(kind)
    moved = case.dh.copy()
    moved[-1] += case.dstate[0]
    rest = (np.zeros((N, H)), *case.dstate[1:])
    assert_same(by_sweep(case._replace(dh=moved, dstate=rest)), by_sweep(case), ROUNDING)


@cells
@settings(max_examples=20)
@given(length=st.integers(1, 9), steps=st.integers(1, 9))
def test_windows_with_carried_state_are_one_long_unroll(kind, length, steps):
    """Forward, and backward too as long as dstate0 is handed to the window before."""
    case = make_case(kind, T=steps)
    whole = by_sweep(case)
    state, pieces = case.state, []
    for x in windows(case.x, length):
        h, state, caches = unroll(case.cell, x, state)
        pieces.append((h, caches))
    assert_same(np.concatenate([h for h, _ in pieces]), whole.h, ROUNDING)
    assert_same(state, whole.state, ROUNDING)

    dstate, total, dx = case.dstate, None, []
    dhs = list(windows(case.dh, length))
    for dh, (_, caches) in reversed(list(zip(dhs, pieces, strict=True))):
        grads, dx_piece, dstate = unroll_backward(case.cell, dh, caches, dstate)
        total = grads if total is None else map_params(np.add, total, grads)
        dx.insert(0, dx_piece)
    assert_same((total, np.concatenate(dx), dstate), tuple(whole[2:]), ROUNDING)


@cells
def test_truncation_leaves_the_numbers_and_drops_the_gradient(kind):
    """Without dstate0 handed over, the early window hears nothing of a loss at the end."""
    cell, x, state, *_ = make_case(kind)
    first, second = windows(x, 3)
    h, carried, caches = unroll(cell, first, state)
    assert unroll(cell, second, carried)[0].any()
    grads, dx, _ = unroll_backward(cell, np.zeros_like(h), caches)
    assert not dx.any()
    assert not any(a.any() for a in vars(grads).values())


@given(length=st.integers(1, 8), steps=st.integers(1, 12))
def test_windows_cut_without_loss_and_without_copies(length, steps):
    x = np.arange(steps * 2.0).reshape(steps, 2)
    pieces = list(windows(x, length))
    assert np.array_equal(np.concatenate(pieces), x)
    assert [len(p) for p in pieces[:-1]] == [length] * (len(pieces) - 1)
    assert all(np.shares_memory(p, x) for p in pieces)


@cells
@pytest.mark.parametrize("t", range(T))
def test_the_future_does_not_move_the_past(kind, t):
    case = make_case(kind)
    later = case.x.copy()
    later[t] += 1.0
    before, after = (unroll(case.cell, x, case.state)[0] for x in (case.x, later))
    assert np.array_equal(before[:t], after[:t])
    assert all((before[s] != after[s]).any() for s in range(t, T))


@cells
@pytest.mark.parametrize("t", range(T))
def test_a_loss_at_step_t_reaches_its_past_and_nothing_else(kind, t):
    case = make_case(kind)
    dh = np.zeros_like(case.dh)
    dh[t] = case.dh[t]
    _, _, caches = unroll(case.cell, case.x, case.state)
    _, dx, _ = unroll_backward(case.cell, dh, caches)
    assert not dx[t + 1 :].any()
    assert all(dx[s].any() for s in range(t + 1))


@cells
def test_sequences_of_a_batch_do_not_meet(kind):
    case = make_case(kind)
    alone = [
        by_sweep(
            case._replace(
                x=case.x[:, i : i + 1],
                state=tuple(s[i : i + 1] for s in case.state),
                dh=case.dh[:, i : i + 1],
                dstate=tuple(d[i : i + 1] for d in case.dstate),
            )
        )
        for i in range(N)
    ]
    together = by_sweep(case)
    assert_same(np.concatenate([r.h for r in alone], axis=1), together.h, ROUNDING)
    assert_same(np.concatenate([r.dx for r in alone], axis=1), together.dx, ROUNDING)
    total = map_params(lambda *g: sum(g), *(r.grads for r in alone))
    assert_same(total, together.grads, ROUNDING)


@cells
def test_the_backward_pass_is_linear(kind):
    case = make_case(kind)
    doubled = case._replace(dh=2 * case.dh, dstate=tuple(2 * d for d in case.dstate))
    once, twice = by_sweep(case), by_sweep(doubled)
    assert_same(twice.dx, 2 * once.dx, 0)
    assert_same(twice.grads, map_params(lambda g: 2 * g, once.grads), 0)


@cells
def test_backward_twice_over_one_cache_gives_the_same(kind):
    case = make_case(kind)
    _, _, caches = unroll(case.cell, case.x, case.state)
    first = unroll_backward(case.cell, case.dh, caches, case.dstate)
    assert_same(unroll_backward(case.cell, case.dh, caches, case.dstate), first, 0)


@cells
def test_results_are_the_callers_own(kind):
    """Writing into what `unroll` returned does not reach the caches."""
    case = make_case(kind)
    want = by_sweep(case)
    h, last, caches = unroll(case.cell, case.x, case.state)
    h[:] = 0
    for part in last:
        part[:] = 0
    assert_same(unroll_backward(case.cell, case.dh, caches, case.dstate), tuple(want[2:]), 0)


@cells
def test_any_memory_layout_gives_the_same(kind):
    """Batch-first data seen through a transpose, as loaders often hand it over."""
    case = make_case(kind)

    def turned(a):
        return np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1)

    strided = case._replace(x=turned(case.x), dh=turned(case.dh))
    assert not strided.x.flags.c_contiguous
    assert_same(by_sweep(strided), by_sweep(case), ROUNDING)


@cells
def test_the_number_of_parameters_is_constant_in_T(kind):
    cell = make_case(kind).cell
    for steps in (1, 3, 50):
        h, _, caches = unroll(cell, np.ones((steps, N, D)))
        grads, _, _ = unroll_backward(cell, np.ones_like(h), caches)
        assert grads.n_params == cell.n_params


@cells
def test_with_one_step_from_zero_the_recurrent_weights_get_no_gradient(kind):
    """One-to-one is the control of the topologies: nothing recurs."""
    cell, x, *_ = make_case(kind, T=1)
    h, _, caches = unroll(cell, x)
    grads, _, _ = unroll_backward(cell, np.ones_like(h), caches)
    assert not grads.W_hh.any()
    assert grads.W_xh.any()


def test_an_exploding_gradient_comes_back_and_is_not_refused():
    """W_hh = 3 at h = 0 triples the gradient at each step: 3^1000 is more than a float holds."""
    cell = RNNCell(np.ones((1, 1)), np.full((1, 1), 3.0), np.zeros(1))
    h, _, caches = unroll(cell, np.zeros((1000, 1, 1)))
    dh = np.zeros_like(h)
    dh[-1] = 1.0
    with np.errstate(all="ignore"):
        grads, dx, (dh0,) = unroll_backward(cell, dh, caches)
    assert np.isinf(dh0).all()
    assert np.isnan(grads.W_hh).all()
    assert (np.diff(np.log(dx[500:, 0, 0])) < -1.09).all()  # ln 3 a step


def test_a_mask_is_true_up_to_each_end():
    want = [[True, True, True], [True, False, True], [True, False, False]]
    assert mask_of(np.array([3, 1, 2]), 3, 3).tolist() == want
    assert mask_of(None, 2, 3).tolist() == [[True] * 3] * 2


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        (np.array([0, 1]), ValueError, "lengths must lie in 1..3, got 0..1"),
        (np.array([1, 4]), ValueError, "lengths must lie in 1..3, got 1..4"),
        (np.array([1]), ValueError, "lengths must be (2,), got (1,)"),
        (np.array([1.0, 2.0]), TypeError, "lengths must hold integers, got dtype float64"),
    ],
)
def test_lengths_that_no_mask_has_are_named(lengths, error, message):
    with pytest.raises(error) as caught:
        mask_of(lengths, 3, 2)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["N", "size", "epochs", "rng"])
def test_batches_that_cannot_be_are_named(name):
    good = {"N": 3, "size": 2, "epochs": 1, "rng": np.random.default_rng(0)}
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must be .*, got (0|int)$"):
        list(shuffled(**good | {name: 0}))


@pytest.mark.parametrize(("T", "N", "name"), [(0, 2, "T"), (3, 0, "N")])
def test_a_mask_of_nothing_is_named(T, N, name):
    with pytest.raises(ValueError, match=f"^{name} must be an integer of at least 1, got 0$"):
        mask_of(None, T, N)


@given(N=st.integers(1, 9), size=st.integers(1, 10), epochs=st.integers(1, 3))
def test_batches_take_each_sequence_once_an_epoch(N, size, epochs):
    batches = list(shuffled(N, size, epochs, np.random.default_rng(0)))
    sizes = [size] * (N // size) + [N % size] * (N % size > 0)
    assert [len(batch) for batch in batches] == sizes * epochs
    drawn = np.concatenate(batches).reshape(epochs, N)
    assert (np.sort(drawn, axis=1) == np.arange(N)).all()
    rng = np.random.default_rng(0)
    assert (drawn == [rng.permutation(N) for _ in range(epochs)]).all()
