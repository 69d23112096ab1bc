"""A wrong answer that no known mistake explains: where it begins, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..ops import Array
from .call import Called, call
from .compare import tolerance
from .exercise import Case, Exercise
from .form import read
from .verdict import Where

Outputs = dict[str, Array]


def wrong_places(got: Array, want: Array) -> Array:
    """True where a number is off, on the scale on which `compare` calls two answers the same.

    got, want: arrays of any shape, the same. Returns booleans of that shape.
    """
    scale = max(float(np.abs(want).max()), np.finfo(np.float64).tiny)
    with np.errstate(all="ignore"):
        return ~(np.abs(got.astype(np.float64) - want) <= tolerance(got) * scale)


def locate(exercise: Exercise, case: Case, got: Outputs) -> tuple[Where, str]:
    """Which outputs are wrong, and which are right; of what is wrong the first step, in words."""
    wrong = {name: wrong_places(a, case.expected[name]) for name, a in got.items()}
    off = tuple(name for name, places in wrong.items() if places.any())
    right = [name for name in got if name not in off]
    timed = [name for name in off if exercise.outputs[name].startswith(("T", "-T"))]
    step, words = None, [_and(off)]
    if timed:
        step, when = _steps(wrong[timed[0]], exercise.outputs[timed[0]].startswith("-"))
        words.append(when if len(off) == 1 else f"{timed[0]} {when}")
    if len(off) == 1:
        words += _part(wrong[off[0]], exercise.outputs[off[0]].split())
    said = f"{', '.join(words)}." + (f" Right: {_and(right)}." if right else "")
    return Where(case.label, off, step), said


def _steps(wrong: Array, backwards: bool) -> tuple[int, str]:
    """The first wrong step, in the order in which steps are computed, and which are wrong."""
    steps = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    T = len(wrong)
    first, last = (steps[-1], 0) if backwards else (steps[0], T - 1)
    if len(steps) == T:
        return int(first), "at every step"
    if len(steps) == 1:
        return int(first), f"at step t = {first} alone"
    if len(steps) == abs(last - first) + 1 and steps[0] == min(first, last):
        way = "backwards from" if backwards else "from"
        return int(first), f"{way} step t = {first} on"
    return int(first), f"at the steps t = {_and(steps)}"


def _part(wrong: Array, axes: list[str]) -> Iterator[str]:
    """Which sequences, gates or units, where it is not all of them."""
    for k, axis in enumerate(axes):
        bad = np.moveaxis(wrong, k, 0).reshape(wrong.shape[k], -1).any(axis=1)
        if axis.strip("-") == "T" or bad.all():
            continue
        if "|" in axis:
            gates = np.array(axis.split("|"))
            of_gate = bad.reshape(len(gates), -1).any(axis=1)
            if not of_gate.all():
                yield f"in the columns of {_and(gates[of_gate])}"
        elif k == len(axes) - 1 and k > 0:
            yield f"in column {_some(np.flatnonzero(bad))}"
        else:
            yield f"for {axis.lower()} = {_some(np.flatnonzero(bad))}"


def _and(names: Any) -> str:
    *before, last = map(str, names)
    return f"{', '.join(before)} and {last}" if before else last


def _some(numbers: Array) -> str:
    return _and(numbers) if len(numbers) < 5 else _and([*numbers[:3], f"{len(numbers) - 3} more"])


def details(
    exercise: Exercise, case: Case, got: Outputs, function: Callable[..., Any]
) -> Iterator[str]:
    """What else is true of a wrong answer: an example, a constant factor, idle arguments."""
    for name, a in got.items():
        want = case.expected[name]
        places = wrong_places(a, want)
        if places.any():
            at = tuple(int(i) for i in np.argwhere(places)[0])
            index = f"[{', '.join(map(str, at))}]" if at else ""
            yield f"For example, {name}{index} is {a[at]:.5g}; {want[at]:.5g} is right."
            factor = _factor(a, want)
            if factor:
                yield f"{name} is {factor:.4g} times the right answer everywhere."
            break
    idle = [name for name in case.arguments if _is_idle(name, exercise, case, got, function)]
    if idle:
        effect = "has" if len(idle) == 1 else "have"
        yield f"{_and(idle)} {effect} no effect on your answer."


def _factor(got: Array, want: Array) -> float | None:
    """c where got = c * want, None where there is no such number."""
    if want.size < 2:
        return None
    with np.errstate(all="ignore"):
        c = float((got * want).sum() / (want * want).sum())
    return c if np.isfinite(c) and c and not wrong_places(got / c, want).any() else None


def _is_idle(
    name: str, exercise: Exercise, case: Case, got: Outputs, function: Callable[..., Any]
) -> bool:
    """Whether the answer stays what it is when an argument is another."""
    a = case.arguments[name]
    if np.asarray(a).dtype.kind != "f":
        return False
    other = np.flip(a) if np.ndim(a) else 0.7 * a
    called = call(function, {**case.arguments, name: other}, quiet=True)
    again = read(exercise, case, called.result) if isinstance(called, Called) else None
    return isinstance(again, dict) and all(
        np.array_equal(a, again[output], equal_nan=True) for output, a in got.items()
    )
