"""The shipped readers of reviews: whole without the reviews, and worth what the record says."""

from __future__ import annotations

import numpy as np
import pytest

from rnn_edu.data import Vocabulary, load_reviews
from rnn_edu.data.fetch import REVIEWS, is_here
from rnn_edu.weights import load, reviews

here = pytest.mark.skipif(
    not is_here(REVIEWS), reason="the reviews are not here: run python -m rnn_edu.data.fetch"
)


def test_they_read_without_the_reviews(monkeypatch, tmp_path):
    monkeypatch.setenv("RNN_EDU_DATA", str(tmp_path))
    readers, _ = load("reviews")
    texts = ["A gorgeous, witty, seductive film.", "Dull, lifeless and far too long."]
    tokens, lengths = reviews.vocabulary().encode(texts)
    for reader, pool in ((readers.last, "last"), (readers.mean, "mean")):
        assert reader(tokens, lengths, pool).argmax(axis=1).tolist() == [1, 0]


@here
def test_the_words_are_those_of_the_training_part():
    train = load_reviews().train
    assert reviews.vocabulary() == Vocabulary.of(train.texts, reviews.LEAST)


@here
@pytest.mark.parametrize("part", ["validation", "test"])
def test_they_are_worth_what_the_record_says(part):
    readers, made = load("reviews")
    recorded = getattr(made, part)[made.seeds.index(made.shipped)]
    found = reviews.score(readers, part)
    assert found.keys() == recorded.keys()
    assert all(abs(found[name] - recorded[name]) < 0.003 for name in found)


def test_the_bug_is_in_none_of_the_ways_but_its_own():
    """Only "column" drops the lengths: its answers depend on the neighbours, the others' do not."""
    readers, _ = load("reviews")
    alone, lengths = reviews.vocabulary().encode(["Dull, lifeless and far too long."])
    padded = np.vstack([alone, np.zeros((40, 1), int)])
    for way in reviews.WAYS:
        reader = getattr(readers, way)
        a, b = (reader(t, *reviews.answer_from(way, lengths)) for t in (alone, padded))
        assert np.allclose(a, b, atol=1e-5) == (way != "column")
