"""A class of 300, graded: `python -m tests.bench_class`. Time and memory are printed, not tested.

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
from pathlib import Path

from rnn_edu.grading.form import BEGIN
from tests.classes import NAME, Class, added, all_marks, changed
from tests.hostile import CELLS
from tests.hostile_answers import CELLS as ODD_ANSWERS


def known_mistakes(made):
    """One notebook for each entry of tests/wrong."""
    path = Path(__file__).with_name("wrong") / f"{NAME}.py"
    spec = importlib.util.spec_from_file_location("wrong", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = {cell["id"]: cell["source"] for cell in made.right["cells"]}
    for what, cell, old, new, _ in module.WRONG:
        before, begin, inside = sources[cell].partition(BEGIN)
        yield what, changed(made.right, **{cell: before + begin + inside.replace(old, new, 1)})


def hand_in(made, size):
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


def command(made, jobs):
    return [sys.executable, "-m", "rnn_edu.grading", "grade", str(made.course.root), "--jobs", jobs]


def timed(words, made, jobs):
    start = time.perf_counter()
    subprocess.run(command(made, jobs), check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    print(f"{words}: {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--jobs", default="2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        built = Class(Path(folder) / "built")
        print(dict(Counter(hand_in(built, options.size))), "jobs:", options.jobs)
        through, stopped = (built.copy_to(Path(folder) / name) for name in ("through", "stopped"))
        timed("graded, with feedback", through, options.jobs)
        marks = all_marks(through.course)
        timed("again, nothing changed", through, options.jobs)
        assert all_marks(through.course) == marks

        killed = subprocess.Popen(command(stopped, options.jobs), stdout=subprocess.DEVNULL)
        results = stopped.course.results(NAME) / "results"
        while len(list(results.glob("*.json"))) < options.size // 2:
            time.sleep(0.1)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        timed("killed in the middle, the rest", stopped, options.jobs)
        assert all_marks(stopped.course) == marks

        students = {student for student, _ in marks}
        pages = list(stopped.course.root.glob(f"feedback/*/{NAME}/*.html"))
        print(f"results: {len(students)} of {options.size}, feedback pages: {len(pages)}")
        kinds = Counter()
        for (student, _), (score, _, _) in marks.items():
            kinds[student.split("-")[0]] += score or 0
        print("points by kind:", dict(kinds))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(
        f"largest process: {peak} MB; load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
