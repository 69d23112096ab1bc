"""An answer beside the right one: right however it is stored, wrong with the reason in words."""

import numpy as np
import pytest

from rnn_edu.grading import Case
from rnn_edu.grading.compare import verdict

A = np.array([[0.5, -1.0], [2.0, 0.25]])


def said(right, answer, **tolerances):
    return verdict(Case("f", (), right, **tolerances), answer)


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        (A, A),
        (A, A.astype(np.float32)),
        (A, A.tolist()),
        (A, A + 1e-6),
        ((A, 2), [A, np.array(2)]),
        ({"h": A, "n": 1}, {"n": 1.0, "h": A}),
        (2, 2.0),
        (True, np.array(True)),
        (np.array([np.nan, 1]), np.array([np.nan, 1])),
        ("a", "a"),
        (np.array(["a", "b"]), ["a", "b"]),
        (None, None),
        (np.zeros((0, 3)), np.zeros((0, 3))),
    ],
)
def test_right_is_right_however_it_is_stored(right, answer):
    assert said(right, answer) == ""


@pytest.mark.parametrize(
    ("right", "answer", "words"),
    [
        (A, A[None], "its shape is (1, 2, 2), asked for is (2, 2)"),
        (A, A[0], "its shape is (2,), asked for is (2, 2)"),
        (A, A.T, "2 of 4 values are wrong, the first at [0, 1]"),
        (A, A + 0.01, "4 of 4 values"),
        (A, A * np.nan, "it holds nan"),
        (A, A * 1j, "its numbers are complex"),
        (A, A.astype(str), "the texts are not"),
        (A, None, "None came back; is there a return?"),
        (A, "A", "a value of type str came back where numbers"),
        (A, {"A": 1}, "a value of type dict came back"),
        (A, [[1, 2], [3]], "the rows of the answer differ in length"),
        ((A, 2), A, "a value of type ndarray came back where 2 things"),
        ((A, 2), (A,), "1 things came back where 2"),
        ((A, 2), (A, 3), "item 1: 1 of 1 values are wrong"),
        ({"h": A}, {"g": A}, "the keys h"),
        ({"h": A}, {"h": 0}, "h: its shape"),
        ("a", "b", "not what is asked for"),
        (None, 0, "not what is asked for"),
        (2, 3, "1 of 1 values are wrong"),
    ],
)
def test_wrong_is_told_in_words(right, answer, words):
    assert words in said(right, answer)


def test_the_tolerance_is_the_case_s():
    assert said(A, A + 1e-4, rtol=1e-8, atol=1e-8)
    assert not said(A, A + 0.1, atol=0.2)


def test_a_judge_decides_and_a_judge_that_fails_gives_no_points():
    assert said(lambda answer: "" if answer == 1 else "not one", 1) == ""
    assert said(lambda answer: "" if answer == 1 else "not one", 2) == "not one"
    assert "cannot be compared (TypeError)" in said(lambda answer: True, 1)
    assert "cannot be compared (AttributeError)" in said(lambda answer: answer.shape, 1)
