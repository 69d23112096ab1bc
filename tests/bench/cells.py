"""The cells beside torch and beside their matrix products: `python -m tests.bench cells`

A ratio is the median over rounds in which the two took turns, by themselves: what a third leaves
behind in memory changes what a call for new memory costs. Its spread is the middle half of the
rounds. What the course aims at is judged by the medians.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from typing import NamedTuple

from .timing import Spread, fresh_processes, in_turns, milliseconds, ratio, table
from .ways import FAST, KINDS, NUMPY, PRODUCTS, TORCH, Shape, ways

SHAPES = (Shape(1, 100, 64, 64), Shape(32, 100, 64, 128), Shape(64, 200, 128, 256))
WORDS = {1: "one thread", 2: "two threads"}
RNN_GRU = ("RNN", "GRU")


class Row(NamedTuple):
    """What was measured for one cell at one shape."""

    threads: int
    training: bool
    kind: str
    shape: Shape
    taken: dict[tuple[str, str], list[list[float]]]  # of a way and of what it is compared with

    def ratio(self, way: str, to: str = TORCH) -> Spread:
        """Of two ways, round by round."""
        return ratio(*self.taken[way, to])

    def cells(self) -> Iterator[str]:
        """The row of the table."""
        yield from (self.kind, str(self.shape))
        beside_torch = {way: taken for (way, to), taken in self.taken.items() if to == TORCH}
        yield f"{milliseconds(list(chain(*(torch for _, torch in beside_torch.values())))):.1f} ms"
        yield from (f"{self.ratio(way):.2f}" for way in beside_torch)


class Aim(NamedTuple):
    """At most this ratio in a training step, in all rows that it speaks of."""

    way: str
    kinds: tuple[str, ...]
    sizes: str  # "N = 1", "larger" or "all"
    threads: tuple[int, ...]
    limit: float
    to: str = TORCH

    def covers(self, row: Row) -> bool:
        """Whether it speaks of this row."""
        fits = {"N = 1": row.shape.N == 1, "larger": row.shape.N > 1, "all": True}
        fits["N = 64"] = row.shape.N == 64
        known = row.kind in self.kinds and row.threads in self.threads
        return row.training and known and fits[self.sizes]

    def cells(self, rows: list[Row]) -> Iterator[str]:
        """What it is, the worst that was measured, and whether that is good enough."""
        covered = [(row.ratio(self.way, self.to), row) for row in rows if self.covers(row)]
        worst, row = max(covered, key=lambda pair: pair[0].middle)
        reached = sum(found.middle <= self.limit for found, _ in covered)
        yield f"{self.way}, {' and '.join(self.kinds)}"
        yield f"{self.sizes}, {' or '.join(WORDS[n] for n in self.threads)}"
        yield f"{self.limit} of {self.to}"
        yield f"{worst:.2f} ({row.kind}, {row.shape})"
        yield "reached" if reached == len(covered) else f"**missed** ({reached} of {len(covered)})"


AIMS = (
    Aim(NUMPY, RNN_GRU, "N = 1", (1,), 0.25),
    Aim(NUMPY, RNN_GRU, "larger", (1,), 0.9),
    Aim(NUMPY, ("LSTM",), "all", (1,), 2.5),
    Aim(NUMPY, ("GRU",), "N = 64", (1,), 1.5, PRODUCTS),
    Aim(FAST, RNN_GRU, "N = 1", (1, 2), 0.6),
    Aim(FAST, RNN_GRU, "larger", (1,), 0.9),
    Aim(FAST, RNN_GRU, "larger", (2,), 0.7),
    Aim(FAST, ("LSTM",), "all", (1, 2), 1.05),
)


def measure(kind: str, shape: Shape, training: bool) -> dict[tuple[str, str], list[list[float]]]:
    """Seconds of the two of each pair in each round; runs in a process of its own."""
    runs = ways(kind, shape, training)
    pairs = [*((way, TORCH) for way in runs if way != TORCH), (NUMPY, PRODUCTS)]
    return {
        pair: list(in_turns({way: runs[way] for way in pair}, seconds=1.5).values())
        for pair in pairs
    }


def rows(
    pool: ProcessPoolExecutor, threads: int, training: bool, done: list[Row]
) -> Iterator[Iterator[str]]:
    """Those of one table, while they are measured; they are added to `done`."""
    for shape in SHAPES:
        for kind in KINDS:
            taken = pool.submit(measure, kind, shape, training).result()
            done.append(Row(threads, training, kind, shape, taken))
            yield done[-1].cells()


def report(options: list[str]) -> Iterator[str]:
    """For each number of threads a table of training steps and one of passes forward; the aims."""
    done: list[Row] = []
    others = [way for way in ways("RNN", Shape(1, 1, 1, 1), False) if way != TORCH]
    yield "Ratios to `torch.nn` on as many threads, in float32: median [middle half of the rounds]."
    yield "Below 1 is faster."
    for threads, words in WORDS.items():
        with fresh_processes(threads) as pool:
            for training in (True, False):
                yield f"\n**{'Training step' if training else 'Forward'}, {words}**\n"
                heads = ["cell", "N, T, D, H", TORCH, *others]
                yield from table(heads, rows(pool, threads, training, done))
    verdicts = [list(aim.cells(done)) for aim in AIMS]
    reached = sum(verdict[-1] == "reached" for verdict in verdicts)
    yield f"\n**What was aimed at, for a training step: {reached} of {len(AIMS)} reached**\n"
    yield from table(["aim for", "where", "at most", "largest ratio measured", ""], verdicts)
