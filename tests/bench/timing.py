"""What all benches share: runs in turns, ratios with their spread, fresh processes, tables."""

from __future__ import annotations

import datetime
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The middle of some numbers, and between what the middle half of them lies."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """values: at least two."""
        return cls(*statistics.quantiles(values, n=4))

    def __format__(self, form: str) -> str:
        low, middle, high = (format(value, form) for value in self)
        return f"{middle} [{low},\N{NO-BREAK SPACE}{high}]"


def in_turns(
    runs: Mapping[str, Callable[[], Any]], seconds: float = 2.0, least: int = 5, most: int = 101
) -> dict[str, list[float]]:
    """Seconds of each run in each round: every run once, in an order drawn for the round.

    Neighbours in time meet the same machine, so that a ratio of the two is worth more than two
    times; and each run has each of the others before it, with what that left in the caches.
    least, most: rounds; between them as many as fit into `seconds`.
    """
    names = list(runs)
    for name in names:
        runs[name]()  # the first call allocates
    taken: dict[str, list[float]] = {name: [] for name in names}
    order = random.Random(0)
    begin = time.perf_counter()
    for done in range(most):
        if done >= least and time.perf_counter() - begin > seconds:
            break
        for name in order.sample(names, len(names)):
            start = time.perf_counter()
            runs[name]()
            taken[name].append(time.perf_counter() - start)
    return taken


def milliseconds(taken: Sequence[float]) -> float:
    """The middle one."""
    return 1e3 * statistics.median(taken)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Of times that were taken in turns, round by round."""
    return Spread.of([a / b for a, b in zip(ours, theirs, strict=True)])


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of log(value) against log(size): 1 where twice the size costs twice as much."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


@contextmanager
def fresh_processes(threads: int = 1, tasks: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Where functions run with this many threads: libraries read it once, when they are loaded.

    tasks: after how many a process is replaced; one process for all if None.
    """
    variables = [f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL")]
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(dict.fromkeys(variables, str(threads)))
    try:
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=tasks) as pool:
            yield pool
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def machine() -> str:
    """Where and when, in words that would be true of every such machine."""
    import torch

    kernels = torch.backends.cpu.get_cpu_capability().replace("AVX512", "AVX-512")
    system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    versions = f"NumPy {np.__version__}, torch {torch.__version__}"
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return (
        f"Measured on {datetime.date.today():%Y-%m-%d}: {cores} cores, {platform.machine()},"
        f" {kernels}, {system}, Python {platform.python_version()}, {versions};"
        f" load {load:.1f} at the start."
        + " **The machine was busy: do not trust these numbers.**"
        * (load > 1.5 * cores)
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a Markdown table, one at a time, so that it grows while one waits."""
    yield f"| {' | '.join(heads)} |"
    yield "|-" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
