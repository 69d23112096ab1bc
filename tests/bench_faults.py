"""The fault cases as a table: `python -m tests.bench_faults`. What each earned, and what was said.

The same cells as in tests/test_hostile.py, where what each may earn is a test.
"""

from __future__ import annotations

import time

from rnn_edu.grading import sandbox
from rnn_edu.grading.marking import Cell, mark
from tests.hostile import CELLS, RIGHT
from tests.hostile_answers import CELLS as ODD_ANSWERS
from tests.test_hostile import PAPER


def main() -> None:
    sandbox.require()
    print("| case | rnn_step | two | what the student reads | s |")
    print("|-|-|-|-|-|")
    for cell in [*CELLS, *ODD_ANSWERS]:
        start = time.perf_counter()
        source = cell.source.replace("VICTIM", "'/etc/passwd'")
        outcomes = mark([Cell("given", RIGHT), Cell("theirs", source)], PAPER)
        seconds = time.perf_counter() - start
        marks = ["earned" if outcome.right else "no" for outcome in outcomes.values()]
        reason = next((o.reason for o in outcomes.values() if not o.right), "")
        reason = reason.replace("|", "\\|")[:110]
        print("|", " | ".join([cell.name, *marks, reason, f"{seconds:.1f}"]), "|", flush=True)


if __name__ == "__main__":
    main()
