"""Selective copy and associative recall: what is asked, what is shown, what guessing costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import (
    associative_recall,
    copy_baseline,
    copy_task,
    recall_baseline,
    selective_copy,
)

sizes = st.integers(1, 6)


def rng(seed=0):
    return np.random.default_rng(seed)


# --- selective copy --------------------------------------------------------------------------


@given(length=sizes, delay=sizes, N=sizes, symbols=sizes)
def test_without_its_blanks_it_is_the_copy_task(length, delay, N, symbols):
    x, targets = selective_copy(length, delay, N, rng(), symbols)
    fixed = copy_task(length, delay, N, rng(), symbols)
    assert x.shape == fixed.x.shape
    read = x.argmax(axis=2)
    np.testing.assert_array_equal(x.sum(axis=2), 1)
    sign = length + delay - 1
    np.testing.assert_array_equal(read[sign:], fixed.x.argmax(axis=2)[sign:])
    np.testing.assert_array_equal(targets[: sign + 1], symbols)
    for n in range(N):
        said = read[:sign, n][read[:sign, n] < symbols]
        np.testing.assert_array_equal(said, targets[sign + 1 :, n])


def test_every_choice_of_places_is_equally_likely():
    x, _ = selective_copy(2, 3, 9000, rng(), 3)
    spoken = x[:4, :, :3].sum(axis=2)
    choices = np.bincount((spoken.T @ [8, 4, 2, 1]).astype(int), minlength=16) / 9000
    expected = [1 / 6 if f"{i:b}".count("1") == 2 else 0 for i in range(16)]
    assert choices == pytest.approx(expected, abs=0.015)


def test_guessing_costs_what_it_costs_in_the_copy_task():
    length, delay, symbols = 3, 4, 5
    _, targets = selective_copy(length, delay, 4000, rng(), symbols)
    shares = np.bincount(targets[-length:].ravel(), minlength=symbols) / (length * 4000)
    assert shares == pytest.approx(np.full(symbols, 1 / symbols), abs=0.015)
    cost = length * np.log(symbols) / len(targets)
    assert cost == pytest.approx(copy_baseline(length, delay, symbols))


# --- associative recall ----------------------------------------------------------------------


@given(pairs=sizes, N=sizes, more=st.integers(0, 3), values=sizes, data=st.data())
def test_a_key_is_answered_with_its_last_value(pairs, N, more, values, data):
    keys, rewrites = pairs + more, data.draw(st.integers(0, pairs))
    x, targets, asked = associative_recall(pairs, N, rng(), keys, values, rewrites)
    writes = pairs + rewrites
    assert x.shape == (writes + pairs, N, keys + values)
    key, value = x[..., :keys], x[..., keys:]
    np.testing.assert_array_equal(key.sum(axis=2), 1)
    np.testing.assert_array_equal(value.sum(axis=2), ~asked)
    assert not asked[:writes].any()
    assert asked[writes:].all()
    for n in range(N):
        memory = {}
        for t in range(writes):
            memory[key[t, n].argmax()] = value[t, n].argmax()
        assert len(memory) == pairs
        asks = key[writes:, n].argmax(axis=1)
        assert {*asks} == {*memory}
        assert [memory[k] for k in asks] == [*targets[writes:, n]]


def test_keys_values_and_orders_are_drawn_evenly():
    x, targets, asked = associative_recall(2, 6000, rng(), keys=3, values=4, rewrites=1)
    key = x[..., :3].argmax(axis=2)
    writes, asks = key[:3], key[3:]
    shares = np.bincount(asks[0], minlength=3) / 6000
    assert shares == pytest.approx(np.full(3, 1 / 3), abs=0.02)
    assert np.bincount(targets[asked]) / 12_000 == pytest.approx(np.full(4, 1 / 4), abs=0.02)
    twice = [(writes[a] == writes[b]).mean() for a, b in ((0, 1), (0, 2), (1, 2))]
    assert twice == pytest.approx([1 / 3] * 3, abs=0.02)  # any two of the three writes
    first_again = (asks[0] == writes[0]).mean()
    assert first_again == pytest.approx(1 / 2, abs=0.02)  # the asks' order is another


def test_guessing_costs_the_logarithm():
    assert recall_baseline(4) == pytest.approx(np.log(4))


# --- both ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw", [lambda r: selective_copy(2, 5, 4, r), lambda r: associative_recall(4, 3, r)]
)
def test_the_generator_decides_what_is_drawn(draw):
    one, same, other = draw(rng(0)), draw(rng(0)), draw(rng(1))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one.x, other.x)
    assert not np.array_equal(one.targets, other.targets)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: selective_copy(0, 3, 4, rng()), ValueError, "length must be an integer.*got 0"),
        (lambda: selective_copy(1, 0, 4, rng()), ValueError, "delay must be an integer.*got 0"),
        (lambda: selective_copy(1, 3, 0, rng()), ValueError, "N must be an integer.*got 0"),
        (lambda: selective_copy(1, 3, 4, 0), TypeError, "rng must be a numpy.*got int"),
        (
            lambda: selective_copy(1, 3, 4, rng(), 0),
            ValueError,
            "symbols must be an integer.*got 0",
        ),
        (lambda: associative_recall(0, 4, rng()), ValueError, "pairs must be an integer.*got 0"),
        (
            lambda: associative_recall(5, 4, rng(), 4),
            ValueError,
            "pairs must be an integer in 1..4, got 5",
        ),
        (
            lambda: associative_recall(2, 4, rng(), rewrites=3),
            ValueError,
            "rewrites must be an integer in 0..2, got 3",
        ),
        (
            lambda: associative_recall(2, 4, rng(), rewrites=0.5),
            ValueError,
            "rewrites must be an integer in 0..2, got 0.5",
        ),
        (lambda: associative_recall(2, 4, 0), TypeError, "rng must be a numpy.*got int"),
        (
            lambda: associative_recall(2, 4, rng(), values=0),
            ValueError,
            "values must be an integer.*got 0",
        ),
        (lambda: recall_baseline(0), ValueError, "values must be an integer.*got 0"),
    ],
)
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
