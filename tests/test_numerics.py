"""The comparison of printed texts can fail both ways; the profiles set what they say."""

from __future__ import annotations

import os
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.numerics import environment, same_text, use_profile

WORDS = st.text("abc xyz:\n%=[],#", max_size=12).map(lambda s: f"{s}: ")  # end apart from a number
PLACES = st.integers(1, 9)
MANTISSA = st.integers(-(10**9), 10**9)


def decimal(mantissa: int, places: int) -> str:
    """decimal(-1250, 3) is "-1.250"."""
    return f"{Decimal(mantissa).scaleb(-places):.{places}f}"


@given(st.text())
def test_a_text_is_the_same_as_itself(text):
    assert same_text(text, text)


@given(WORDS, WORDS, MANTISSA, PLACES, st.integers(-3, 3))
def test_a_decimal_may_move_by_one_in_its_last_digit_and_no_more(before, after, m, places, moved):
    a = f"{before}{decimal(m, places)} {after}"
    b = f"{before}{decimal(m + moved, places)} {after}"
    assert same_text(a, b) is same_text(b, a) is (abs(moved) <= 1)


@given(st.integers(10, 99), st.integers(-9, 9), st.integers(-3, 3))
def test_the_last_digit_of_a_power_of_ten_counts_in_its_power(m, exponent, moved):
    assume(10 <= m + moved <= 99)
    a, b = (f"{n / 10:.1f}e{exponent:+03d}" for n in (m, m + moved))
    assert same_text(a, b) is (abs(moved) <= 1)


@given(MANTISSA, PLACES)
def test_the_number_of_digits_must_match(m, places):
    assert not same_text(decimal(m, places), decimal(10 * m, places + 1))


@given(MANTISSA, MANTISSA)
def test_integers_must_match(a, b):
    assert same_text(f"{a} steps", f"{b} steps") is (a == b)


@given(WORDS, WORDS)
def test_words_must_match(a, b):
    assert same_text(f"{a}0.5", f"{b}0.5") is (a == b)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_numpy_may_pad_and_wrap_for_the_sign_of_a_zero(values):
    with np.printoptions(precision=3, suppress=True, floatmode="fixed"):
        plus, minus = (f"{np.array([zero, *values])}" for zero in (1e-9, -1e-9))
        other = f"{np.array([0.002, *values])}"
    assert plus != minus
    assert same_text(plus, minus)
    assert not same_text(plus, other)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("9.99", "10.00"),
        ("-0.000", "0.000"),
        ("loss 0.999.", "loss 1.000."),
        ("1.0e-05", "9.9e-06"),
        ("82.3%", "82.4%"),
        ("[[ 0.1  0.2]]", "[[0.1 0.3]]"),
        ("(0.25, 1.50)", "(0.26, 1.49)"),
    ],
)
def test_same(a, b):
    assert same_text(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1.2.3", "1.2.4"),  # a version
        ("12", "13"),
        ("1e-05", "2e-05"),
        ("1.0e-05", "9.8e-06"),
        ("x0.5", "x0.6"),  # a name
        ("0.5 nats", "0.5 bits"),
        ("0.5", "nan"),
        ("nan", "0.5"),
        ("0.5\n", "0.5"),
        ("0.5 0.6", "0.5"),
        ("0.5", "0.5 0.6"),
        ("0.5", "-0.5"),
        ("a b", "a  b"),
        ("holds: it", "FAILS: it"),
    ],
)
def test_different(a, b):
    assert not same_text(a, b)


def test_an_unknown_profile_is_named():
    with pytest.raises(ValueError, match=r"RNN_EDU_NUMERICS must be one of pinned.*got 'fast'"):
        environment("fast")


@pytest.mark.parametrize("name", ["oldest", "oldest-", "newest-1", "oldest-1x"])
def test_kernels_and_threads_are_both_named(name):
    with pytest.raises(ValueError, match=f"oldest-N.*got '{name}'"):
        environment(name)


def test_kernels_and_threads_combine():
    stressed, one = (environment(name, "x86_64") for name in ("stressed", "oldest-1"))
    assert {name for name in one if one[name] != stressed[name]} == {
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
    }
    assert environment("oldest-2", "x86_64") == stressed
    assert environment("own-1", "x86_64") == environment("stressed", "arm64") | {
        f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")
    }


def test_the_stressed_profile_differs_in_all_that_moves_a_last_bit():
    pinned, stressed = (environment(name, "x86_64") for name in ("pinned", "stressed"))
    moved = {name for name in pinned if pinned[name] != stressed.get(name)}
    assert moved >= {
        "OMP_NUM_THREADS",
        "ATEN_CPU_CAPABILITY",
        "NPY_DISABLE_CPU_FEATURES",
        "ONEDNN_MAX_CPU_ISA",
        "OPENBLAS_CORETYPE",
        "PYTHONHASHSEED",
    }


def test_other_machines_than_x86_are_not_told_about_its_kernels():
    for profile in ("pinned", "stressed", "host"):
        assert not {"ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES"} & set(
            environment(profile, "arm64")
        )


def test_every_profile_is_strict():
    assert all(environment(p)["RNN_EDU_STRICT"] == "1" for p in ("pinned", "stressed", "host"))


@pytest.mark.parametrize("name", [None, "stressed"])
def test_use_profile_sets_this_process(monkeypatch, name):
    for variable in environment("pinned"):  # so that monkeypatch puts them back
        monkeypatch.setenv(variable, "")
    monkeypatch.delenv("RNN_EDU_NUMERICS", raising=False)
    if name is not None:
        monkeypatch.setenv("RNN_EDU_NUMERICS", name)
    assert use_profile() == (name or "pinned")
    assert os.environ["OMP_NUM_THREADS"] == ("2" if name else "1")
