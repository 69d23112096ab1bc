"""The scan tree's Python side: the rounds of rnn_edu.scan, words, state, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
import traitlets

from rnn_edu.scan import scan
from rnn_edu.widgets import ScanTree
from rnn_edu.widgets.scan_tree import operations, rounds


def draw(T=8, seed=0) -> tuple[np.ndarray, np.ndarray, float]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1.2, 1.2, T), rng.normal(size=T), float(rng.normal())


# --- the rounds ----------------------------------------------------------------------------------


def test_eight_steps_take_six_rounds():
    found = [[(join.earlier, join.later) for join in joins] for joins in rounds(8)]
    assert found == [
        [(0, 1)],
        [(1, 2), (3, 4), (5, 6), (7, 8)],
        [(2, 4), (6, 8)],
        [(4, 8)],
        [(4, 6)],
        [(2, 3), (4, 5), (6, 7)],
    ]
    whole = [{join.whole for join in joins} for joins in rounds(8)]
    assert whole == [{False}, {True}, {True}, {True}, {False}, {False}]


@pytest.mark.parametrize("T", range(4, 17))
def test_the_joins_of_a_round_need_not_wait_for_one_another(T):
    for joins in rounds(T):
        read, written = {j.earlier for j in joins}, [j.later for j in joins]
        assert len(set(written)) == len(written)
        assert not read & set(written)
        assert all(0 <= j.earlier < j.later <= T for j in joins)


@pytest.mark.parametrize("T", range(4, 17))
def test_they_cost_what_the_scan_says(T):
    assert len(rounds(T)) <= 2 * np.log2(T)
    assert sum(map(operations, rounds(T))) < 5 * T


@pytest.mark.parametrize("T", range(4, 17))
def test_h_is_that_of_the_scan(T):
    a, b, h0 = draw(T, seed=T)
    expected = scan(a.reshape(T, 1, 1), b.reshape(T, 1, 1), np.full((1, 1), h0))
    np.testing.assert_allclose(ScanTree(a, b, h0).h(), expected[:, 0, 0], rtol=0, atol=1e-12)


# --- words and state -----------------------------------------------------------------------------


def test_words_are_the_numbers_the_rounds_and_what_they_cost():
    figure = ScanTree(np.full(4, 0.5), np.array([0.0, 1.0, -0.25, 2.0]), 2.0, title="four")
    assert figure.words.splitlines() == [
        "four: h_0 = 2.00",
        "a: 0.50 0.50 0.50 0.50",
        "b: 0.00 1.00 -0.25 2.00",
        "h: 1.00 1.50 0.50 2.25",
        "loop: 4 rounds, 8 operations",
        "scan: 4 rounds, 13 operations",
        "round 1: 0+1",
        "round 2: 1+2, 3+4",
        "round 3: 2+4",
        "round 4: 2+3",
    ]


def test_python_changes_the_numbers_and_the_words_follow():
    a, b, h0 = draw()
    figure = ScanTree(a, b, h0, t=3, place=8)
    assert (figure.steps, figure.t, figure.place) == (9, 3, 8)
    for name, value in (("a", [0.0] * 8), ("b", [1.0] * 8), ("h0", 9.0)):
        before = figure.words
        setattr(figure, name, value)
        assert figure.words != before
    np.testing.assert_array_equal(figure.h(), np.ones(8))
    assert figure.given == [a.tolist(), b.tolist(), h0]
    assert ScanTree(a, b).h0 == 0.0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("a", [1.0] * 7, "a must be 8 finite numbers, got [1.0"),
        ("b", [np.nan] * 8, "b must be 8 finite numbers, got [nan"),
        ("h0", np.inf, "h0 must be finite, got inf"),
        ("place", 9, "place must lie in 0..8, got 9"),
        ("t", 9, "t must lie in 0..8, got 9"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=re.escape(says)):
        setattr(ScanTree(*draw()), name, value)


@pytest.mark.parametrize(
    ("a", "b", "h0", "says"),
    [
        ([0.5] * 4, np.ones(4), 0.0, "a must be a NumPy array (T,), got list"),
        (np.ones((4, 1)), np.ones(4), 0.0, "a must be (T,), got (4, 1)"),
        (np.ones(4), np.array([1, 2, np.inf, 4]), 0.0, "b must be finite, got NaN or infinity"),
        (np.ones(4), np.ones(5), 0.0, "b must be (4,) like a, got (5,)"),
        (np.ones(3), np.ones(3), 0.0, "a must have 4 to 16 steps, got 3"),
        (np.ones(17), np.ones(17), 0.0, "a must have 4 to 16 steps, got 17"),
        (np.ones(4), np.ones(4), np.nan, "h0 must be finite, got nan"),
    ],
)
def test_arguments_that_do_not_fit_are_named(a, b, h0, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)):
        ScanTree(a, b, h0)
