"""A sentence of the prose as a checked output.

A lesson that says "the RNN forgets within thirty steps" says so with `claim`, and the tests read
what was printed. The tests run strictly (RNN_EDU_STRICT=1): a claim that fails raises. A learner
who changed a number gets a printed note instead, with what was measured.
"""

from __future__ import annotations

import math
import os
from typing import Any


class ClaimError(AssertionError):
    """A statement of a lesson does not hold, in a run that checks the lessons."""


def claim(text: str, ok: Any, **shown: Any) -> None:
    """Print "holds: text", or "FAILS: text" with the values that were shown.

    text: the statement, in words that are true on every machine; a number in it is part of the
    lesson, never a measured one. ok: one boolean, of Python, NumPy or torch. shown: by name, what
    to print beside a statement that fails.
    Raises TypeError if text or ok is of another kind, ValueError if text is empty, ClaimError if
    the statement fails in a strict run.
    """
    _check_text("text", text)
    if _as_bool(ok):
        print(f"holds: {text}")
        return
    values = ", ".join(f"{name} = {_short(value)}" for name, value in shown.items())
    note = f"FAILS: {text}" + (f" (measured: {values})" if values else "")
    print(note)
    _raise_if_strict(note)


def near(name: str, value: Any, ref: float, tol: float) -> None:
    """Print "name: ref ± tol" while |value - ref| <= tol, else what was measured as well.

    The printed numbers are the source's constants: the line is the same on every machine on
    which the statement is true.
    name: what was measured. value: one finite number. ref: what the lesson states.
    tol: how far off is still the same finding; at least three times the spread over seeds.
    Raises TypeError for anything but a number, ValueError for an empty name, a number that is not
    finite, or tol <= 0; ClaimError if value is too far off in a strict run.
    """
    _check_text("name", name)
    value, ref, tol = (_as_number(*pair) for pair in (("value", value), ("ref", ref), ("tol", tol)))
    if tol <= 0:
        raise ValueError(f"tol must be above 0, got {tol:g}")
    stated = f"{name}: {ref:g} ± {tol:g}"
    if abs(value - ref) <= tol:
        print(stated)
        return
    note = f"{stated}, measured {value:.4g}"
    print(note)
    _raise_if_strict(note)


def _raise_if_strict(note: str) -> None:
    if os.environ.get("RNN_EDU_STRICT") == "1":
        raise ClaimError(note)


def _check_text(name: str, text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")
    if not text.strip():
        raise ValueError(f"{name} must say something, got {text!r}")


def _as_scalar(value: Any) -> Any:
    """The Python value of a NumPy or torch scalar; anything else as it is."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _as_bool(ok: Any) -> bool:
    scalar = _as_scalar(ok)
    if not isinstance(scalar, bool):
        raise TypeError(f"ok must be one True or False, got {_kind(ok)}")
    return scalar


def _as_number(name: str, value: Any) -> float:
    scalar = _as_scalar(value)
    if isinstance(scalar, bool) or not isinstance(scalar, int | float):
        raise TypeError(f"{name} must be one number, got {_kind(value)}")
    if not math.isfinite(scalar):
        raise ValueError(f"{name} must be finite, got {scalar}")
    return float(scalar)


def _kind(value: Any) -> str:
    shape = getattr(value, "shape", ())
    of_shape = f" of shape {tuple(shape)}" if shape else ""
    return type(value).__name__ + of_shape


def _short(value: Any) -> str:
    scalar = _as_scalar(value)
    return f"{scalar:.4g}" if isinstance(scalar, float) else f"{scalar}"
