"""Counting: by hand, as a distribution, and in step with the decoder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.decode import generate, greedy, score
from rnn_edu.ngram import NGram

TEXT = np.array([0, 1, 0, 1, 0, 2])  # ababac
texts = st.lists(st.integers(0, 2), min_size=2, max_size=30).map(np.array)


def test_by_hand():
    counted = NGram.count(TEXT, n=2, V=4)
    p_0 = (np.array([3, 2, 1, 0]) + 3 / 4) / (6 + 3)  # three kinds in six places
    assert np.allclose(counted.probabilities([]), p_0)
    assert np.allclose(counted.probabilities([0]), (np.array([0, 2, 1, 0]) + 2 * p_0) / (3 + 2))
    assert np.allclose(counted.probabilities([1]), (np.array([2, 0, 0, 0]) + p_0) / (2 + 1))
    assert np.allclose(counted.probabilities([3]), p_0)  # never seen: nothing to add


def test_only_the_last_tokens_count():
    counted = NGram.count(TEXT, n=3, V=3)
    assert np.array_equal(counted.probabilities([2, 2, 1, 0]), counted.probabilities([1, 0]))
    assert not np.array_equal(counted.probabilities([2, 0]), counted.probabilities([1, 0]))


@given(texts, st.integers(1, 5), st.lists(st.integers(0, 3), max_size=6))
def test_every_context_has_a_distribution_without_zeros(tokens, n, context):
    p = NGram.count(tokens, n, V=4).probabilities(context)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert (p > 0).all()


@given(texts, texts, st.integers(1, 5))
def test_the_two_routes_to_a_score_agree(tokens, other, n):
    counted = NGram.count(tokens, n, V=3)
    expected = [np.log(counted.probabilities(other[:t])[other[t]]) for t in range(1, len(other))]
    assert np.allclose(counted.score(other), expected)
    by_step, _ = score(counted.step, counted.zero_state(1), other[:, None])
    assert np.allclose(by_step[:, 0], expected)
    assert counted.bits(other) == pytest.approx(-np.mean(expected) / np.log(2))


def test_rows_are_texts_of_their_own():
    counted = NGram.count(TEXT, n=3, V=3)
    tokens = np.array([[0, 1], [1, 0], [0, 2], [2, 2]])
    both, _ = score(counted.step, counted.zero_state(2), tokens)
    for n in (0, 1):
        assert np.allclose(both[:, n], counted.score(tokens[:, n]))


def test_it_writes_what_it_counted():
    counted = NGram.count(np.tile([0, 1, 2], 20), n=3, V=3)
    out = generate(counted.step, counted.zero_state(1), np.array([0]), 5, greedy)
    assert out[:, 0].tolist() == [1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NGram.count(TEXT, 0, 3), "n must be an integer of at least 1, got 0"),
        (lambda: NGram.count(TEXT, 2, 2), r"tokens must lie in 0\.\.1, got 0\.\.2"),
        (lambda: NGram.count(TEXT[:, None], 2, 3), r"tokens must be \(T,\), got \(6, 1\)"),
        (lambda: NGram.count(TEXT, 2, 3).score(TEXT[:1]), "tokens must be at least 2, got 1"),
        (lambda: NGram.count(TEXT, 2, 3).zero_state(0), "N must be an integer of at least 1"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
