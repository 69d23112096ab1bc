"""The caption's Python side: words, state, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu.widgets.caption import Caption, Reading

PICTURE = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3)
AS_IT_IS = Reading(("a", "seven"), np.array([[0.5, 0.5], [0.1, 0.9]]))
COVERED = Reading(("a", "one", "too"), np.array([[0.4, 0.6], [0.1, 0.9], [1.0, 0.0]]))
PLACES = ("on the left", "on the right")
FULL = [AS_IT_IS, AS_IT_IS, COVERED]


def figure(**options) -> Caption:
    return Caption(PICTURE, [FULL, FULL], (1, 2), places=PLACES, names=["x", "y"], **options)


def test_words_say_where_each_word_looks_and_what_covering_does():
    assert figure(title="two").words.splitlines() == [
        "two: where each word looks",
        "x: 'a' on the left 0.50, 'seven' on the right 0.90",
        "covering changes the words at: on the right",
        "y: 'a' on the left 0.50, 'seven' on the right 0.90",
        "covering changes the words at: on the right",
    ]
    alone = Caption(PICTURE[:1], [[AS_IT_IS]], (2, 1))
    assert alone.words.splitlines()[1:] == [
        "0: 'a' at row 1, column 1 0.50, 'seven' at row 2, column 1 0.90"
    ]
    same = Caption(PICTURE[:1], [[AS_IT_IS] * 3], (1, 2))
    assert same.words.endswith("covering changes the words at: no place")


def test_its_state_is_the_word_the_picture_and_what_is_covered():
    w = figure(t=2, picture=1, covered=1)
    assert (w.steps, w.t, w.picture, w.covered) == (3, 2, 1, 1)
    w.covered = -1
    assert w.pixels == PICTURE.tobytes()
    assert w.size == [4, 6, 1, 2]
    weights = np.frombuffer(w.weights, "<f4").reshape(-1, 2)
    expected = np.concatenate([r.weights for r in FULL + FULL])
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    for name, wrong, span in (
        ("t", 3, "0..2"),
        ("picture", 2, "0..1"),
        ("covered", 2, "0..1"),
        ("covered", -2, "0..1"),
    ):
        with pytest.raises(traitlets.TraitError, match=f"{name} must lie in {span}, got {wrong}"):
            setattr(w, name, wrong)
    with pytest.raises(traitlets.TraitError, match="covered must lie in"):
        Caption(PICTURE[:1], [[AS_IT_IS]], (1, 2), covered=0)  # there is nothing to cover


@pytest.mark.parametrize(
    ("pictures", "readings", "message"),
    [
        (PICTURE / 255, [FULL, FULL], r"pictures must be \(L, height, width, 3\) uint8, got"),
        (PICTURE[0], [FULL], r"pictures must be .* got \(4, 6, 3\)"),
        (PICTURE[:0], [], r"pictures must hold at least one, got \(0, 4, 6, 3\)"),
        (PICTURE, [FULL], "readings must be 2, got 1"),
        (PICTURE, [FULL, FULL[:2]], r"readings must be 1 or 3 a picture, got \[2, 3\]"),
        (PICTURE[:1], [[Reading((), np.ones((0, 2)))]], r"with a word at least, got \(0, 2\)"),
        (PICTURE[:1], [[Reading("ab", np.ones((2, 3)))]], r"\(S=2, P=2\) .*got \(2, 3\)"),
        (PICTURE[:1], [[Reading("a", np.ones((1, 2)))]], "sum to 1 for each word"),
        (PICTURE[:1], [[Reading("a", np.array([[2.0, -1.0]]))]], "must be 0 or above"),
    ],
)
def test_errors_name_the_argument(pictures, readings, message):
    with pytest.raises(ValueError, match=message):
        Caption(pictures, readings, (1, 2))


def test_names_and_places_must_fit():
    with pytest.raises(ValueError, match="places must be 2, got 3"):
        Caption(PICTURE[:1], [[AS_IT_IS]], (1, 2), places="abc")
    with pytest.raises(ValueError, match="names must be 1, got 2"):
        Caption(PICTURE[:1], [[AS_IT_IS]], (1, 2), names="ab")
