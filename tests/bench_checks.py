"""What `rnn_edu.checks` names, counted: `python -m tests.bench_checks`. Nothing is asserted here.

For each exercise: known mistakes named alone; pairs of them: both named, one of them named (the
other hides behind it), none named (called wrong and located), named as a third mistake that
behaves the same on other inputs, or falsely; mistakes that the table does not know: called wrong,
falsely named, missed. Then the time of one check, and the size of what ships.
"""

import sys
import time
import zlib
from collections import Counter
from itertools import combinations

import numpy as np

from rnn_edu import checks
from rnn_edu.checks.exercise import FOLDER
from rnn_edu.checks._recipes import RECIPES

from .unknown_mistakes import disturbed, rewritten, same

REWRITTEN, DISTURBED = 60, 10
FORM = ("exception", "shape", "type", "not attempted")


def outcome(recipe, solve, made):
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


def count(recipe):
    """(singles, pairs, unknown), each a Counter of outcomes."""
    rng = np.random.default_rng(zlib.crc32(recipe.name.encode()))
    singles, pairs, unknown = Counter(), Counter(), Counter()
    for mistake in recipe.mistakes:
        singles[outcome(recipe, recipe.variant(mistake), {mistake.name})] += 1
    for pair in combinations(recipe.mistakes, 2):
        solve = recipe.variant(*pair)
        if solve is not None:
            pairs[outcome(recipe, solve, {m.name for m in pair})] += 1
    for _ in range(REWRITTEN):
        unknown[outcome(recipe, rewritten(recipe, rng)[1], set())] += 1
    for _ in range(DISTURBED):
        unknown[outcome(recipe, disturbed(recipe, rng).solve, set())] += 1
    return singles, pairs, unknown


def milliseconds(recipe):
    """One check: of the right answer, and of a wrong one that is located."""
    rng = np.random.default_rng(0)
    for solve in (recipe.solve, disturbed(recipe, rng).solve):
        seconds = []
        for _ in range(9):
            start = time.perf_counter()
            checks.check(recipe.name, solve)
            seconds.append(time.perf_counter() - start)
        yield 1e3 * float(np.median(seconds))


def words(counter):
    return ", ".join(f"{n} {what}" for what, n in counter.most_common())


def main(names):
    totals = Counter(), Counter(), Counter()
    for name in names or RECIPES:
        recipe = RECIPES[name]
        counted = count(recipe)
        for total, part in zip(totals, counted, strict=True):
            total.update(part)
        right, wrong = milliseconds(recipe)
        size = sum(path.stat().st_size for path in FOLDER.glob(f"{name}.*"))
        print(f"{name}: {right:.1f} ms if right, {wrong:.1f} ms if wrong, {size / 1e3:.0f} kB")
        for what, part in zip(("singles", "pairs", "unknown"), counted, strict=True):
            print(f"  {what}: {words(part)}", flush=True)
    print(f"all {len(names or RECIPES)} exercises")
    for what, total in zip(("singles", "pairs", "unknown"), totals, strict=True):
        print(f"  {what}: {total.total()}: {words(total)}")


if __name__ == "__main__":
    main(sys.argv[1:])
