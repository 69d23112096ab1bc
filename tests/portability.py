"""The notebooks and the numerical tests on many machines' numerics: python -m tests.portability.

One table: a row for each notebook and for the numerical tests, a column for each choice of CPU
kernels and threads (tests/numerics.py). --short is what CI runs: all on the oldest kernels, and
what leans on threads with two. --with numpy==2.0.2 puts another version in front. What has passed
is kept in build/portability, and does not run again until a file changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests import numerics, rerun

ROOT = numerics.ROOT
KEPT = ROOT / "build" / "portability"
TESTS = "numerical tests"
# The modules that compute with the package's mathematics, tests/test_*.py.
NUMERICAL = re.compile(
    "attention|bidirectional|causal|cells|checks(_references)?|conversions|decode|diagonal"
    "|embedding|fast.*|gradcheck|linear_cells|losses|memory|optim|scan|sequence|topologies|train"
)
THREADED = ("10_gru_and_the_fast_path", "18_linear_recurrences")  # large products, torch's kernels


class Cell(NamedTuple):
    """One run: a notebook's name or TESTS, under a profile."""

    part: str
    profile: str

    @property
    def threads(self) -> int:
        return int(self.profile.rpartition("-")[2])


class Outcome(NamedTuple):
    """What pytest counted, and what it said where that is not all well."""

    passed: int
    failed: int
    seconds: float
    said: str = ""

    @property
    def ok(self) -> bool:
        return self.passed > 0 and self.failed == 0

    def __str__(self) -> str:
        return f"{'ok' if self.ok else f'{self.failed} FAILED'} {self.seconds:.0f} s"


def cells(short: bool) -> list[Cell]:
    """All runs, column by column; those of one column are independent of each other."""
    parts = [TESTS, *(path.stem for path in rerun.find_notebooks())]
    if short:
        chosen = [Cell(part, "oldest-1") for part in parts]
        return chosen + [Cell(part, "oldest-2") for part in THREADED]
    return [Cell(p, f"{k}-{n}") for n in (1, 2) for k in numerics.KERNELS for p in parts]


def run(cell: Cell, path: str) -> Outcome:
    """pytest in a process of its own; path: what comes before the environment's packages."""
    if cell.part == TESTS:
        modules = sorted((ROOT / "tests").glob("test_*.py"))
        names = [str(m) for m in modules if NUMERICAL.fullmatch(m.stem.removeprefix("test_"))]
    else:
        names = ["--nbval", f"notebooks/{cell.part}.ipynb"]
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", *names]
    environment = {**os.environ, "PYTHONPATH": path, numerics.VARIABLE: cell.profile}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    took = time.perf_counter() - began
    last = done.stdout.rstrip().rpartition("\n")[2]
    passed, *wrong = (
        sum(map(int, re.findall(rf"(\d+) {word}", last))) for word in ("passed", "failed", "error")
    )
    failed = sum(wrong) or int(done.returncode != 0)
    return Outcome(passed, failed, took, (done.stdout + done.stderr)[-4000:] if failed else "")


def run_all(wanted: list[Cell], run: Callable[[Cell], Outcome]) -> Iterator[tuple[Cell, Outcome]]:
    """Each run with its outcome; as many at a time as the cores have room for their threads."""
    for threads in sorted({cell.threads for cell in wanted}):
        with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // threads)) as pool:
            column = [cell for cell in wanted if cell.threads == threads]
            yield from zip(column, pool.map(run, column), strict=True)


def state(versions: list[str]) -> str:
    """A name for all that an outcome depends on: the files, and the versions put in front."""
    digest = hashlib.sha256(json.dumps([*versions, sys.version]).encode())
    for folder in ("rnn_edu", "notebooks", "tests"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".py", ".ipynb", ".npz", ".json"):
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def table(found: dict[Cell, Outcome]) -> str:
    """A row for each part, a column for each profile."""
    parts, profiles = (list(dict.fromkeys(values)) for values in zip(*found, strict=True))
    rows = [["", *profiles]]
    rows += [[p, *(str(found.get(Cell(p, q), "-")) for q in profiles)] for p in parts]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def install(versions: list[str]) -> str:
    """Put these versions into a folder; returns it, or "" where there are none."""
    if not versions:
        return ""
    folder = KEPT / "_".join(versions).replace("==", "-")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
    subprocess.run([*command, "--target", str(folder), *versions], check=True)
    return str(folder)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.portability", description=__doc__)
    parser.add_argument("--short", action="store_true", help="what CI runs")
    parser.add_argument("--with", action="append", default=[], dest="versions", metavar="NAME==N")
    parser.add_argument("-k", default="", metavar="REGEX", help='only matching "PART PROFILE"')
    options = parser.parse_args(argv)
    wanted = [cell for cell in cells(options.short) if re.search(options.k, " ".join(cell))]
    if not wanted:
        parser.error(f"-k must match a part and a profile, got {options.k!r}")
    path, kept = install(options.versions), KEPT / f"{state(options.versions)}.jsonl"
    KEPT.mkdir(parents=True, exist_ok=True)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    found = {Cell(*cell): Outcome(*outcome) for cell, outcome in map(json.loads, lines)}
    left = [cell for cell in wanted if cell not in found]
    for cell, outcome in run_all(left, lambda cell: run(cell, path)):
        found[cell] = outcome
        print(*cell, outcome, outcome.said, flush=True)
        if outcome.ok:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([cell, outcome]) + "\n")
    found = {cell: found[cell] for cell in wanted}
    good = sum(outcome.ok for outcome in found.values())
    print(table(found), f"{good} passed, {len(found) - good} failed", sep="\n")
    return int(good < len(found))


if __name__ == "__main__":
    sys.exit(main())
