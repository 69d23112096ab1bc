"""The notebooks and the numerical tests on many machines' numerics: python -m tests.portability.

One table: a row for each notebook and for the numerical tests, a column for each choice of CPU
kernels and threads (tests/numerics.py). --short is what CI runs: all on the oldest kernels, and
what leans on threads with two. --with numpy==2.0.2 adds a column with another version. --store
writes the table into the book. What has passed is kept in build/portability, and does not run
again until a file changes.
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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests import numerics, rerun
from tests.bench import timing

ROOT = numerics.ROOT
KEPT = ROOT / "build" / "portability"
STORED = ROOT / "book" / "pages" / "measured" / "portability.txt"
TESTS = "numerical tests"
NUMERICAL = re.compile(
    "attention|bidirectional|causal|cells|checks(_references)?|conversions|decode|diagonal"
    "|embedding|fast.*|gradcheck|linear_cells|losses|memory|optim|scan|sequence|topologies|train"
)
THREADED = ("10_gru_and_the_fast_path", "18_linear_recurrences")  # large products, torch's kernels


class Cell(NamedTuple):
    """One run: a notebook's name or TESTS, under a profile, perhaps with another version."""

    part: str
    profile: str
    version: str = ""  # "numpy==2.0.2"

    @property
    def column(self) -> str:
        return f"{self.profile} {self.version}".strip()

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


def cells(short: bool, versions: Sequence[str] = ()) -> list[Cell]:
    """All runs, column by column; those of one column are independent of each other."""
    parts = [TESTS, *(path.stem for path in rerun.find_notebooks())]
    others = [Cell(part, "shared-1", version) for version in versions for part in parts]
    if short:
        chosen = [Cell(part, "oldest-1") for part in parts]
        return chosen + [Cell(part, "oldest-2") for part in THREADED] + others
    return [Cell(p, f"{k}-{n}") for n in (1, 2) for k in numerics.KERNELS for p in parts] + others


def run(cell: Cell) -> Outcome:
    """pytest in a process of its own."""
    if cell.part == TESTS:
        names = list(map(str, numerical()))
    else:
        names = ["--nbval", f"notebooks/{cell.part}.ipynb"]
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
    if cell.version:  # an older NumPy says that it does not know the names of newer kernels
        command += ["-W", "ignore:During parsing environment variable:ImportWarning"]
    command += names
    path = str(folder_of(cell.version)) if cell.version else ""  # before the environment's own
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


def state() -> str:
    """A name for the files that an outcome depends on."""
    digest = hashlib.sha256(sys.version.encode())
    files = [*(ROOT / "rnn_edu").rglob("*"), *(ROOT / "notebooks").glob("*.ipynb")]
    files += [*numerical(), *(p for p in (ROOT / "tests").glob("*.py") if p.stem[:5] != "test_")]
    for file in sorted(files):
        if file.suffix in (".py", ".ipynb", ".npz", ".json"):
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def numerical() -> list[Path]:
    """The test modules that compute with the package's mathematics."""
    modules = sorted((ROOT / "tests").glob("test_*.py"))
    return [m for m in modules if NUMERICAL.fullmatch(m.stem.removeprefix("test_"))]


def table(found: dict[Cell, Outcome]) -> Iterator[str]:
    """Lines of Markdown: a row for each part, a column for each profile and version."""
    by_place = {(cell.part, cell.column): outcome for cell, outcome in found.items()}
    parts, columns = (list(dict.fromkeys(values)) for values in zip(*by_place, strict=True))
    rows = ([part, *(by_place.get((part, c), "") for c in columns)] for part in parts)
    yield from timing.table(["", *columns], rows)


def folder_of(version: str) -> Path:
    """Where this version of a package lies."""
    return KEPT / version.replace("==", "-")


def install(version: str) -> None:
    """Put it there, unless it is there."""
    if not folder_of(version).exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", version]
        subprocess.run([*command, "--target", str(folder_of(version))], check=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.portability", description=__doc__)
    parser.add_argument("--short", action="store_true", help="what CI runs")
    parser.add_argument("--with", action="append", default=[], dest="versions", metavar="NAME==N")
    parser.add_argument("-k", default="", metavar="REGEX", help='only matching "PART PROFILE"')
    parser.add_argument("--store", action="store_true", help="write the table into the book")
    options = parser.parse_args(argv)
    every = cells(options.short, options.versions)
    wanted = [c for c in every if re.search(options.k, f"{c.part} {c.column}")]
    if not wanted:
        parser.error(f"-k must match a part and a profile, got {options.k!r}")
    for version in options.versions:
        install(version)
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{state()}.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    found = {Cell(*cell): Outcome(*outcome) for cell, outcome in map(json.loads, lines)}
    left = [cell for cell in wanted if cell not in found]
    for cell, outcome in run_all(left, run):
        found[cell] = outcome
        print(cell.part, cell.column, outcome, outcome.said, flush=True)
        if outcome.ok:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([cell, outcome]) + "\n")
    found = {cell: found[cell] for cell in wanted}
    good = sum(outcome.ok for outcome in found.values())
    summary = [*table(found), "", f"{good} passed, {len(found) - good} failed"]
    print(*summary, sep="\n")
    if options.store:
        STORED.write_text("\n".join([timing.machine(), "", *summary]) + "\n", encoding="utf-8")
    return int(good < len(found))


if __name__ == "__main__":
    sys.exit(main())
