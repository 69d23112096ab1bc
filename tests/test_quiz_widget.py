"""The quiz's Python side: what it says and keeps to itself, its state, its errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu.widgets import Question, Quiz, Reveal

ANSWERS = {
    "none": "It adds.",
    "one": "Same counts, same answer.",
    "both": "One input, two answers?",
}


def question(**changes):
    return Question(
        **{"text": "How many of `ab` and `ba`?", "answers": ANSWERS, "key": "one"} | changes
    )


def reveal(**changes):
    return Reveal(**{"text": "How often?", "answer": 46.21, "unit": "%"} | changes)


# --- words and state -----------------------------------------------------------------------------


def test_words_are_what_is_asked_and_nothing_of_the_answers():
    quiz = Quiz(question(), reveal(explanation="By counting."), reveal(answer="Slovak", unit=""))
    lines = quiz.words.splitlines()
    assert lines[:2] == ["Quiz", "1. How many of `ab` and `ba`?"]
    assert sorted(lines[2:5]) == ["   - both", "   - none", "   - one"]
    assert lines[5:] == [
        "2. How often?",
        "   your guess: ... %",
        "3. How often?",
        "   your guess: ...",
    ]
    assert (
        quiz.words
        == Quiz(question(key="none"), reveal(answer=3), reveal(answer="no", unit="")).words
    )


def test_answers_are_shuffled_by_seed_alone():
    texts = {f"answer {k}": "because" for k in range(6)}

    def order(seed, key):
        quiz = Quiz(question(answers=texts, key=key), seed=seed)
        return [answer for answer, _ in quiz.items[0]["answers"]]

    assert order(0, 0) == order(0, 5)
    assert order(0, 0) != list(texts)
    places = {order(seed, 0).index("answer 0") for seed in range(40)}
    assert places == set(range(6))
    assert set(order(0, 0)) == set(texts)


@pytest.mark.parametrize("key", ["one", 1, np.int64(1), np.array(1), np.str_("one")])
def test_a_key_is_an_answer_or_its_index(key):
    quiz = Quiz(question(key=key))
    assert quiz.items[0]["key"] == "one"
    assert type(quiz.items[0]["key"]) is str


def test_an_answer_is_rounded_so_that_the_stored_page_is_the_same_elsewhere():
    for answer in (46.21, np.float32(46.21), np.float64(46.2100001)):
        assert Quiz(reveal(answer=answer)).items[0]["answer"] == 46
        assert Quiz(reveal(answer=answer, digits=1)).items[0]["answer"] == 46.2


def test_its_state_is_what_was_tried():
    quiz = Quiz(question(), reveal(), reveal(answer="Slovak", unit=""))
    assert quiz.tries == [[], [], []]
    quiz.tries = [["none", "one"], ["-1.5"], ["Czech"]]
    assert quiz.state()["tries"] == [["none", "one"], ["-1.5"], ["Czech"]]
    for wrong, named in (
        ([[], []], "tries must be 3 lists, got 2"),
        ([["two"], [], []], r"`ab` and `ba`\?' must fit it, got \['two'\]"),
        ([[], ["nan"], []], "'How often"),
        ([[], ["a lot"], []], "'How often"),
    ):
        with pytest.raises(traitlets.TraitError, match=named):
            quiz.tries = wrong
    assert Quiz(question(), tries=[["both"]]).tries == [["both"]]


def test_a_longer_quiz_gets_a_higher_frame():
    short, long = (
        Quiz(question()),
        Quiz(question(text="Why? " * 60), reveal(explanation="So. " * 90)),
    )
    assert all(a < b for a, b in zip(short.heights, long.heights, strict=True))
    assert short.heights[0] < short.heights[1]  # reasons below the answers, not beside them


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"key": "two"}, ValueError, r"key must be one of \['none', 'one', 'both'\], got 'two'"),
        ({"key": 3}, ValueError, r"key must lie in 0\.\.2, got 3"),
        ({"key": -1}, ValueError, r"key must lie in 0\.\.2, got -1"),
        ({"key": True}, TypeError, "key must be an answer or its index, got True"),
        ({"key": 1.0}, TypeError, r"key must be an answer or its index, got 1\.0"),
        ({"text": " "}, ValueError, "text must say something"),
        ({"text": None}, TypeError, "text must be a string, got NoneType"),
        ({"answers": {"one": "yes"}}, ValueError, "answers must be at least 2, got 1"),
        ({"answers": {"one": "", "two": "no"}}, ValueError, r"answers\['one'\] must say something"),
        ({"answers": {1: "a", "one": "b"}}, TypeError, "answers must be a string, got int"),
    ],
)
def test_errors_of_a_question(changes, error, message):
    with pytest.raises(error, match=message):
        question(**changes)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"answer": np.nan}, ValueError, "answer must be finite, got nan"),
        ({"answer": np.inf}, ValueError, "answer must be finite, got inf"),
        ({"answer": "", "unit": ""}, ValueError, "answer must say something"),
        ({"answer": "Slovak"}, ValueError, "unit and span go with a number, got answer 'Slovak'"),
        ({"span": (0, 40)}, ValueError, r"span must hold the answer, 46\.21, got \(0, 40\)"),
        ({"span": (46.21, 46.21)}, ValueError, "span must hold the answer"),
        ({"prompt": ""}, ValueError, "prompt must say something"),
    ],
)
def test_errors_of_a_reveal(changes, error, message):
    with pytest.raises(error, match=message):
        reveal(**changes)


def test_a_quiz_is_made_of_questions():
    for questions, kinds in (((), r"\[\]"), ((question(), "why?"), r"\['Question', 'str'\]")):
        with pytest.raises(TypeError, match=f"questions must be Question or Reveal.*{kinds}"):
            Quiz(*questions)
