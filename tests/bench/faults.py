"""The fault cases as a table: `python -m tests.bench faults`. What each earned, and what was said.

The same cells as in tests/test_hostile.py, where what each may earn is a test.
"""

from __future__ import annotations

import time
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
        start = time.perf_counter()
        source = cell.source.replace("VICTIM", "'/etc/passwd'")
        outcomes = mark([Cell("given", RIGHT), Cell("theirs", source)], PAPER)
        seconds = time.perf_counter() - start
        marks = ["earned" if outcome.right else "no" for outcome in outcomes.values()]
        reason = next((o.reason for o in outcomes.values() if not o.right), "")
        yield [cell.name, *marks, reason.replace("|", "\\|")[:110], f"{seconds:.1f}"]


def report(options: list[str]) -> Iterator[str]:
    """A row a case."""
    sandbox.require()
    yield from table(["case", "rnn_step", "two", "what the student reads", "s"], rows())
