"""The alignment's Python side: words, state, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu.widgets.alignment import Alignment

W = np.array([[0.9, 0.1, 0.0], [0.2, 0.25, 0.55]])
SOURCES, TARGETS = ("la", "maison", "."), ("the", "house")


def test_words_say_what_each_target_reads_most():
    assert Alignment(W, SOURCES, TARGETS, title="a sentence").words == (
        "a sentence: 2 targets read 3 sources\n'the' reads 'la' 0.90, 'house' reads '.' 0.55"
    )
    both = Alignment(np.stack([W, np.eye(3)[:2]]), SOURCES, TARGETS, heads=["a", "b"]).words
    assert both.splitlines()[1:] == [
        "head a: 'the' reads 'la' 0.90, 'house' reads '.' 0.55",
        "head b: 'the' reads 'la' 1.00, 'house' reads 'maison' 1.00",
    ]
    long = Alignment(np.full((50, 2), 0.5), "ab", ["x"] * 50).words
    assert long.count("'x' reads 'a' 0.50") == 40  # of equal weights the first
    assert long.endswith(" and 10 more")


def test_its_state_is_the_target_the_source_and_the_head():
    figure = Alignment(np.stack([W, W]), SOURCES, TARGETS, t=1, source=2, head=1)
    assert (figure.steps, figure.t, figure.source, figure.head) == (2, 1, 2, 1)
    figure.source = -1
    assert figure.heads == ["0", "1"]
    np.testing.assert_allclose(np.frombuffer(figure.weights, "<f4").reshape(2, 2, 3), [W, W])
    for name, wrong, span in (("t", 2, "0..1"), ("source", 3, "0..2"), ("source", -2, "0..2")):
        with pytest.raises(traitlets.TraitError, match=f"{name} must lie in {span}, got {wrong}"):
            setattr(figure, name, wrong)
    with pytest.raises(traitlets.TraitError, match=r"head must lie in 0\.\.1, got 2"):
        figure.head = 2


def test_more_tokens_get_a_higher_frame():
    small, large = (Alignment(np.full((n, 3), 1 / 3), "abc", ["x"] * n) for n in (4, 20))
    assert all(a < b for a, b in zip(small.heights, large.heights, strict=True))


@pytest.mark.parametrize(
    ("weights", "sources", "message"),
    [
        (W.T, SOURCES, r"weights must be \(2, 3\) or \(L, 2, 3\), got \(3, 2\)"),
        (W[0], SOURCES, r"weights must be \(2, 3\) or \(L, 2, 3\), got \(3,\)"),
        (np.zeros((0, 2, 3)), SOURCES, r"got \(0, 2, 3\)"),
        (W * 1.01, SOURCES, r"weights must sum to 1 in each row, got 1\.010 in row \(0,\)"),
        (W - [0, 0.2, -0.2], SOURCES, "weights must be 0 or above, got -0.1"),
        (W * [1, np.nan, 1], SOURCES, "weights must be 0 or above, got nan"),
        (W * [1, np.inf, 1], SOURCES, "weights must sum to 1 in each row, got inf"),
        (np.zeros((2, 0)), (), "sources must be 1 to 200 tokens, got 0"),
        (np.full((2, 201), 1 / 201), ["x"] * 201, "sources must be 1 to 200 tokens, got 201"),
    ],
)
def test_errors(weights, sources, message):
    with pytest.raises(ValueError, match=message):
        Alignment(weights, sources, TARGETS)


def test_errors_of_heads_name_the_number():
    with pytest.raises(ValueError, match="heads must be 1 names, got 2"):
        Alignment(W, SOURCES, TARGETS, heads=["a", "b"])
    worst = np.stack([W, W, W])
    worst[2, 1, 0] += 0.5
    with pytest.raises(ValueError, match=r"got 1\.500 in row \(2, 1\)"):
        Alignment(worst, SOURCES, TARGETS)
