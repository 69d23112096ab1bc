"""`check` in the order of its verdicts: each answer of a student gets the first that fits."""

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from rnn_edu import checks
from rnn_edu.checks import Verdict, Where
from rnn_edu.checks.exercise import load
from rnn_edu.checks.locate import details
from rnn_edu.checks.recipes import RECIPES


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def rnn_unroll(x, h0, W_xh, W_hh, b_h):
    h = [h0]
    for x_t in x:
        h.append(rnn_step(x_t, h[-1], W_xh, W_hh, b_h))
    return np.stack(h[1:])


def then(change, function=rnn_step):
    """A solution whose answer is changed."""
    return lambda *arguments: change(function(*arguments))


# --- a name, a function --------------------------------------------------------------------


def test_a_name_that_no_exercise_has_is_an_error_that_lists_them():
    with pytest.raises(ValueError, match=r"name must be one of attention, .*, got 'rnn_stepp'"):
        checks.check("rnn_stepp", rnn_step)
    with pytest.raises(ValueError, match=r"got '\.\./rnn_step'"):
        checks.check("../rnn_step", rnn_step)


@pytest.mark.parametrize("name", ["rnn_step", "rnn_unroll"])
def test_a_correct_solution(name):
    verdict = checks.check(name, globals()[name])
    assert verdict
    assert verdict.kind == "correct"
    assert str(verdict).startswith(f"{name}: correct.")
    assert verdict.mistakes == ()
    assert verdict.where is None
    assert str(verdict.hint(3)) == str(verdict)


def test_a_solution_in_float32_is_correct():
    assert checks.check("rnn_step", then(lambda h: h.astype(np.float32)))
    assert checks.check("rnn_unroll", then(lambda h: h * (1 + 1e-4), rnn_unroll)).kind == "wrong"
    rounded = then(lambda h: (h * (1 + 1e-4)).astype(np.float32), rnn_unroll)
    assert checks.check("rnn_unroll", rounded)


@pytest.mark.parametrize("nothing", [None, ..., 3, "rnn_step"])
def test_no_function_is_not_attempted(nothing):
    verdict = checks.check("rnn_step", nothing)
    assert not verdict
    assert verdict.kind == "not attempted"
    assert "rnn_step(x_t, h_prev, W_xh, W_hh, b_h)" in str(verdict.hint(2))


# --- exceptions ----------------------------------------------------------------------------


def wrong_way_round(x_t, h_prev, W_xh, W_hh, b_h):
    helped = W_xh @ x_t
    return helped


def test_an_exception_is_named_with_the_students_line():
    verdict = checks.check("rnn_step", wrong_way_round)
    line = wrong_way_round.__code__.co_firstlineno + 1
    assert verdict.kind == "exception"
    assert verdict.says[0].splitlines() == [
        "It raises ValueError: a product @ of 5 columns on the left and 3 rows on the right.",
        f"Line {line}: helped = W_xh @ x_t",
    ]
    assert "x_t (N, D) = (3, 2), h_prev (N, H) = (3, 5)" in verdict.says[1]


def test_the_line_is_the_one_that_failed_and_not_the_last_that_ran():
    def student(x_t, *rest):
        try:
            return x_t @ x_t
        finally:
            x_t = None

    assert checks.check("rnn_step", student).says[0].endswith("return x_t @ x_t")


def test_the_line_is_the_students_own_and_not_that_of_a_library():
    def student(x_t, *rest):
        return np.linalg.inv(x_t)

    verdict = checks.check("rnn_step", student)
    assert verdict.says[0].endswith("return np.linalg.inv(x_t)")


def test_a_line_whose_text_is_gone_has_its_number():
    written = {}
    exec("def student(*arguments):\n    return 1 / 0", written)
    verdict = checks.check("rnn_step", written["student"])
    assert verdict.says[0] == "It raises ZeroDivisionError: division by zero. Line 2."


def test_other_exceptions():
    def endless(*arguments):
        return endless(*arguments)

    def leaves(*arguments):
        sys.exit(3)

    def for_batches(x_t, h_prev, *weights):
        if len(x_t) == 1:
            raise KeyError("one")
        return rnn_step(x_t, h_prev, *weights)

    assert "RecursionError" in str(checks.check("rnn_step", endless))
    assert "SystemExit: 3" in str(checks.check("rnn_step", leaves))
    verdict = checks.check("rnn_step", for_batches)
    assert verdict.says[0].startswith("For one sequence (N = 1): It raises KeyError: 'one'.")
    with pytest.raises(KeyboardInterrupt):
        checks.check("rnn_step", raises(KeyboardInterrupt))


def raises(error):
    def student(*arguments):
        raise error

    return student


def test_a_function_of_other_arguments():
    verdict = checks.check("rnn_step", lambda x_t, h_prev: h_prev)
    assert verdict.kind == "exception"
    assert verdict.says[0] == (
        "Your function is rnn_step(x_t, h_prev); "
        "it is called as rnn_step(x_t, h_prev, W_xh, W_hh, b_h)."
    )


# --- not attempted -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stub",
    [
        raises(NotImplementedError("your code here")),
        lambda *_: None,
        lambda *_: ...,
        lambda x_t, h_prev, *_: np.zeros_like(h_prev),
    ],
)
def test_a_stub_is_not_attempted(stub):
    assert checks.check("rnn_step", stub).kind == "not attempted"


def test_a_missing_output_is_named():
    def student(*arguments):
        dx, dh0, _, dW_hh, _ = RECIPES["bptt"].solve(*arguments)
        return dx, dh0, None, dW_hh, None

    verdict = checks.check("bptt", student)
    assert verdict.kind == "not attempted"
    assert verdict.says[0].startswith("dW_xh and db_h is None")


# --- shape and type ------------------------------------------------------------------------


SHAPES = [
    ("rnn_step", lambda h: h.T, "(5, 3), not (N, H) = (3, 5): it is transposed."),
    ("rnn_step", lambda h: h[..., None], "(3, 5, 1), not (N, H) = (3, 5): an axis of length 1"),
    ("rnn_step", lambda h: h.ravel(), "(15,), not (N, H) = (3, 5): as many numbers"),
    ("rnn_step", lambda h: h[0], "(5,), not (N, H) = (3, 5): the axis N is missing."),
    ("rnn_step", lambda h: h[:1], "(1, 5), not (N, H) = (3, 5)."),
    ("rnn_step", lambda h: (h,), "a tuple of one array: return the array itself."),
    ("rnn_step", list, "h is a list, not an array: np.stack makes one array of 3."),
    ("rnn_step", lambda h: {"h": h}, "h is a dict, not an array of numbers."),
    ("rnn_step", lambda h: (row for row in h), "h is a generator, not an array of numbers."),
    ("rnn_unroll", lambda h: h[-1], "one step alone, the time axis is missing."),
    ("rnn_unroll", lambda h: h.swapaxes(0, 1), "its axes stand in the order (N, T, H)."),
    ("rnn_unroll", lambda h: h[:, :, :1], "(4, 3, 1), not (T, N, H) = (4, 3, 5)."),
]


@pytest.mark.parametrize(("name", "change", "said"), SHAPES)
def test_a_wrong_shape_is_described(name, change, said):
    verdict = checks.check(name, then(change, globals()[name]))
    assert verdict.kind == "shape"
    assert said in verdict.says[0]
    assert "returns h (" in verdict.says[1]


def test_an_answer_that_cannot_be_read_is_described():
    class Tensor:
        def __array__(self, *_, **__):
            raise OSError("on another device")

    verdict = checks.check("rnn_step", lambda *_: Tensor())
    assert verdict.kind == "shape"
    assert verdict.says[0] == "h is a Tensor, which NumPy cannot read."


def test_a_warning_is_no_mistake():
    def student(*arguments):
        warnings.warn("deprecated", stacklevel=1)
        return rnn_step(*arguments) + 0 * np.log(np.zeros(1)).clip(0)

    assert checks.check("rnn_step", student)


def test_the_number_of_outputs():
    solve = RECIPES["lstm_step"].solve
    lone = checks.check("lstm_step", then(lambda hc: hc[0], solve))
    assert lone.says[0] == "It returns one ndarray; two arrays are asked for."
    three = checks.check("lstm_step", then(lambda hc: (*hc, hc[0]), solve))
    assert three.says[0] == "It returns three arrays; two arrays are asked for."
    assert checks.check("lstm_step", then(list, solve))


@pytest.mark.parametrize("number", [float, np.float64, np.array, np.float32])
def test_one_number_may_be_of_any_kind(number):
    assert checks.check("perplexity", then(number, RECIPES["perplexity"].solve))
    in_an_array = checks.check("perplexity", then(np.atleast_1d, RECIPES["perplexity"].solve))
    assert in_an_array.kind == "shape"


def test_whole_numbers_and_others():
    cut = checks.check("rnn_step", then(lambda h: (9 * h).astype(int)))
    assert (cut.kind, "int64" in cut.says[0]) == ("type", True)
    tokens = checks.check("sample", then(lambda t: t * 1.0, RECIPES["sample"].solve))
    assert tokens.says[0] == "tokens holds float64; whole numbers are asked for."
    assert checks.check("rnn_step", then(lambda h: h.astype(str))).kind == "shape"


def test_numbers_that_are_not_finite():
    def student(*arguments):
        h = rnn_unroll(*arguments)
        h[1:, 0, 2] = np.nan
        return h

    verdict = checks.check("rnn_unroll", student)
    assert verdict.kind == "not finite"
    assert "h[1, 0, 2] is nan" in verdict.says[0]
    assert verdict.where.step == 1


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
    assert not [m for m in loaded if m.startswith(("rnn_edu.checks.recipes", "torch", "IPython"))]
