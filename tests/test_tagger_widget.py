"""The tagger's Python side: words, state, errors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Tagger

LABELS = ("blank", "vowel")


def network(cell=RNNCell, D=3, H=4, K=2, seed=0) -> Network:
    rng = np.random.default_rng(seed)
    return Network.init(cell.init(D, H, rng), K, rng)


def tagger(text="cab", **options) -> Tagger:
    return Tagger(network(), alphabet="abc", labels=LABELS, text=text, **options)


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
def test_words_are_the_networks_classes_in_stretches(cell):
    small, text = network(cell, seed=3), "abccbabcaacb"
    x = np.eye(3)[["abc".index(c) for c in text]][:, None]
    middle = small.forward(x, read="every")[0].mean(axis=(0, 1))
    model = Network(small.cell, small.W_hy, small.b_y - middle)  # so that both classes occur
    best = model.forward(x, read="every")[0][:, 0].argmax(axis=1)
    assert 0 < best.sum() < len(text)
    title, *lines = Tagger(model, alphabet="abc", labels=LABELS, text=text).words.splitlines()
    assert title.endswith("of 4 units: a class for each letter")
    spelled = [line.split(" ", 1) for line in lines]
    assert "".join(letters.strip("'") for _, letters in spelled) == text
    assert [LABELS.index(label) for label, letters in spelled for _ in letters[1:-1]] == list(best)
    assert all(a != b for (a, _), (b, _) in pairwise(spelled))


def test_no_text_is_said_to_be_none():
    assert tagger(text="").words.splitlines()[1:] == ["no text yet"]


def test_the_cursor_follows_the_end_of_the_text():
    figure = tagger()
    assert figure.t == 3
    figure.text = "cabba"
    assert figure.t == 5
    figure.t = 1
    figure.text = "cabb"
    assert figure.t == 1
    figure.text = ""
    assert figure.t == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", "cat", "'t' in 'cat'"),
        ("text", "a" * 301, "at most 300 letters, got 301"),
        ("t", 4, "t must lie in 0..3, got 4"),
        ("unit", 4, "unit must lie in 0..3, got 4"),
        ("show", "gates", "gates"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(tagger(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"alphabet": "ab"}, "alphabet must be 3 different letters, got 'ab'"),
        ({"alphabet": "aab"}, "alphabet must be 3 different letters, got 'aab'"),
        ({"labels": ("one",)}, "labels must be 2, one per output, got 1"),
        ({"text": "cat"}, "text must use the letters 'abc', got 't' in 'cat'"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        Tagger(network(), **{"alphabet": "abc", "labels": LABELS, "text": "cab"} | options)


def test_at_most_eight_classes_have_colours():
    with pytest.raises(ValueError, match="labels must be at most 8, got 9"):
        Tagger(network(K=9), alphabet="abc", labels=list("abcdefghi"))


def test_what_is_no_network_of_letters_is_refused():
    with pytest.raises(TypeError, match="network must have an RNNCell"):
        Tagger(network().cell, alphabet="abc", labels=LABELS)


def test_too_many_weights_are_refused():
    with pytest.raises(ValueError, match="network must fit 1000000 bytes"):
        Tagger(network(H=500), alphabet="abc", labels=LABELS)
