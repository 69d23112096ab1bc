"""The review reader's Python side: words, state, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.data import Vocabulary
from rnn_edu.embedding import Reader
from rnn_edu.widgets import ReviewReader

WORDS = Vocabulary.of(["dull fine film not , ."])
V = len(WORDS)


def reader(cell=GRUCell, H=4, K=2) -> Reader:
    rng = np.random.default_rng(0)
    return Reader.init(V, cell.init(3, H, rng), K, rng)


def review(text="Not dull, a fine film", **options) -> ReviewReader:
    return ReviewReader(reader(), WORDS, text=text, **options)


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
def test_words_are_contributions_that_add_up_to_the_readers_answer(cell):
    model = reader(cell)
    y = model(*WORDS.encode(["Not dull, a fine film"]))[0]
    title, start, *parts, end = ReviewReader(
        model, WORDS, text="Not dull, a fine film"
    ).words.splitlines()
    assert title.endswith("of 4 units: a score after each word")
    assert [part.split()[0] for part in parts] == ["not", "dull", ",", "<unknown>", "fine", "film"]
    total = float(start.split()[-1]) + sum(float(part.split()[1]) for part in parts)
    assert abs(total - (y[1] - y[0])) < 0.04  # eight numbers, rounded
    p = 1 / (1 + np.exp(y[0] - y[1]))
    said = f"positive {p:.2f}" if y[1] > y[0] else f"negative {1 - p:.2f}"
    assert end == f"together {y[1] - y[0]:+.2f}: {said}"


def test_counted_words_count_once():
    w = np.arange(V) / 10
    line = review("film film dull", counts=(w, -1)).words.splitlines()[-1]
    total = w[WORDS.words.index("film")] + w[WORDS.words.index("dull")] - 1
    assert line.startswith(f"words counted, in any order {total:+.2f}: ")


def test_no_text_is_said_to_be_none():
    assert review(" \n").words.splitlines()[1:] == ["no text yet"]


def test_the_cursor_follows_the_end_of_the_text():
    figure = review()
    assert figure.t == 6
    figure.text = "dull film"
    assert figure.t == 2
    figure.t = 1
    figure.text = "a dull film"
    assert figure.t == 1
    figure.text = "  "
    assert figure.t == 0
    figure.text = "dull " * 70
    figure.t = 60


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", "a" * 601, "text must be at most 600 letters, got 601"),
        ("t", 7, r"t must lie in 0\.\.6, got 7"),
        ("t", -1, r"t must lie in 0\.\.6, got -1"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(review(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"text": "a" * 601}, "a text must be at most 600 letters, got 601"),
        ({"examples": ["a" * 601]}, "a text must be at most 600 letters, got 601"),
        ({"labels": ["one"]}, "labels must be 2, one an output, got 1 for 2"),
        ({"counts": (np.zeros(3), 0.0)}, rf"counts must be \(w, b\), w \({V},\), got \(3,\)"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        review(**options)


def test_a_reader_that_does_not_fit_is_named():
    with pytest.raises(TypeError, match=r"reader must have an \.embedding.*got GRUCell"):
        ReviewReader(reader().network.cell, WORDS)
    with pytest.raises(ValueError, match="labels must be 2, one an output, got 2 for 3"):
        ReviewReader(reader(K=3), WORDS)
    other = Vocabulary.of(["dull"])
    with pytest.raises(ValueError, match=f"vocabulary must be {V} words.*got 4"):
        ReviewReader(reader(), other)
    with pytest.raises(ValueError, match="reader must fit 1000000 bytes"):
        ReviewReader(reader(H=300), WORDS)
    large = reader()
    large.embedding.E[0, 0] = 1e6
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="E that fits float16"):
        ReviewReader(large, WORDS)
