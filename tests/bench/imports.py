"""How long an import takes: `python -m tests.bench imports`"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from .timing import Spread, in_turns, table

NOTHING = "sys"
MODULES = (NOTHING, "numpy", "rnn_edu", "rnn_edu.widgets", "torch", "rnn_edu.fast")


def report(options: list[str]) -> Iterator[str]:
    """Seconds beyond those of a Python that imports nothing."""
    runs = {
        name: partial(subprocess.run, [sys.executable, "-c", f"import {name}"], check=True)
        for name in MODULES
    }
    taken = in_turns(runs, seconds=10, least=5)
    rows = []
    for name in MODULES[1:]:
        added = [a - b for a, b in zip(taken[name], taken[NOTHING], strict=True)]
        rows.append([f"`import {name}`", f"{Spread.of(added):.3f}"])
    yield "Seconds in a fresh process, beyond those of Python itself: median [middle half].\n"
    yield from table(["", "seconds"], rows)
