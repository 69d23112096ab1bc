"""A class of 300, graded: `python -m tests.bench marking [--size N] [--jobs N]`

Some are right, some make each of the known mistakes, some hand in each of the hostile cells; all
as they come, and the machine is as busy as it is. Graded once without a stop, once killed in the
middle and gone on with: every one has a result, and the marks are the same.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rnn_edu.grading.form import BEGIN
from tests.classes import NAME, Class, added, all_marks, changed
from tests.hostile import CELLS
from tests.hostile_answers import CELLS as ODD_ANSWERS
from tests.numerics import ROOT


def known_mistakes(made: Class) -> Iterator[tuple[str, bytes]]:
    """One notebook for each entry of tests/wrong."""
    path = ROOT / "tests" / "wrong" / f"{NAME}.py"
    spec = importlib.util.spec_from_file_location("wrong", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = {cell["id"]: cell["source"] for cell in made.right["cells"]}
    for what, cell, old, new, _ in module.WRONG:
        before, begin, inside = sources[cell].partition(BEGIN)
        yield what, changed(made.right, **{cell: before + begin + inside.replace(old, new, 1)})


def hand_in(made: Class, size: int) -> Iterator[str]:
    """Fill the class; returns how many there are of each kind."""
    kinds = [("mistake", notebook) for _, notebook in known_mistakes(made)]
    kinds += [
        ("hostile", added(made.right, ("code", cell.source))) for cell in [*CELLS, *ODD_ANSWERS]
    ]
    kinds += [("unreadable", b"{"), ("unreadable", bytes(10**6)), ("empty", made.empty)]
    for number in range(size):
        right = ("right", added(made.right, ("code", f"# my number is {number}")))
        kind, notebook = kinds[number // 2] if number % 2 and number // 2 < len(kinds) else right
        made.hand_in(f"{kind}-{number:03d}", notebook)
        yield kind


def command(made: Class, jobs: str) -> list[str]:
    return [sys.executable, "-m", "rnn_edu.grading", "grade", str(made.course.root), "--jobs", jobs]


def timed(words: str, made: Class, jobs: str) -> str:
    start = time.perf_counter()
    subprocess.run(command(made, jobs), check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return f"- {words}: {seconds:.0f} s"


def report(words: list[str]) -> Iterator[str]:
    """A line for each time through, then what came of it."""
    parser = argparse.ArgumentParser(prog="tests.bench marking")
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--jobs", default="2")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        built = Class(Path(folder) / "built")
        yield f"{dict(Counter(hand_in(built, options.size)))}, jobs: {options.jobs}\n"
        through, stopped = (built.copy_to(Path(folder) / name) for name in ("through", "stopped"))
        yield timed("graded, with feedback", through, options.jobs)
        marks = all_marks(through.course)
        yield timed("again, nothing changed", through, options.jobs)
        assert all_marks(through.course) == marks

        killed = subprocess.Popen(command(stopped, options.jobs), stdout=subprocess.DEVNULL)
        results = stopped.course.results(NAME) / "results"
        while len(list(results.glob("*.json"))) < options.size // 2:
            time.sleep(0.1)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        yield timed("killed in the middle, the rest", stopped, options.jobs)
        assert all_marks(stopped.course) == marks

        students = {student for student, _ in marks}
        pages = list(stopped.course.root.glob(f"feedback/*/{NAME}/*.html"))
        yield f"- results: {len(students)} of {options.size}, feedback pages: {len(pages)}"
        kinds = Counter()
        for (student, _), (score, _, _) in marks.items():
            kinds[student.split("-")[0]] += score or 0
        yield f"- points by kind: {dict(kinds)}"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    yield f"- largest process: {peak} MB"
