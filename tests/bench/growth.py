"""What a training step costs as T and N grow: `python -m tests.bench growth`

An exponent is the slope of log(time) against log(size), over medians of runs in turns.
"""

from __future__ import annotations

from collections.abc import Iterator

from .timing import exponent, fresh_processes, in_turns, milliseconds, table
from .ways import CELLS, FAST, KINDS, NUMPY, STEPS, TORCH, Shape, ways

LONGER = [Shape(8, T, 64, 64) for T in (50, 100, 200, 400, 800)]
WIDER = [Shape(N, 50, 64, 64) for N in (1, 4, 16, 64, 256)]
WAYS = (TORCH, NUMPY, FAST, STEPS, CELLS)


def measure(kind: str, shape: Shape) -> dict[str, float]:
    """Milliseconds of each way."""
    runs = ways(kind, shape, training=True)
    taken = in_turns({way: runs[way] for way in WAYS}, seconds=1.0)
    return {way: milliseconds(taken[way]) for way in WAYS}


def report(options: list[str]) -> Iterator[str]:
    """One row for each cell and way."""
    yield "Exponents of the time of a training step, D = H = 64, float32, one thread: against T,"
    yield "50 to 800 at N = 8; against N, 1 to 16 and 16 to 256 at T = 50.\n"
    heads = ["cell", "", "T", "N up to 16", "N from 16", "ms at the largest T", "and N"]
    yield from table(heads, rows())


def rows() -> Iterator[list[str]]:
    """One cell after the other, while they are measured."""
    with fresh_processes() as pool:
        for kind in KINDS:
            longer, wider = (
                [pool.submit(measure, kind, shape).result() for shape in shapes]
                for shapes in (LONGER, WIDER)
            )
            for way in WAYS:
                over_T, over_N = ([ms[way] for ms in found] for found in (longer, wider))
                N = [shape.N for shape in WIDER]
                slopes = (
                    exponent([shape.T for shape in LONGER], over_T),
                    exponent(N[:3], over_N[:3]),
                    exponent(N[2:], over_N[2:]),
                )
                ms = f"{over_T[-1]:.0f}", f"{over_N[-1]:.0f}"
                yield [kind, way, *(f"{slope:.2f}" for slope in slopes), *ms]
