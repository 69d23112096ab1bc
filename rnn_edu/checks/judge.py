"""The order of the verdicts: can it be called, has it the form, are the numbers known."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import Array
from .call import Called, Raised, call, misfit
from .compare import distances, end_to_end, tolerance
from .exercise import Case, Exercise, describe, load
from .form import Misshapen, mistyped, read
from .locate import Outputs, details, locate, wrong_places
from .verdict import Verdict


def check(name: str, function: Any) -> Verdict:
    """Call a student's function with fixed arguments and say what is right or wrong.

    name: of the exercise, one of `names()`. function: the student's; what it prints is shown,
    what it raises is reported. Raises ValueError for a name that no exercise has.
    """
    exercise = load(name)
    if function is None or function is Ellipsis:
        return not_attempted(exercise, f"There is no function {name} yet.")
    if not callable(function):
        kind = type(function).__name__
        return not_attempted(exercise, f"{name} must be a function, got {kind}.")
    taken = misfit(function, exercise.arguments)
    if taken:
        said = f"Your function is {name}{taken}; it is called as {exercise.call}."
        called = _called(exercise, exercise.cases[0])
        return Verdict(name, "exception", (said, called, exercise.equations))
    return _judge(exercise, function)


def not_attempted(exercise: Exercise, said: str) -> Verdict:
    """Nothing to compare yet."""
    return Verdict(
        exercise.name,
        "not attempted",
        (said, f"It is called as {exercise.call}.", exercise.equations),
    )


def _judge(exercise: Exercise, function: Callable[..., Any]) -> Verdict:
    answers, changed = [], ()
    for case in exercise.cases:
        called = call(function, case.arguments)
        if isinstance(called, Raised):
            return _raised(exercise, case, called)
        outputs = read(exercise, case, called.result)
        if isinstance(outputs, Misshapen):
            return _misshapen(exercise, case, outputs)
        answers.append({output: a.copy() for output, a in outputs.items()})
        changed = changed or called.changed
    compared = list(zip(exercise.cases, answers, strict=True))
    wrong = [(case, outputs) for case, outputs in compared if _is_wrong(case, outputs)]
    known = explain(exercise, answers) if wrong else ()
    if known:
        return _known(exercise, known)
    for case, outputs in compared:
        other = mistyped(exercise, case, outputs)
        if other:
            return _misshapen(exercise, case, other)
    if not any(a.any() for outputs in answers for a in outputs.values()):
        return not_attempted(exercise, "It returns zeros alone: is something left to write?")
    if _differs_again(exercise, function, answers[0]):
        return _keeps(exercise)
    if changed:
        return _changes(exercise, changed)
    if wrong:
        fine = [case.label for case, outputs in compared if not _is_wrong(case, outputs)]
        return _wrong(exercise, function, *wrong[0], fine)
    return Verdict(exercise.name, "correct", (f"Compared in {len(exercise.cases)} calls.",))


def explain(exercise: Exercise, answers: list[Outputs]) -> tuple[str, ...]:
    """The known mistakes that give exactly these answers to the cases, () if none do."""
    blocks = [a for outputs in answers for a in outputs.values()]
    right = end_to_end(a for case in exercise.cases for a in case.expected.values())
    sizes = np.array([a.size for a in blocks])
    far = distances(end_to_end(blocks), exercise.answers, right, sizes)
    excess = (far / [tolerance(a) for a in blocks]).max(axis=1)
    nearest = int(excess.argmin())
    return exercise.explanations[nearest] if excess[nearest] <= 1 else ()


def _known(exercise: Exercise, mistakes: tuple[str, ...]) -> Verdict:
    levels = zip(*(exercise.mistakes[m] for m in mistakes), strict=True)
    if len(mistakes) == 1:
        says = tuple(level[0] for level in levels)
    else:
        says = tuple(f"First: {one}\nSecond: {two}" for one, two in levels)
        says = (f"Two things.\n{says[0]}", *says[1:])
    return Verdict(exercise.name, "mistake", says, mistakes)


def _raised(exercise: Exercise, case: Case, raised: Raised) -> Verdict:
    error, line, source = raised
    if isinstance(error, NotImplementedError):
        return not_attempted(
            exercise, "It raises NotImplementedError: there is something to write."
        )
    told = _in_words(str(error)).partition("\n")[0][:200]
    said = f"It raises {type(error).__name__}{': ' if told else ''}{told.rstrip('.')}."
    if line is not None:
        said += f"\nLine {line}: {source}" if source else f" Line {line}."
    says = (_at(exercise, case, said), _called(exercise, case), exercise.equations)
    return Verdict(exercise.name, "exception", says)


def _in_words(message: str) -> str:
    """What an exception says; of NumPy's sentence on a product, what it means."""
    misfit = re.search(r"matmul: .*\(size (\d+) is different from (\d+)\)", message)
    if misfit is None:
        return message.strip()
    return f"a product @ of {misfit[2]} columns on the left and {misfit[1]} rows on the right"


def _at(exercise: Exercise, case: Case, said: str) -> str:
    """What was said, and of which call it is true, unless it is the first."""
    return said if case is exercise.cases[0] else f"For {case.label}: {said}"


def _called(exercise: Exercise, case: Case) -> str:
    """With which arguments a function was called."""
    shapes = (_with(name, axes, case.arguments[name]) for name, axes in exercise.arguments.items())
    return f"Called with {', '.join(shapes)}: {case.label}."


def _with(name: str, axes: str, a: Any) -> str:
    if callable(a):
        return f"{name} a function"
    return f"{name} {describe(axes)} = {a.shape}" if axes else f"{name} = {a:g}"


def _misshapen(exercise: Exercise, case: Case, wrong: Misshapen) -> Verdict:
    says = (_at(exercise, case, wrong.nudge), wrong.where, exercise.equations)
    return Verdict(exercise.name, wrong.kind, says)


def _differs_again(exercise: Exercise, function: Callable[..., Any], first: Outputs) -> bool:
    """Whether a second call with the first arguments gives something else."""
    case = exercise.cases[0]
    called = call(function, case.arguments, quiet=True)
    again = read(exercise, case, called.result) if isinstance(called, Called) else None
    return not isinstance(again, dict) or any(
        not np.array_equal(a, again[name], equal_nan=True) for name, a in first.items()
    )


def _keeps(exercise: Exercise) -> Verdict:
    return Verdict(
        exercise.name,
        "keeps something",
        (
            "Two calls with the same arguments give different answers.",
            "Does something outlive the call: a global variable, a default argument that is a "
            "list or an array? Or is something drawn at random?",
            exercise.equations,
        ),
    )


def _changes(exercise: Exercise, changed: tuple[str, ...]) -> Verdict:
    names = " and ".join(changed)
    return Verdict(
        exercise.name,
        "changes its arguments",
        (
            f"It changes what it was given: {names}.",
            "Look for +=, *= or an assignment to a slice of an argument: whoever called you "
            "still needs those numbers. Work on a copy.",
            exercise.equations,
        ),
    )


def _wrong(
    exercise: Exercise, function: Callable[..., Any], case: Case, got: Outputs, fine: list[str]
) -> Verdict:
    """Wrong in a way that is not known: in which case, though fine in others, and where."""
    where, said = locate(exercise, case, got)
    said = f"Wrong{f' for {case.label}' if fine else ''}: {said}"
    if fine:
        said += f" All is right for {', '.join(fine)}."
    kind = "wrong"
    if not all(np.isfinite(a).all() for a in got.values()):
        kind = "not finite"
        said = f"Some numbers are not finite: {_not_finite(got)}. {said}"
    more = " ".join(details(exercise, case, got, function))
    return Verdict(exercise.name, kind, (said, more, exercise.equations), where=where)


def _is_wrong(case: Case, got: Outputs) -> bool:
    return any(wrong_places(a, case.expected[name]).any() for name, a in got.items())


def _not_finite(got: Outputs) -> str:
    name, a = next((n, a) for n, a in got.items() if not np.isfinite(a).all())
    at: Array = np.argwhere(~np.isfinite(a))[0]
    index = f"[{', '.join(map(str, at))}]" if a.ndim else ""
    return f"{name}{index} is {a[tuple(at)]}"
