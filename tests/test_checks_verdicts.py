"""`check` of an answer that has the right form: right but for a reason, known, or located."""

import re
import subprocess
import sys

import numpy as np
import pytest

from rnn_edu import checks
from rnn_edu.checks import Verdict, Where
from rnn_edu.checks._recipes import RECIPES
from rnn_edu.checks.exercise import load
from rnn_edu.checks.locate import details

from .students import raises, rnn_step, rnn_unroll, then

# --- right, but ----------------------------------------------------------------------------


def test_changed_arguments_are_seen_though_the_answer_is_right():
    def student(x_t, h_prev, W_xh, W_hh, b_h):
        h_prev[...] = rnn_step(x_t, h_prev, W_xh, W_hh, b_h)
        return h_prev

    verdict = checks.check("rnn_step", student)
    assert verdict.kind == "changes its arguments"
    assert verdict.says[0] == "It changes what it was given: h_prev."
    assert checks.check("rnn_step", rnn_step)  # the shipped arguments are what they were


def test_an_argument_that_is_put_back_is_not_changed():
    def student(f, w, eps):
        dw = np.empty_like(w)
        for k in np.ndindex(w.shape):
            w[k] += eps
            above = f(w)
            w[k] -= 2 * eps
            dw[k] = (above - f(w)) / (2 * eps)
            w[k] += eps
        return dw

    assert checks.check("numeric_gradient", student)


def test_state_kept_between_calls_is_seen():
    kept = {}

    def student(x_t, h_prev, *weights):
        h_prev = kept.get(h_prev.shape, h_prev)
        kept[h_prev.shape] = rnn_step(x_t, h_prev, *weights)
        return kept[h_prev.shape]

    assert checks.check("rnn_step", student).kind == "keeps something"


def test_an_array_that_is_used_again_is_not_taken_for_an_answer():
    """One output array for all calls: what a call returned may not change at the next."""
    buffers = {}

    def student(logits, t):
        out = buffers.setdefault(logits.shape, np.empty_like(logits))
        out[...] = RECIPES["temperature"].solve(logits, t)
        return out

    assert checks.check("temperature", student)


def test_chance_is_seen():
    rng = np.random.default_rng(0)
    verdict = checks.check("rnn_step", then(lambda h: h + 0.01 * rng.normal(size=h.shape)))
    assert verdict.kind == "keeps something"
    assert "drawn at random" in verdict.says[1]


def test_what_a_student_prints_is_shown(capsys):
    """Once for each call that is compared, not for those that look for more."""
    checks.check("rnn_step", then(lambda h: print(h.shape) or 1.5 * h))
    assert capsys.readouterr().out == "(3, 5)\n(1, 5)\n"


# --- wrong ---------------------------------------------------------------------------------


def test_wrong_for_a_batch_alone():
    verdict = checks.check("rnn_step", then(lambda h: h - 0.1 * (len(h) > 1)))
    assert verdict.says[0] == (
        "Wrong for several sequences: h. All is right for one sequence (N = 1)."
    )


def test_right_for_a_batch_alone():
    verdict = checks.check("rnn_step", then(lambda h: h - 0.1 * (len(h) == 1)))
    assert verdict.says[0] == (
        "Wrong for one sequence (N = 1): h. All is right for several sequences."
    )
    assert verdict.where == Where("one sequence (N = 1)", ("h",), None)


def spoil(where, name="rnn_unroll"):
    def change(answer):
        h = answer.copy()
        h[where] += 0.1
        return h

    return change


PLACES = [
    (np.s_[2:], 2, "h, from step t = 2 on."),
    (np.s_[1:2], 1, "h, at step t = 1 alone."),
    (np.s_[1::2], 1, "h, at the steps t = 1 and 3."),
    (np.s_[:], 0, "h, at every step."),
    (np.s_[2:, :1], 2, "h, from step t = 2 on, for n = 0."),
    (np.s_[2:, :, 3:], 2, "h, from step t = 2 on, in column 3 and 4."),
]


@pytest.mark.parametrize(("where", "step", "said"), PLACES)
def test_the_first_wrong_step_is_found(where, step, said):
    verdict = checks.check("rnn_unroll", then(spoil(where), rnn_unroll))
    assert verdict.kind == "wrong"
    assert verdict.where.step == step
    assert said in verdict.says[0]


def test_gradients_go_wrong_backwards_in_time():
    def student(*arguments):
        dx, *rest = RECIPES["bptt"].solve(*arguments)
        dx[:3] += 0.1
        return dx, *rest

    verdict = checks.check("bptt", student)
    assert verdict.where.step == 2
    assert "dx, backwards from step t = 2 on. Right: dh0, dW_xh, dW_hh and db_h." in str(verdict)


def test_the_gate_is_found():
    def student(*arguments):
        dx, dh, dc, dW_xh, dW_hh, db = RECIPES["lstm_backward"].solve(*arguments)
        dW_hh[:, 4:8] *= 2
        return dx, dh, dc, dW_xh, dW_hh, db

    verdict = checks.check("lstm_backward", student)
    assert verdict.where.outputs == ("dW_hh",)
    assert "Wrong: dW_hh, in the columns of f." in verdict.says[0]


def test_level_two_shows_an_example_a_factor_and_idle_arguments():
    verdict = checks.check("rnn_step", then(lambda h: 1.5 * h))
    assert re.search(r"h\[0, 0\] is -1.39\d+; -0.92\d+ is right", verdict.says[1])
    assert "h is 1.5 times the right answer everywhere." in verdict.says[1]
    without = checks.check("rnn_step", lambda x_t, h, W, U, b: np.tanh(x_t @ W + h @ U) + 0.01)
    assert without.says[1].endswith("b_h has no effect on your answer.")


@pytest.mark.parametrize("name", RECIPES)
def test_no_argument_of_a_reference_is_idle(name):
    exercise, solve = load(name), RECIPES[name].solve
    case = exercise.cases[0]
    got = RECIPES[name].answer(solve, case.arguments)
    assert not [said for said in details(exercise, case, got, solve) if "no effect" in said]


# --- what is shown -------------------------------------------------------------------------


def test_hints_come_one_at_a_time():
    verdict = checks.check("rnn_step", then(np.arctanh))
    nudge, where, line = verdict.says
    assert verdict.mistakes == ("no_tanh",)
    assert str(verdict) == f"rnn_step: not yet. {nudge}\n.hint(2) shows where to look."
    assert str(verdict.hint(2)) == (
        f"rnn_step: not yet. {nudge}\n{where}\n.hint(3) shows the mathematics."
    )
    assert str(verdict.hint(3)) == f"rnn_step: not yet. {nudge}\n{where}\n{line}"
    assert repr(verdict.hint(3).hint(1)) == str(verdict)
    for level in (0, 4, "2"):
        with pytest.raises(ValueError, match="level must be 1, 2 or 3"):
            verdict.hint(level)


def test_two_mistakes_are_both_explained():
    known = {m.name: m for m in RECIPES["rnn_unroll"].mistakes}
    no_bias, late = known["no_bias"], known["input_late"]
    verdict = checks.check("rnn_unroll", RECIPES["rnn_unroll"].variant(no_bias, late))
    assert verdict.mistakes == ("no_bias", "input_late")
    assert verdict.says[0] == f"Two things.\nFirst: {no_bias.nudge}\nSecond: {late.nudge}"


def test_html_shows_the_same_words_and_no_markup_of_the_students():
    verdict = checks.check("rnn_step", raises(ValueError("<script>alert(1)</script> & so on")))
    page = verdict._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in page
    assert 'role="status"' in page
    assert "Called with" not in page
    assert "Called with" in verdict.hint(2)._repr_html_()


def test_html_tells_words_from_mathematics():
    verdict = checks.check("rnn_step", then(np.arctanh))
    nudge, where, line = verdict.says
    assert f"<strong>rnn_step: not yet.</strong> {nudge}</div>" in verdict._repr_html_()
    assert "monospace" not in verdict.hint(2)._repr_html_()
    page = verdict.hint(3)._repr_html_()
    assert f"<div>{where}</div>" in page
    assert re.findall(r'<div style="font-family: monospace[^>]*>(.*?)</div>', page) == [line]
    correct = checks.check("rnn_step", rnn_step).hint(3)._repr_html_()
    assert "<strong>rnn_step: correct.</strong> Compared in 2 calls.</div>" in correct


def test_a_verdict_is_true_if_correct_and_can_stand_in_an_assertion():
    assert Verdict("rnn_step", "correct", ("Compared in 2 calls.",))
    verdict = checks.check("rnn_step", lambda *_: None)
    with pytest.raises(AssertionError, match="not yet"):
        assert verdict, verdict


def test_checking_loads_no_reference_and_nothing_but_numpy():
    code = (
        "import sys\nfrom rnn_edu import checks\n"
        "checks.check('rnn_step', lambda *a: a[1])\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "rnn_edu.checks.judge" in loaded
    assert not [m for m in loaded if m.startswith(("rnn_edu.checks._recipes", "torch", "IPython"))]
