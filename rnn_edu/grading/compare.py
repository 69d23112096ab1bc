"""An answer beside the right one: what is wrong with it, in words for the student."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .cases import Case


def verdict(case: Case, answer: Any) -> str:
    """What is wrong with an answer to a case, "" if nothing is. Never raises, however odd it is."""
    try:
        if callable(case.expect):
            return _judged(case.expect, answer)
        return difference(case.expect, answer, case.rtol, case.atol)
    except Exception as error:
        return f"the answer cannot be compared ({type(error).__name__})"


def _judged(judge: Callable[[Any], str], answer: Any) -> str:
    said = judge(answer)
    if not isinstance(said, str):
        raise TypeError('a judge returns "" or a sentence')
    return said


def difference(right: Any, answer: Any, rtol: float, atol: float) -> str:
    """The first thing in which `answer` differs from `right`, "" if none does.

    Shapes come before values: (5,) and (1, 5) are not the same answer. Numbers are compared as in
    numpy.isclose, text and None to the letter.
    """
    if isinstance(right, tuple | list):
        if not isinstance(answer, tuple | list):
            return f"{_named(answer)} came back where {len(right)} things are asked for"
        if len(answer) != len(right):
            return f"{len(answer)} things came back where {len(right)} are asked for"
        parts = [(f"item {i}", *pair) for i, pair in enumerate(zip(right, answer, strict=True))]
        return _first(parts, rtol, atol)
    if isinstance(right, dict):
        if not isinstance(answer, dict) or set(answer) != set(right):
            return f"a dict with the keys {', '.join(map(str, right))} is asked for"
        return _first([(str(key), right[key], answer[key]) for key in right], rtol, atol)
    if right is None or isinstance(right, str):
        same = type(answer) is type(right) and answer == right
        return "" if same else f"{_named(answer)} came back, and is not what is asked for"
    return _arrays(np.asarray(right), answer, rtol, atol)


def _first(parts: list[tuple[str, Any, Any]], rtol: float, atol: float) -> str:
    for name, right, answer in parts:
        if wrong := difference(right, answer, rtol, atol):
            return f"{name}: {wrong}"
    return ""


def _arrays(right: np.ndarray, answer: Any, rtol: float, atol: float) -> str:
    if answer is None:
        return "None came back; is there a return?"
    if not isinstance(answer, np.ndarray | bool | int | float | list | tuple):
        return f"{_named(answer)} came back where numbers are asked for"
    try:
        answer = np.asarray(answer)
    except ValueError:
        return "the rows of the answer differ in length"
    if answer.shape != right.shape:
        return f"its shape is {answer.shape}, asked for is {right.shape}"
    if answer.dtype.kind not in "biufc" or right.dtype.kind == "U":
        return "" if np.array_equal(answer, right) else "the texts are not those asked for"
    if answer.dtype.kind == "c" and right.dtype.kind != "c":
        return "its numbers are complex"
    if np.isnan(answer).any() and not np.isnan(right).any():
        return "it holds nan (not a number)"
    far = ~np.isclose(answer, right, rtol=rtol, atol=atol, equal_nan=True)
    if not far.any():
        return ""
    place = tuple(int(i) for i in np.argwhere(far)[0])
    where = f", the first at [{', '.join(map(str, place))}]" if place else ""
    return f"{int(far.sum())} of {far.size} values are wrong{where}"


def _named(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"
