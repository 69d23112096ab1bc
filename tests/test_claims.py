"""Claims print the same line wherever they hold, and say what was measured where they do not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from rnn_edu.claims import ClaimError, claim, near


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setenv("RNN_EDU_STRICT", "1")


@pytest.fixture
def lenient(monkeypatch):
    monkeypatch.delenv("RNN_EDU_STRICT", raising=False)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("ok", [True, np.True_, np.array(True), torch.tensor(True)])
def test_a_claim_that_holds_prints_no_measured_number(capsys, ok):
    assert claim("the loss falls", ok, loss=0.123) is None
    assert capsys.readouterr().out == "holds: the loss falls\n"


@pytest.mark.usefixtures("lenient")
def test_a_claim_that_fails_tells_a_learner_what_was_measured(capsys):
    claim("the loss falls", np.float64(2) < 1, loss=np.float64(2 / 3), steps=40, cell="RNN")
    out = capsys.readouterr().out
    assert out == "FAILS: the loss falls (measured: loss = 0.6667, steps = 40, cell = RNN)\n"
    claim("it is so", False)
    assert capsys.readouterr().out == "FAILS: it is so\n"


@pytest.mark.usefixtures("strict")
def test_a_claim_that_fails_raises_when_lessons_are_checked(capsys):
    with pytest.raises(ClaimError, match=r"FAILS: the loss falls \(measured: loss = 0.5\)"):
        claim("the loss falls", False, loss=0.5)
    assert capsys.readouterr().out.startswith("FAILS")
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize(
    ("text", "ok", "error", "message"),
    [
        ("", True, ValueError, "text must say something, got ''"),
        (" \n", True, ValueError, "text must say something"),
        (True, True, TypeError, "text must be a string, got bool"),
        (
            "t",
            np.ones(3, bool),
            TypeError,
            r"one True or False, got ndarray of shape \(3,\)",
        ),
        ("t", np.ones(1, bool), TypeError, r"got ndarray of shape \(1,\)"),
        ("t", torch.ones(2, dtype=torch.bool), TypeError, r"got Tensor of shape \(2,\)"),
        ("t", 1, TypeError, "ok must be one True or False, got int"),
        ("t", 0.3, TypeError, "got float"),
        ("t", None, TypeError, "got NoneType"),
        ("t", "yes", TypeError, "got str"),
    ],
)
def test_claim_refuses_what_is_no_claim(text, ok, error, message):
    with pytest.raises(error, match=message):
        claim(text, ok)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("value", [0.82, 0.80, 0.84, 1, np.float32(0.81), torch.tensor(0.83)])
def test_near_prints_the_constants_of_the_source(capsys, value):
    tol = 0.5 if value == 1 else 0.021
    assert near("accuracy", value, 0.82, tol) is None
    assert capsys.readouterr().out == f"accuracy: 0.82 ± {tol}\n"


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize("value", [0.7912, 0.8488])
def test_near_prints_the_measured_value_when_it_is_off(capsys, value):
    near("accuracy", value, 0.82, 0.02)
    assert capsys.readouterr().out == f"accuracy: 0.82 ± 0.02, measured {value}\n"


@pytest.mark.usefixtures("strict")
def test_near_raises_when_lessons_are_checked(capsys):
    with pytest.raises(ClaimError, match=r"accuracy: 0.82 ± 0.02, measured 0.5"):
        near("accuracy", 0.5, 0.82, 0.02)
    assert "measured 0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (("", 1, 1, 1), ValueError, "name must say something"),
        ((3, 1, 1, 1), TypeError, "name must be a string, got int"),
        (("a", float("nan"), 1, 1), ValueError, "value must be finite, got nan"),
        (("a", np.float32("inf"), 1, 1), ValueError, "value must be finite, got inf"),
        (
            ("a", np.ones(2), 1, 1),
            TypeError,
            r"one number, got ndarray of shape \(2,\)",
        ),
        (("a", True, 1, 1), TypeError, "value must be one number, got bool"),
        (("a", "1", 1, 1), TypeError, "value must be one number, got str"),
        (("a", 1, float("nan"), 1), ValueError, "ref must be finite, got nan"),
        (("a", 1, 1, 0), ValueError, "tol must be above 0, got 0"),
        (("a", 1, 1, -0.1), ValueError, "tol must be above 0, got -0.1"),
        (("a", 1, 1, float("nan")), ValueError, "tol must be finite, got nan"),
    ],
)
def test_near_refuses_what_cannot_be_near(args, error, message):
    with pytest.raises(error, match=message):
        near(*args)


def test_claims_alone_load_neither_torch_nor_matplotlib_nor_ipython():
    code = (
        "import sys, rnn_edu; before = set(sys.modules); import rnn_edu.claims;"
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['rnn_edu']"
