"""What a training step takes of the memory: `python -m tests.bench memory`. On Linux alone."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

from .timing import fresh_processes, table
from .ways import CELLS, FAST, KINDS, NUMPY, STEPS, TORCH, Shape, ways

WAYS = (TORCH, NUMPY, FAST, STEPS, CELLS)
SHAPE = Shape(64, 200, 128, 256)


def megabytes(name: str) -> float:
    """VmRSS, what this process holds now; VmHWM, the most that it has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1000


def measure(kind: str, way: str) -> float:
    """The most that one step adds to what is there before it, in MB; in a process of its own."""
    ways(kind, Shape(1, 2, 3, 4), training=True)[way]()  # what libraries set up at the first call
    step = ways(kind, SHAPE, training=True)[way]
    ctypes.CDLL(None).malloc_trim(0)  # what was freed goes back to the system
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the most, from now on
    before = megabytes("VmRSS")
    step()
    return megabytes("VmHWM") - before


def report(options: list[str]) -> Iterator[str]:
    """A row a cell."""
    yield f"Most memory that a training step adds, in MB, float32; N, T, D, H = {SHAPE}. An array"
    numbers = SHAPE.T * SHAPE.N * SHAPE.H
    yield f"of (T, N, H) takes {4e-6 * numbers:.0f} MB.\n"
    with fresh_processes(tasks=1) as pool:
        yield from table(
            ["cell", *WAYS],
            (
                [kind, *(f"{pool.submit(measure, kind, way).result():.0f}" for way in WAYS)]
                for kind in KINDS
            ),
        )
