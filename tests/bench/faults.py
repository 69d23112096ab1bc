"""The fault cases as a table: `python -m tests.bench faults`. What each earned, and what was said.

The same cells as in tests/test_hostile.py, where what each may earn is a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnn_edu.grading import sandbox
from rnn_edu.grading.marking import Cell, mark
from tests.hostile import CELLS, RIGHT
from tests.hostile_answers import CELLS as ODD_ANSWERS
from tests.test_hostile import PAPER

from .timing import table


def rows() -> Iterator[list[str]]:
    """One case after the other."""
    for cell in [*CELLS, *ODD_ANSWERS]:
        source = cell.source.replace("VICTIM", "'/etc/passwd'")
        outcomes = mark([Cell("given", RIGHT), Cell("theirs", source)], PAPER)
        marks = ["earned" if outcome.right else "no" for outcome in outcomes.values()]
        reason = next((o.reason for o in outcomes.values() if not o.right), "")
        plain = reason[:110].replace("`", "'").replace("|", "\\|")
        yield [cell.name, *marks, f"`{plain}`" if plain else ""]


def report(options: list[str]) -> Iterator[str]:
    """A row a case."""
    sandbox.require()
    yield from table(["case", "`rnn_step`", "`two`", "what the student reads"], rows())
