"""The trade-off map's Python side: what travels, words, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu.widgets import Measure, TradeoffMap

LENGTHS = [16, 32, 64]
MODELS = {"gru": "recurrent", "attention": "attention", "both": "hybrid", "slow": "recurrent"}


def measures() -> dict[str, Measure]:
    """Two seeds of a quality, a memory, and a loss known at the last length only."""
    quality = np.array([[0.9, 0.6, 0.2], [1.0, 1.0, 0.98], [1.0, 0.99, 0.99], [0.8, 0.5, 0.1]]).T
    memory = np.array([[1.0, 1, 1], [2, 4, 8], [3, 5, 9], [1, 1, 1]]).T
    loss = np.full((3, 4), np.nan)
    loss[2] = 2.5, 2.0, 2.0, 3.0
    return {
        "recall": Measure(np.stack([quality - 0.01, quality + 0.01]), best="high"),
        "memory": Measure(memory[None], "kB"),
        "loss": Measure(loss[None], "bits"),
    }


def tradeoffs(**options) -> TradeoffMap:
    return TradeoffMap(**{"lengths": LENGTHS, "models": MODELS, "measures": measures()} | options)


def test_words_are_the_numbers_best_first_and_who_is_left():
    assert tradeoffs(title="a map").words.splitlines() == [
        "a map",
        "recall at T = 64, best first: both 0.99, attention 0.98, gru 0.2, slow 0.1",
        "memory in kB at T = 64, best first: gru 1, slow 1, attention 8, both 9",
        "loss in bits at T = 64, best first: attention 2, both 2, gru 2.5, slow 3",
        "on recall and memory nothing beats: gru, attention, both",
    ]


def test_words_follow_the_axes_and_say_what_was_not_measured():
    lines = tradeoffs(t=1, x="loss", y="memory").words.splitlines()
    assert lines[3] == "loss in bits at T = 32, best first: not measured"
    assert lines[4] == "on memory and loss nothing beats: not measured"
    assert (
        tradeoffs(x="loss", y="memory")
        .words.splitlines()[4]
        .endswith("nothing beats: gru, attention")
    )
    assert tradeoffs(t=1, x="T").words.splitlines()[4] == "on recall nothing beats: attention"


def test_what_travels_is_mean_worst_and_best_run():
    figure = tradeoffs()
    recall, memory, loss = figure.values
    assert recall[0][2] == pytest.approx([0.2, 0.98, 0.99, 0.1])
    assert recall[1][2] == pytest.approx([0.19, 0.97, 0.98, 0.09])  # high is better
    assert recall[2][2] == pytest.approx([0.21, 0.99, 1.0, 0.11])
    assert memory[0] == memory[1] == memory[2]
    assert loss[0][0] == [None] * 4
    more = measures() | {"memory": Measure(np.stack([np.full((3, 4), v) for v in (1.0, 3.0)]))}
    assert [stat[0][0] for stat in tradeoffs(measures=more).values[1]] == [2, 3, 1]  # low is better
    assert (figure.steps, figure.t, figure.x, figure.y) == (3, 2, "memory", "recall")


def test_numbers_below_zero_keep_their_sign():
    gain = Measure(np.array([[[-1.0, 2.0, 0.5, -3.0]] * 3]), best="high")
    line = tradeoffs(measures=measures() | {"gain": gain}).words.splitlines()[4]
    assert line == "gain at T = 64, best first: attention 2, both 0.5, gru -1, slow -3"


def test_a_missing_run_makes_the_number_missing():
    recall, *rest = measures().values()
    recall.values[1, 0, 2] = np.nan
    figure = tradeoffs(measures=dict(zip("abc", [recall, *rest], strict=True)))
    assert [stat[0][2] for stat in figure.values[0]] == [None] * 3


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("t", 3, r"t must lie in 0\.\.2, got 3"),
        ("x", "speed", "x must be one of .*'recall', 'memory', 'loss', 'T'.*, got 'speed'"),
        ("y", "T", "y must be one of .*'recall', 'memory', 'loss'.*, got 'T'"),
        ("model", 4, r"model must lie in 0\.\.3, got 4"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(tradeoffs(), name, value)


def one(**changes) -> dict[str, Measure]:
    return {"recall": measures()["recall"]._replace(**changes), "memory": measures()["memory"]}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lengths": [16, 64, 32]}, r"lengths must rise from 1 or more, got \[16, 64, 32\]"),
        ({"lengths": []}, r"lengths must rise from 1 or more, got \[\]"),
        ({"models": {}}, "models must be 1 to 8, got 0"),
        ({"models": dict.fromkeys("abcdefghi", "x")}, "models must be 1 to 8, got 9"),
        ({"models": dict(zip("abcde", "abcde", strict=True))}, "models must be of at most 4 kinds"),
        ({"measures": {"recall": measures()["recall"]}}, "measures must be two or more"),
        ({"measures": {"T": 1, "recall": 2}}, 'none of them "T"'),
        (
            {"measures": one(values=np.ones((3, 4)))},
            r"measures\['recall'\] must be \(S, L=3, M=4\), got \(3, 4\)",
        ),
        ({"measures": one(values=np.ones((1, 4, 3)))}, r"got \(1, 4, 3\)"),
        ({"measures": one(values=np.ones((0, 3, 4)))}, r"got \(0, 3, 4\)"),
        ({"measures": one(values=np.full((1, 3, 4), np.inf))}, "must hold finite numbers or NaN"),
        ({"measures": one(best="most")}, r"measures\['recall'\].best must be \"high\" or \"low\""),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        tradeoffs(**options)


def test_what_is_no_measure_is_refused():
    with pytest.raises(TypeError, match=r"measures\['a'\] must be a Measure, got ndarray"):
        tradeoffs(measures={"a": np.ones((1, 3, 4)), "b": measures()["recall"]})
