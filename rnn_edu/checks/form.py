"""The form of an answer before its numbers: there at all, how many arrays, their shapes, types."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np

from ..ops import Array
from .exercise import Case, Exercise, describe

COUNTS = ("nothing", "one array", "two arrays", "three arrays", "four arrays", "five arrays")


class Misshapen(NamedTuple):
    """What is wrong with an answer's form: a verdict's kind, and two levels of words."""

    kind: str
    nudge: str
    where: str


def read(exercise: Exercise, case: Case, result: Any) -> dict[str, Array] | Misshapen:
    """The outputs by name as arrays, or the first thing that keeps them from being compared."""
    names = tuple(exercise.outputs)
    wanted = _wanted(exercise, case)
    parts = _parts(result, len(names))
    if isinstance(parts, str):
        return Misshapen("shape", parts, wanted)
    empty = [name for name, a in zip(names, parts, strict=True) if a is None or a is Ellipsis]
    if empty:
        what = "It returns None" if len(empty) == len(names) else f"{_list(empty)} is None"
        return Misshapen("not attempted", f"{what}: is something left to write?", wanted)
    arrays = {}
    for name, value in zip(names, parts, strict=True):
        a = _array(name, value, case.expected[name])
        wrong = a if isinstance(a, str) else _wrong_shape(exercise, case, name, a)
        if wrong:
            return Misshapen("shape", str(wrong), wanted)
        arrays[name] = a
    return arrays


def mistyped(exercise: Exercise, case: Case, outputs: dict[str, Array]) -> Misshapen | None:
    """Whole numbers where others are asked for, or the other way round."""
    for name, a in outputs.items():
        whole = case.expected[name].dtype.kind in "iu"
        if whole and a.dtype.kind not in "iu":
            said = f"{name} holds {a.dtype}; whole numbers are asked for."
        elif not whole and a.dtype.kind != "f":
            said = f"{name} holds {a.dtype}: what stands behind the point is lost."
        else:
            continue
        return Misshapen("type", said, _wanted(exercise, case))
    return None


def _wanted(exercise: Exercise, case: Case) -> str:
    forms = ", ".join(f"{name} {form(exercise, case, name)}" for name in exercise.outputs)
    return f"{exercise.name} returns {forms}."


def form(exercise: Exercise, case: Case, name: str) -> str:
    """An output's shape in letters and in numbers: "(N, H) = (3, 5)"."""
    axes, shape = exercise.outputs[name], case.expected[name].shape
    return f"{describe(axes)} = {shape}" if axes else "as one number"


def _parts(result: Any, count: int) -> tuple[Any, ...] | str:
    if result is None or result is Ellipsis:
        return (None,) * count
    if count == 1:
        if isinstance(result, tuple):
            return f"It returns a tuple of {_count(len(result))}: return the array itself."
        return (result,)
    if not isinstance(result, tuple | list):
        return f"It returns one {type(result).__name__}; {COUNTS[count]} are asked for."
    if len(result) != count:
        return f"It returns {_count(len(result))}; {_count(count)} are asked for."
    return tuple(result)


def _count(n: int) -> str:
    return COUNTS[n] if n < len(COUNTS) else f"{n} arrays"


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _array(name: str, value: Any, want: Array) -> Array | str:
    """The value as an array, or why it is none."""
    if isinstance(value, list | tuple):
        advice = f": np.stack makes one array of {len(value)}" if want.ndim else ""
        return f"{name} is a {type(value).__name__}, not an array{advice}."
    try:
        a = np.asarray(value)
    except Exception:  # whatever its __array__ raises
        return f"{name} is a {type(value).__name__}, which NumPy cannot read."
    if a.dtype.kind not in "biuf":
        return f"{name} is a {type(value).__name__}, not an array of numbers."
    return a


def _wrong_shape(exercise: Exercise, case: Case, name: str, a: Array) -> str:
    want, axes = case.expected[name].shape, exercise.outputs[name].split()
    if a.shape == want:
        return ""
    said = f"{name} has the shape {a.shape}, not {form(exercise, case, name)}"
    return f"{said}{''.join(_reason(a.shape, want, axes))}."


def _reason(got: tuple[int, ...], want: tuple[int, ...], axes: list[str]) -> Iterator[str]:
    letters = [axis if "|" not in axis else "gates" for axis in (a.strip("-") for a in axes)]
    orders = [
        [letters[k] for k in order]
        for order in permutations(range(len(want)))
        if tuple(want[k] for k in order) == got
    ]
    if orders and len(want) == 2:
        yield ": it is transposed"
    elif orders:
        yield f": its axes stand in the order ({', '.join(orders[0])})"
    elif want and letters[0] == "T" and got == want[1:]:
        yield ": one step alone, the time axis is missing"
    elif want and tuple(n for n in got if n != 1) == tuple(n for n in want if n != 1):
        more = len(got) > len(want)
        yield f": an axis of length 1 is {'too many' if more else 'missing'}"
    elif len(got) < len(want) and any(got == want[:k] + want[k + 1 :] for k in range(len(want))):
        k = next(k for k in range(len(want)) if got == want[:k] + want[k + 1 :])
        yield f": the axis {letters[k]} is missing"
    elif np.prod(got) == np.prod(want):
        yield ": as many numbers, in another arrangement"
