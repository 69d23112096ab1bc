"""`check` in the order of its verdicts: each answer of a student gets the first that fits."""

import sys
import warnings

import numpy as np
import pytest

from rnn_edu import checks
from rnn_edu.checks._recipes import RECIPES

from . import students
from .students import raises, rnn_step, rnn_unroll, then

# --- a name, a function --------------------------------------------------------------------


def test_a_name_that_no_exercise_has_is_an_error_that_lists_them():
    with pytest.raises(ValueError, match=r"name must be one of attention, .*, got 'rnn_stepp'"):
        checks.check("rnn_stepp", rnn_step)
    with pytest.raises(ValueError, match=r"got '\.\./rnn_step'"):
        checks.check("../rnn_step", rnn_step)


@pytest.mark.parametrize("name", ["rnn_step", "rnn_unroll"])
def test_a_correct_solution(name):
    verdict = checks.check(name, getattr(students, name))
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
    verdict = checks.check(name, then(change, getattr(students, name)))
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
