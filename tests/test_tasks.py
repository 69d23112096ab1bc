"""The adding problem and the copy task: what is asked, where it stands, what guessing costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import ADDING_BASELINE, adding_problem, copy_baseline, copy_task

sizes = st.integers(1, 6)


def rng(seed=0):
    return np.random.default_rng(seed)


# --- adding ----------------------------------------------------------------------------------


@given(T=st.integers(2, 9), N=sizes, seed=sizes)
def test_one_number_is_marked_in_each_half_and_the_two_are_added(T, N, seed):
    x, target = adding_problem(T, N, rng(seed))
    assert x.shape == (T, N, 2)
    assert target.shape == (N, 1)
    for n in range(N):
        first, second = np.flatnonzero(x[:, n, 1])
        assert first < T // 2 <= second
        assert set(x[:, n, 1]) <= {0, 1}
        assert target[n, 0] == x[first, n, 0] + x[second, n, 0]


def test_numbers_are_uniform_and_every_step_can_be_marked():
    x, _ = adding_problem(5, 4000, rng())
    values, marks = x[:, :, 0], x[:, :, 1].mean(axis=1)
    assert values.min() >= 0
    assert values.max() < 1
    assert values.mean() == pytest.approx(1 / 2, abs=0.01)
    assert values.var() == pytest.approx(1 / 12, abs=0.003)
    assert marks == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3], abs=0.03)


def test_the_baseline_of_adding_is_what_the_best_constant_gets():
    _, target = adding_problem(2, 100_000, rng())
    assert np.mean((target - 1) ** 2) == pytest.approx(ADDING_BASELINE, abs=0.003)
    assert target.mean() == pytest.approx(1, abs=0.005)


# --- copy ------------------------------------------------------------------------------------


@given(length=sizes, delay=sizes, N=sizes, symbols=sizes)
def test_what_was_read_is_asked_for_after_the_delay(length, delay, N, symbols):
    x, targets = copy_task(length, delay, N, rng(), symbols)
    T = delay + 2 * length
    assert x.shape == (T, N, symbols + 2)
    assert targets.shape == (T, N)
    assert np.all(x.sum(axis=2) == 1)
    read, blank = x.argmax(axis=2), symbols
    (sign,) = {*np.argwhere(read == symbols + 1)[:, 0]}
    assert sign == length - 1 + delay
    assert np.all(read[sign] == symbols + 1)
    assert np.all(read[:length] < symbols)
    assert np.all(np.delete(read[length:], sign - length, axis=0) == blank)
    assert np.array_equal(targets[sign + 1 :], read[:length])
    assert np.all(targets[: sign + 1] == blank)


def test_symbols_are_drawn_evenly_and_anew_at_each_place():
    _, targets = copy_task(2, 1, 9000, rng(), symbols=3)
    pairs = np.bincount(3 * targets[-2] + targets[-1], minlength=9) / 9000
    assert pairs == pytest.approx(np.full(9, 1 / 9), abs=0.015)


def test_the_baseline_of_copying_is_the_loss_of_the_best_guess():
    length, delay, symbols = 3, 4, 5
    _, targets = copy_task(length, delay, 2000, rng(), symbols)
    guess = np.zeros((len(targets), symbols + 2))
    guess[:-length, symbols] = 1  # blank, and then any symbol
    guess[-length:, :symbols] = 1 / symbols
    at_target = np.take_along_axis(guess[:, None], targets[:, :, None], axis=2)
    assert -np.log(at_target).mean() == pytest.approx(copy_baseline(length, delay, symbols))


def test_the_published_copy_task_has_the_published_baseline():
    assert copy_baseline(length=10, delay=100) == pytest.approx(10 * np.log(8) / 120)


# --- both ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw", [lambda r: adding_problem(6, 3, r), lambda r: copy_task(2, 3, 4, r)]
)
def test_the_generator_decides_what_is_drawn(draw):
    (a, b), (same, same_b), (other, _) = draw(rng(0)), draw(rng(0)), draw(rng(1))
    assert np.array_equal(a, same)
    assert np.array_equal(b, same_b)
    assert not np.array_equal(a, other)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: adding_problem(1, 3, rng()), ValueError, "T must be at least 2.*got 1"),
        (lambda: adding_problem(2.5, 3, rng()), ValueError, "T must be an integer.*got 2.5"),
        (lambda: adding_problem(4, 0, rng()), ValueError, "N must be an integer.*got 0"),
        (lambda: adding_problem(4, 3, 0), TypeError, "rng must be a numpy.*got int"),
        (lambda: copy_task(0, 3, 4, rng()), ValueError, "length must be an integer.*got 0"),
        (lambda: copy_task(1, 0, 4, rng()), ValueError, "delay must be an integer.*got 0"),
        (lambda: copy_task(1, 3, 0, rng()), ValueError, "N must be an integer.*got 0"),
        (lambda: copy_task(1, 3, 4, 0), TypeError, "rng must be a numpy.*got int"),
        (lambda: copy_task(1, 3, 4, rng(), 0), ValueError, "symbols must be an integer.*got 0"),
        (lambda: copy_baseline(1, 0), ValueError, "delay must be an integer.*got 0"),
    ],
)
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
