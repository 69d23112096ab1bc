"""From a recipe to what ships: arguments, right answers, and what each mistake makes of them."""

from __future__ import annotations

import io
import json
from itertools import combinations
from typing import Any

import numpy as np

from ...ops import Array
from ..compare import EXACT, distances, end_to_end
from ..exercise import FOLDER
from .recipe import Recipe

SEED = 0


def drawn(recipe: Recipe, seed: int = SEED) -> dict[str, dict[str, Any]]:
    """Case -> arguments. The shipped ones have seed 0; the tests try others."""
    rng = np.random.default_rng(seed)
    return {case: recipe.draw(rng, case) for case in recipe.cases}


def answers(recipe: Recipe, solve: Any, cases: dict[str, dict[str, Any]]) -> list[Array]:
    """One array for each output of each case."""
    given = [recipe.answer(solve, arguments) for arguments in cases.values()]
    return [a for answer in given for a in answer.values()]


def pack(recipe: Recipe) -> tuple[dict[str, Any], dict[str, Array]]:
    """An exercise's words and numbers, as `exercise.load` reads them.

    Raises ValueError for a mistake that cannot be told from the right answer or from another.
    """
    cases = drawn(recipe)
    right = answers(recipe, recipe.solve, cases)
    explanations, rows = known(recipe, cases, right)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite: not known
        numbers = {"answers": np.stack(rows).astype(np.float32)}
    blocks = iter(right)
    for k, arguments in enumerate(cases.values()):
        plain = {name: a for name, a in arguments.items() if not callable(a)}
        numbers |= {f"{k}.{name}": np.asarray(a) for name, a in plain.items()}
        numbers |= {f"{k}.{name} expected": next(blocks) for name in recipe.outputs}
    words = {
        "arguments": recipe.arguments,
        "outputs": recipe.outputs,
        "equations": recipe.equations,
        "cases": list(cases),
        "mistakes": {m.name: [m.nudge, m.where, m.line] for m in recipe.mistakes},
        "explanations": [" ".join(names) for names in explanations],
    }
    return words, numbers


def known(
    recipe: Recipe, cases: dict[str, dict[str, Any]], right: list[Array]
) -> tuple[list[list[str]], list[Array]]:
    """The answers of all single mistakes and of the pairs that differ from them.

    A pair whose answer is that of one mistake is that mistake to the eye; of pairs that answer
    alike, what they have in common is known. Returns (names, answers).
    """
    sizes, scale = np.array([a.size for a in right]), end_to_end(right)
    names: list[list[str]] = [[]]
    rows = [scale]
    for mistake in recipe.mistakes:
        row = row_of(recipe, (mistake,), cases, right)
        twin = _twin(row, rows, scale, sizes)
        if row is None or twin is not None:
            found = "the right shapes" if row is None else f"{names[twin or 0]}'s answer"
            raise ValueError(f"{recipe.name}: {mistake.name} must differ, got {found}")
        names.append([mistake.name])
        rows.append(row)
    singles = len(rows)
    for pair in combinations(recipe.mistakes, 2):
        row = row_of(recipe, pair, cases, right)
        if row is None:
            continue
        twin = _twin(row, rows, scale, sizes)
        if twin is None:
            names.append([m.name for m in pair])
            rows.append(row)
        elif twin >= singles:
            names[twin] = [m.name for m in pair if m.name in names[twin]]
    kept = [k for k in range(1, len(rows)) if names[k]]
    return [names[k] for k in kept], [rows[k] for k in kept]


def row_of(
    recipe: Recipe, mistakes: tuple[Any, ...], cases: dict[str, dict[str, Any]], right: list[Array]
) -> Array | None:
    """What mistakes make of the cases, as one vector; None where it has no such shape."""
    solve = recipe.variant(*mistakes)
    if solve is None:
        return None
    try:
        blocks = answers(recipe, solve, cases)
    except (ValueError, IndexError, TypeError):
        return None
    shapes = [a.shape for a in right]
    return end_to_end(blocks) if [a.shape for a in blocks] == shapes else None


def _twin(row: Array | None, rows: list[Array], scale: Array, sizes: Array) -> int | None:
    if row is None:
        return None
    far = distances(row, np.stack(rows), scale, sizes).max(axis=1)
    return int(far.argmin()) if far.min() <= EXACT else None


def make(recipe: Recipe) -> int:
    """Write an exercise's two files: the same bytes for the same recipe. Returns their size."""
    words, numbers = pack(recipe)
    file = io.BytesIO()
    np.savez_compressed(file, **numbers)
    text = json.dumps(words, indent=1, ensure_ascii=False) + "\n"
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{recipe.name}.npz").write_bytes(file.getvalue())
    (FOLDER / f"{recipe.name}.json").write_text(text, encoding="utf-8")
    return len(file.getvalue()) + len(text.encode())
