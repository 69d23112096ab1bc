"""An exercise as it ships: arguments and answers as numbers, known mistakes, hints in words."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..ops import Array

FOLDER = Path(__file__).with_name("numbers")
LEVELS = 3

Hints = tuple[str, ...]  # one a level


def curved(w: Array) -> float:
    """sum exp(w) + (sum w)^3 / 6: every entry matters, and matters more where others are large.

    w: of any shape.
    """
    return float(np.exp(w).sum() + w.sum() ** 3 / 6)


FUNCTIONS = {"function": curved}  # arguments that are no numbers, by what stands for their axes


class Case(NamedTuple):
    """One call of the student's function, and what it must give."""

    label: str
    arguments: dict[str, Any]
    expected: dict[str, Array]


class Exercise(NamedTuple):
    """What `check` compares with.

    arguments, outputs: name -> axes, as the recipe describes them.
    mistakes: name -> hints. answers: (M, L), what is returned by somebody who made the mistakes
    that `explanations` names in the same row: all outputs of all cases, end to end.
    """

    name: str
    arguments: Mapping[str, str]
    outputs: Mapping[str, str]
    equations: str
    mistakes: Mapping[str, Hints]
    explanations: tuple[tuple[str, ...], ...]
    answers: Array
    cases: tuple[Case, ...]

    @property
    def call(self) -> str:
        """How it is called: "rnn_step(x_t, h_prev, W_xh, W_hh, b_h)"."""
        return f"{self.name}({', '.join(self.arguments)})"


def names() -> tuple[str, ...]:
    """All that `check` knows."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@functools.cache
def load(name: str) -> Exercise:
    """An exercise by its name. Raises ValueError for a name that none has."""
    if name not in names():
        raise ValueError(f"name must be one of {', '.join(names())}, got {name!r}")
    words = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(FOLDER / f"{name}.npz") as numbers:
        cases = tuple(
            Case(
                label,
                {a: _argument(f"{k}.{a}", axes, numbers) for a, axes in words["arguments"].items()},
                {a: numbers[f"{k}.{a} expected"] for a in words["outputs"]},
            )
            for k, label in enumerate(words["cases"])
        )
        answers = numbers["answers"].astype(np.float64)
    return Exercise(
        name,
        words["arguments"],
        words["outputs"],
        words["equations"],
        {mistake: tuple(hints) for mistake, hints in words["mistakes"].items()},
        tuple(tuple(row.split()) for row in words["explanations"]),
        answers,
        cases,
    )


def _argument(key: str, axes: str, numbers: Mapping[str, Array]) -> Any:
    if axes in FUNCTIONS:
        return FUNCTIONS[axes]
    a = numbers[key]
    return a if a.ndim else a.item()


def describe(axes: str) -> str:
    """Axes as documentation writes a shape: "T N H" is "(T, N, H)", "D i|f|g|o" is "(D, 4H)"."""
    letters = [
        f"{axis.count('|') + 1}H" if "|" in axis else axis.strip("-") for axis in axes.split()
    ]
    return f"({letters[0]},)" if len(letters) == 1 else f"({', '.join(letters)})"
