"""The Python side of the gate scope: its arithmetic, words, state and errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell, record
from rnn_edu.widgets import gate_scope
from rnn_edu.widgets.gate_scope import DRAWN, LIMITS, RECORDED, GateScope

T, N, D, H = 7, 2, 3, 5


def make_trace(kind="lstm", **arguments):
    """A run from a state that is not zero."""
    rng = np.random.default_rng(0)
    cell = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}[kind].init(D, H, rng)
    state = tuple(rng.normal(size=(N, H)) for _ in cell.state_names)
    return record(cell, rng.normal(size=(T, N, D)), state, title="a run", **arguments)


def rows(figure):
    """(1 + 3 or 4 T, H): the first state, and what was recorded."""
    return np.frombuffer(figure.recorded, "<f4").reshape(-1, figure.units)


# --- a recorded run ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gates_of_a_trace_give_its_states_back(kind):
    trace = make_trace(kind)
    figure = GateScope(trace, n=1)
    assert (figure.kind, figure.units, figure.steps, figure.t) == (kind, H, T, T - 1)
    state = "c" if kind == "lstm" else "h"
    for unit in range(H):
        start, *values = rows(figure)[:, unit]
        curves = dict(zip(RECORDED[kind], np.reshape(values, (-1, T)), strict=True))
        kept, written, got, h = gate_scope.run(kind, curves, start).T
        np.testing.assert_allclose(got, trace[state][:, 1, unit], atol=1e-6)
        np.testing.assert_allclose(h, trace.h[:, 1, unit], atol=1e-6)
        np.testing.assert_allclose(kept + written, got, atol=1e-12)


def test_a_run_from_zero_starts_at_zero():
    trace = record(LSTMCell.init(D, H, np.random.default_rng(0)), np.ones((T, 1, D)))
    assert np.abs(rows(GateScope(trace))[0]).max() < 1e-6


def test_a_gate_that_keeps_nothing_leaves_no_first_state():
    cell = LSTMCell.init(D, H, np.random.default_rng(0))
    cell.b_h[H : 2 * H] = -60  # f is 1e-26
    assert (rows(GateScope(record(cell, np.ones((T, 1, D)))))[0] == 0).all()


def test_tokens_of_a_trace_belong_to_its_first_sequence():
    trace = make_trace(tokens=tuple("abcdefg"))
    assert GateScope(trace).tokens == list("abcdefg")
    assert GateScope(trace, n=1).tokens == list("0123456")
    assert GateScope(trace, n=1, tokens="gfedcba").tokens == list("gfedcba")
    assert GateScope(trace).title == "a run"


# --- drawn gates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 24, 61])
def test_examples_fit_every_length(steps):
    figure = GateScope(T=steps)
    assert set(figure.curves) == set(LIMITS)
    for kind, examples in figure.examples.items():
        for curves in examples.values():
            assert set(curves) == set(DRAWN[kind])
            figure.curves = {**figure.curves, **curves}  # its validation is the test


def test_the_first_example_holds_one_pulse_and_clears_it():
    kept, written, c, h = gate_scope.run("lstm", GateScope().curves, 0.0).T
    assert (c[2:17] == 1).all()  # written at 2
    assert (kept[17], c[17], c[20]) == (0, 0, -0.7)
    assert np.flatnonzero(written).tolist() == [2, 20]  # the other pulses are not let in
    assert (h[:11] == 0).all()
    assert h[11] == np.tanh(1)


def test_gates_drawn_by_hand_are_those_of_a_cell():
    rng = np.random.default_rng(1)
    i, f, o = rng.uniform(0.05, 0.95, (3, T))
    g = rng.uniform(-0.9, 0.9, T)
    x = np.stack([np.log(i / (1 - i)), np.log(f / (1 - f)), np.arctanh(g), np.log(o / (1 - o))], 1)
    trace = record(LSTMCell(np.eye(4), np.zeros((1, 4)), np.zeros(4)), x[:, None])
    run = gate_scope.run("lstm", {"g": g, "i": i, "f": f, "o": o}, 0.0)
    np.testing.assert_allclose(run[:, 2:], np.stack([trace["c"], trace.h], -1)[:, 0, 0], atol=1e-12)


def test_curves_that_are_given_replace_those_of_the_example():
    figure = GateScope(kind="gru", T=3, curves={"z": [0, 0.5, 1]})
    assert figure.curves["z"] == [0, 0.5, 1]
    assert figure.curves["x"] == GateScope(T=3).curves["x"]
    figure.curves = {**figure.curves, "z": np.array([0.25, 0.25, 0.25])}
    assert figure.curves["z"] == [0.25] * 3


# --- words ---------------------------------------------------------------------------------------


def test_words_are_computed_and_follow_the_state():
    figure = GateScope(curves={"f": [0.5] * 24}, mark=20)
    assert figure.words == (
        "One gated unit: draw its gates: LSTM, unit 0, 24 steps\n"
        "g: -0.80 to 1.00\n"
        "i: 0.00 to 1.00\n"
        "f: 0.50 to 0.50\n"
        "o: 0.00 to 1.00\n"
        "c: -0.70 to 1.00; written most at t = 2: 0.00 kept + 1.00 written = 1.00\n"
        "c at t = 20: -0.70; of it, 0.12 is left at t = 23, the product of f; h at the end: -0.09"
    )
    figure.mark = 22
    assert "c at t = 22: -0.17; of it, 0.50 is left at t = 23" in figure.words
    figure.kind = "gru"
    assert "of it, 1.00 is left at t = 23, the product of z" in figure.words
    figure.curves = {**figure.curves, "z": [0.0] * 24}
    assert "of it, 0.00 is left" in figure.words


def test_words_of_a_trace_follow_the_unit():
    trace = make_trace()
    figure = GateScope(trace, unit=1)
    assert figure.words.startswith("a run: LSTM, unit 1, 7 steps\ng: ")
    for unit in (1, 4):
        figure.unit = unit
        f, c = trace["f"][:, 0, unit], trace["c"][:, 0, unit]
        assert f"f: {f.min():.2f} to {f.max():.2f}\n" in figure.words
        assert f"of it, {np.prod(f[1:]):.2f} is left" in figure.words
        assert f"c: {c.min():z.2f} to {c.max():z.2f}; " in figure.words


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"T": 0}, "T must be an integer of at least 1, got 0"),
        ({"T": 2.5}, "T must be an integer of at least 1, got 2.5"),
        ({"tokens": "abc"}, "tokens must be 24, one per step, got 3"),
        ({"trace": make_trace("rnn")}, "trace must hold the gates of an lstm or gru, got h"),
        ({"trace": make_trace("gru"), "kind": "lstm"}, "trace must hold the gates of an lstm, got"),
        ({"trace": make_trace(), "n": 2}, "n must lie in 0..1, got 2"),
        ({"trace": make_trace(), "curves": {}}, "curves must be left out with a trace"),
        ({"trace": make_trace(), "tokens": "abc"}, "tokens must be 7, one per step, got 3"),
    ],
)
def test_wrong_arguments_are_named(arguments, error):
    with pytest.raises(ValueError, match=re.escape(error)):
        GateScope(**arguments)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"kind": "rnn"}, "'kind' trait"),
        ({"t": 24}, "t must lie in 0..23, got 24"),
        ({"mark": -1}, "mark must lie in 0..23, got -1"),
        ({"unit": 1}, "unit must lie in 0..0, got 1"),
        ({"curves": {"f": [0.5] * 23}}, "curves['f'] must be 24 numbers in 0..1, got [0.5, "),
        ({"curves": {"f": [1.5] * 24}}, "curves['f'] must be 24 numbers in 0..1, got [1.5, "),
        ({"curves": {"x": [float("nan")] * 24}}, "curves['x'] must be 24 numbers in -2..2, got"),
        ({"curves": {"q": [0.5] * 24}}, "curves must be ['f', 'g', 'i', 'o', 'r', 'x', 'z'], got"),
    ],
)
def test_wrong_state_is_refused(state, error):
    with pytest.raises(traitlets.TraitError, match=re.escape(error)):
        GateScope(**state)


def test_state_set_later_is_checked_too():
    figure = GateScope(make_trace())
    for name, value in [("unit", H), ("mark", T), ("t", T), ("curves", {"f": [0.5] * T})]:
        with pytest.raises(traitlets.TraitError, match=f"^{name} must"):
            setattr(figure, name, value)
    assert (figure.unit, figure.mark, figure.t, figure.curves) == (0, 0, T - 1, {})
