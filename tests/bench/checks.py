"""What `rnn_edu.checks` names, counted: `python -m tests.bench checks [EXERCISE ...]`

For each exercise: known mistakes named alone; pairs of them: both named, one of them named (the
other hides behind it), none named (called wrong and located), named as a third mistake that
behaves the same on other inputs, or falsely; mistakes that the table does not know: called wrong,
falsely named, missed. Then the size of what ships.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from rnn_edu import checks
from rnn_edu.checks._recipes import RECIPES
from rnn_edu.checks._recipes.recipe import Recipe
from rnn_edu.checks.exercise import FOLDER
from tests.unknown_mistakes import disturbed, rewritten, same

from .timing import table

REWRITTEN, DISTURBED = 60, 10
FORM = ("exception", "shape", "type", "not attempted")
COUNTED = ("singles", "pairs", "unknown")


def outcome(recipe: Recipe, solve: Callable[..., Any], made: set[str]) -> str:
    """How the verdict on a solution with these mistakes, or with unknown ones, is to be counted."""
    verdict = checks.check(recipe.name, solve)
    known = {m.name: m for m in recipe.mistakes}
    named = set(verdict.mistakes)
    if verdict:
        return "correct" if same(recipe, solve, recipe.solve) else "missed"
    if not named:
        return "other form" if verdict.kind in FORM else "located"
    if made and named == made:
        return "all named"
    if made and named < made:
        return "one named"
    twin = recipe.variant(*(known[m] for m in verdict.mistakes))
    return "same as named" if same(recipe, solve, twin) else "FALSE"


def count(recipe: Recipe) -> dict[str, Counter[str]]:
    """Outcomes of mistakes alone, of pairs, and of unknown ones."""
    rng = np.random.default_rng(zlib.crc32(recipe.name.encode()))
    counted = {what: Counter() for what in COUNTED}
    for mistake in recipe.mistakes:
        counted["singles"][outcome(recipe, recipe.variant(mistake), {mistake.name})] += 1
    for pair in combinations(recipe.mistakes, 2):
        solve = recipe.variant(*pair)
        if solve is not None:
            counted["pairs"][outcome(recipe, solve, {m.name for m in pair})] += 1
    for _ in range(REWRITTEN):
        counted["unknown"][outcome(recipe, rewritten(recipe, rng)[1], set())] += 1
    for _ in range(DISTURBED):
        counted["unknown"][outcome(recipe, disturbed(recipe, rng).solve, set())] += 1
    return counted


def words(counter: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counter.most_common())


def report(options: list[str]) -> Iterator[str]:
    """A row an exercise, and one for all."""
    totals = {what: Counter() for what in COUNTED}

    def rows() -> Iterator[list[str]]:
        for name in options or RECIPES:
            counted = count(RECIPES[name])
            for what in COUNTED:
                totals[what].update(counted[what])
            size = sum(path.stat().st_size for path in FOLDER.glob(f"{name}.*"))
            yield [name, f"{size / 1e3:.0f}", *(words(counted[what]) for what in COUNTED)]
        sums = (f"{totals[what].total()}: {words(totals[what])}" for what in COUNTED)
        yield ["all", "", *sums]

    yield from table(["exercise", "kB", *COUNTED], rows())
