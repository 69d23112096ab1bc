"""What each lesson costs: `python -m tests.bench lessons [NOTEBOOK ...]`

Seconds from start to end with the start of a kernel, seconds of the processor, and the most memory
that its kernel held, beside a kernel that does nothing but import torch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat

from tests import numerics, rerun

from .timing import table

# What the course promises: of a lesson, of all, and what a server of a class's hub may hold.
SECONDS, ALL_SECONDS, MEGABYTES = 60, 600, 2000
ASK = """import json, resource
_use = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([_use.ru_utime + _use.ru_stime, _use.ru_maxrss]))"""  # kilobytes, on Linux


class Cost(NamedTuple):
    """Of a notebook that ran in a kernel of its own."""

    name: str
    seconds: float
    processor: float
    megabytes: float

    def cells(self) -> list[str]:
        """The row of the table."""
        kept = self.seconds <= SECONDS and self.megabytes <= MEGABYTES
        numbers = f"{self.seconds:.1f}", f"{self.processor:.1f}", f"{self.megabytes:.0f}"
        return [self.name, *numbers, "" if kept else "**more than promised**"]


def cost(nb: nbformat.NotebookNode, path: Path, name: str) -> Cost:
    """Run it."""
    ask = nbformat.v4.new_code_cell(ASK)
    nb.cells.append(ask)
    start = time.perf_counter()
    rerun.execute(nb, path)
    seconds = time.perf_counter() - start
    processor, kilobytes = json.loads(ask.outputs[-1].text)
    return Cost(name, seconds, processor, kilobytes / 1000)


def report(options: list[str]) -> Iterator[str]:
    """A row a notebook, and the sums."""
    profile = numerics.use_profile()
    paths = [Path(name) for name in options] or rerun.find_notebooks()
    done = []

    def rows() -> Iterator[list[str]]:
        torch = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import torch")])
        yield cost(torch, paths[0], "`import torch` alone").cells()
        for path in paths:
            done.append(cost(nbformat.read(path, as_version=4), path, path.stem))
            yield done[-1].cells()

    yield f"One kernel after the other, numerics `{profile}`. Promised: each within {SECONDS} s on"
    yield f"two cores and {MEGABYTES / 1000:g} GB, all within {ALL_SECONDS} s.\n"
    yield from table(["", "seconds", "of the processor", "MB", ""], rows())
    seconds, processor = (sum(c[k] for c in done) for k in (1, 2))
    broken = sum(bool(c.cells()[-1]) for c in done)
    yield f"\nAll {len(done)} together: {seconds:.0f} s, {processor:.0f} s of the processor"
    yield "(**more than promised**)." if seconds > ALL_SECONDS else "(as promised)."
    yield f"{len(done) - broken} of {len(done)} keep their promise."
