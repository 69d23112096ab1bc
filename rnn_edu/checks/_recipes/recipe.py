"""An exercise as its author writes it: a reference, what goes in, and the mistakes people make."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...ops import Array
from ..exercise import FUNCTIONS

GENERAL = "several sequences and steps"
ONE_SEQUENCE = "one sequence (N = 1)"
ONE_STEP = "one step (T = 1)"

Arguments = dict[str, Any]


class Mistake(NamedTuple):
    """A mutation of the reference: a piece of its text replaced by what a student writes.

    The hints go from a nudge to the line of mathematics. `old` must occur in the reference
    exactly once, so a mistake cannot outlive the line that it gets wrong.
    """

    name: str
    old: str
    new: str
    nudge: str
    where: str
    line: str


class Recipe(NamedTuple):
    """All that `make` needs to know of an exercise.

    solve: the reference; its name is the exercise's, its parameters are the student's.
    sizes: axis -> length, all different: equal sizes hide transposed arrays.
    arguments, outputs: name -> axes such as "T N H"; "" for one number, "function" for one of
    `exercise.FUNCTIONS`. "-T" runs from the last step to the first, as gradients do; "i|f|g|o"
    is one block of H columns for each gate.
    equations: the mathematics of the exercise, for wrong answers that no mistake explains.
    prepare: puts other arguments in the place of normal ones: lengths, masks, what a forward
    pass computed.
    cases: label -> the sizes that differ; the first is the one that mistakes are located in.
    "scale" is how large the numbers are, 1 unless it is given.
    """

    solve: Callable[..., Any]
    sizes: Mapping[str, int]
    arguments: Mapping[str, str]
    outputs: Mapping[str, str]
    equations: str
    mistakes: tuple[Mistake, ...]
    prepare: Callable[[np.random.Generator, Arguments], Arguments] = lambda rng, drawn: drawn
    cases: Mapping[str, Mapping[str, int]] = {GENERAL: {}}

    @property
    def name(self) -> str:
        """The exercise's."""
        return self.solve.__name__

    def draw(self, rng: np.random.Generator, case: str) -> Arguments:
        """Arguments for one call: normal numbers, weights a little smaller, then `prepare`."""
        sizes = {**self.sizes, **self.cases[case]}
        drawn: Arguments = {
            name: FUNCTIONS[axes]
            if axes in FUNCTIONS
            else rng.normal(size=shape_of(axes, sizes))
            * (0.7 if name[0] in "Wb" else sizes.get("scale", 1))
            for name, axes in self.arguments.items()
        }
        return self.prepare(rng, drawn)

    def answer(self, solve: Callable[..., Any], arguments: Arguments) -> dict[str, Array]:
        """The outputs of a solution by name; its arguments are copies."""
        with np.errstate(all="ignore"):  # mistakes overflow
            result = solve(*(np.copy(a) if np.ndim(a) else a for a in arguments.values()))
        results = result if len(self.outputs) > 1 else (result,)
        return {name: np.asarray(r) for name, r in zip(self.outputs, results, strict=True)}

    def variant(self, *mistakes: Mistake) -> Callable[..., Any] | None:
        """The reference with these mistakes, None where they are rivals for the same piece.

        Raises ValueError for a mistake that does not fit the reference itself.
        """
        reference = text = source(self.solve)
        for mistake in mistakes:
            if reference.count(mistake.old) != 1:
                raise ValueError(
                    f"old must occur in {self.name} once, got {reference.count(mistake.old)} "
                    f"times {mistake.old!r}"
                )
            if text.count(mistake.old) != 1:
                return None
            text = text.replace(mistake.old, mistake.new)
        return compiled(text, self)


source = functools.cache(inspect.getsource)  # which takes longer than all else of a variant


def compiled(text: str, recipe: Recipe) -> Callable[..., Any]:
    """The function that the text of a changed reference defines, among its module's names."""
    namespace = {**vars(ops), **recipe.solve.__globals__}
    exec(compile(text, f"<{recipe.name}>", "exec"), namespace)
    return namespace[recipe.name]


def shape_of(axes: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape that axes have: "D i|f|g|o" with D=2, H=4 is (2, 16)."""
    return tuple(
        sizes["H"] * (axis.count("|") + 1) if "|" in axis else sizes[axis.strip("-")]
        for axis in axes.split()
    )
