"""The causality editor's Python side: words, state, errors."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, RNNCell
from rnn_edu.bidirectional import Bidirectional
from rnn_edu.topologies import Network
from rnn_edu.widgets import Causality

LABELS = ("blank", "vowel", "other")


def networks(D=3, H=4, K=3, seed=0) -> tuple[Network, Bidirectional]:
    rng = np.random.default_rng(seed)
    causal = Network(RNNCell.init(D, H, rng), 3 * rng.normal(size=(H, K)), rng.normal(size=K))
    cells = (GRUCell.init(D, H, rng) for _ in range(2))
    return causal, Bidirectional(*cells, 3 * rng.normal(size=(2 * H, K)), rng.normal(size=K))


def editor(text="cabba", seed=0, **options) -> Causality:
    return Causality(*networks(seed=seed), alphabet="abc", labels=LABELS, text=text, **options)


def rows(text: str) -> np.ndarray:
    return np.eye(3)[["abc".index(c) for c in text]][:, None]


def test_words_are_the_classes_that_the_networks_give():
    text = "cabbacabcaabc"
    _, causal, both = editor(text).words.splitlines()
    for line, name, model in zip(
        (causal, both), ("onward only", "from both ends"), networks(), strict=True
    ):
        best = model.forward(rows(text), read="every")[0][:, 0].argmax(axis=1)
        assert line.startswith(f"{name}: ")
        runs = [run.split(" ") for run in line.removeprefix(f"{name}: ").split(", ")]
        assert [LABELS.index(k) for k, run in runs for _ in run.strip("'")] == list(best)


@pytest.mark.parametrize(
    ("edited", "masked"), [("cabca", ()), ("cabba", (3,)), ("cabba", (4, 3)), ("cabca", (3,))]
)
def test_words_say_that_a_causal_past_stays(edited, masked):
    figure = editor("cabba", edited=edited, masked=list(masked))
    past, both = (line.strip() for line in figure.words.splitlines()[2::2])
    assert past.startswith("moved before place 4: 0.00; from it on: 0.")
    assert not past.endswith("0.00")
    assert both.startswith("moved before place 4: 0.")
    assert not both.startswith("moved before place 4: 0.00")


def test_what_moves_is_half_the_distance_of_the_answers():
    causal, _ = networks()
    line = editor("cabba", edited="aabba").words.splitlines()[2]
    p, q = (
        np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
        for y in (causal(rows(text), read="every")[:, 0] for text in ("cabba", "aabba"))
    )
    most = (np.abs(p - q).sum(axis=1) / 2).max()
    assert line == f"  moved before place 1: 0.00; from it on: {most:.2f}"


def test_its_state_is_kept_in_order():
    figure = editor(masked=[3, 1, 3], ignored=[0], t=4)
    assert (figure.masked, figure.ignored, figure.t) == ([1, 3], [0], 4)
    figure.text = "ccccc"
    assert figure.original == "cabba"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", "catba", "text must use the letters 'abc', got 't'"),
        ("text", "cabb", "text must be 5 letters, got 4"),
        ("masked", [5], "masked must lie in 0..4, got 5"),
        ("ignored", [-1], "ignored must lie in 0..4, got -1"),
        ("t", 5, "t must lie in 0..4, got 5"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(editor(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"text": "c"}, "text must be at least 2 letters, got 'c'"),
        ({"text": "a" * 61}, "text must be at most 60 letters, got 61"),
        ({"text": "cat"}, "text must use the letters 'abc', got 't' in 'cat'"),
        ({"alphabet": "abd", "text": "cab"}, "text must use the letters 'abd', got 'c'"),
        ({"labels": ("one",)}, "labels must be 3, one per output, got 1"),
        ({"targets": [0, 1]}, r"targets must be 5 classes in 0\.\.2, got \[0, 1\]"),
        ({"targets": [0, 1, 2, 3, 0]}, "targets must be 5 classes"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    given = {"alphabet": "abc", "labels": LABELS, "text": "cabba"} | options
    with pytest.raises(ValueError, match=says):
        Causality(*networks(), **given)


def test_at_most_eight_classes_have_colours():
    with pytest.raises(ValueError, match="labels must be at most 8, got 9"):
        Causality(*networks(K=9), alphabet="abc", labels=list("abcdefghi"), text="ab")


def test_what_is_no_pair_of_networks_is_refused():
    causal, both = networks()
    given = {"alphabet": "abc", "labels": LABELS, "text": "cab"}
    with pytest.raises(TypeError, match=r"both must have cells \.onward and \.reverse"):
        Causality(causal, causal, **given)
    with pytest.raises(TypeError, match="network must have an RNNCell"):
        Causality(both, both, **given)
    assert Causality(SimpleNamespace(**vars(causal)), both, **given).cells == ["RNN", "GRU", "GRU"]
