"""Mutation testing of the package's mathematics: `python -m tests.mutation [--score] [--store]`

mutmut changes one thing at a time in the modules that tests/mutation.cfg names: a sign, a number,
an argument, a comparison. Each mutant must make one of the tests that reach it fail. It works in
build/mutation, with one process at the lowest priority, and goes on where it was stopped; what
changed since is tried again. Then come the score and the survivors. --score asks for these alone,
--store writes the table into the book.

tests/mutation.toml lists the mutants that do what the original does, each with the reason.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.timing import table
from tests.numerics import ROOT

FOLDER = ROOT / "build" / "mutation"
STORED = ROOT / "book" / "pages" / "measured" / "mutation.txt"
NEEDED = ("rnn_edu", "tests", "pyproject.toml")
SURVIVED = (0, 5, 33)  # mutmut's exit codes: all tests passed, or none reaches the mutant
PAST = "__mutmut_"


class Mutant(NamedTuple):
    """What was changed where, and what came of it."""

    name: str  # mutmut's
    module: str
    function: str  # "Cell.init"
    old: str
    new: str
    code: int | None  # None: not yet tried

    @property
    def where(self) -> str:
        """Such as "cell.Cell.init"."""
        return f"{self.module}.{self.function}"


class Equivalent(NamedTuple):
    """Mutants that do what the original does."""

    where: str
    old: str
    new: str
    why: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether the mutant has `new` where the original has `old`, and nothing else changed."""
        before = mutant.old.split(self.old)
        ways = (
            self.old.join(before[:k]) + self.new + self.old.join(before[k:])
            for k in range(1, len(before))
        )
        return mutant.where == self.where and mutant.new in ways


def prepare() -> None:
    """Make the folder: what mutmut copies from, and its settings."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        link = FOLDER / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name)
    settings = ROOT / "tests" / "mutation.cfg"
    (FOLDER / "setup.cfg").write_text(settings.read_text(encoding="utf-8"), encoding="utf-8")


def run() -> None:
    """Try all mutants that have not been tried, then those that may meet a better test now.

    Raises CalledProcessError if mutmut cannot.
    """
    prepare()
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "1"]
    mutmut = functools.partial(subprocess.run, cwd=FOLDER, env=os.environ | threads, check=True)
    before = {mutant.name for mutant in unexcused(list(mutants()))}
    mutmut(command)
    again = [mutant.name for mutant in unexcused(list(mutants())) if mutant.name in before]
    if again:
        mutmut([*command, *again])


def mutants() -> Iterator[Mutant]:
    """All, module by module."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    for meta in sorted(FOLDER.glob("mutants/rnn_edu/**/*.py.meta")):
        source = meta.relative_to(FOLDER / "mutants").with_suffix("")
        for name, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            function = name.partition(PAST)[0].rpartition(".")[2].removeprefix("x_")
            function = function.removeprefix("xǁ").replace("ǁ", ".")
            old = new = ""  # of the killed it would take minutes to read them
            if code in SURVIVED:
                with contextlib.chdir(FOLDER):  # mutmut finds its files from there
                    lines = get_diff_for_mutant(name, path=source).splitlines()[2:]
                old, new = (" ".join(s[1:] for s in lines if s[0] == sign) for sign in "-+")
            texts = (" ".join(text.split()) for text in (old, new))
            yield Mutant(name, source.stem, function, *texts, code)


def equivalents() -> list[Equivalent]:
    """What tests/mutation.toml lists."""
    listed = tomllib.loads((ROOT / "tests" / "mutation.toml").read_text(encoding="utf-8"))
    return [
        Equivalent(where, old, new, group["why"])
        for group in listed["equivalent"]
        for where in group["in"]
        for old, new in group["changes"]
    ]


def unexcused(found: list[Mutant]) -> list[Mutant]:
    """The survivors that tests/mutation.toml does not list."""
    known = equivalents()
    return [m for m in found if m.code in SURVIVED and not any(k.covers(m) for k in known)]


def score(found: list[Mutant]) -> Iterator[str]:
    """The table, and what is to be done."""

    def row(name: str, some: list[Mutant]) -> list[str]:
        tried = [m for m in some if m.code is not None]
        killed = sum(m.code not in SURVIVED for m in tried)
        alive = len(unexcused(tried))
        share = f"{100 * killed / (killed + alive):.1f} %" if killed else ""
        same = len(tried) - killed - alive
        return [name, *map(str, (len(tried), killed, same, alive)), share]

    modules = {m.module: [other for other in found if other.module == m.module] for m in found}
    heads = ["module", "mutants", "killed", "equivalent", "survived", "score"]
    rows = [row(f"`{name}`", some) for name, some in modules.items()]
    yield from table(heads, [*rows, row("all", found)])
    left = sum(m.code is None for m in found)
    if left:
        yield f"\n{left} mutants of {len(found)} have not been tried yet."


def survivors(found: list[Mutant]) -> Iterator[str]:
    """Those without a reason; once all are tried, reasons without a mutant too."""
    for mutant in unexcused(found):
        yield f"\n{mutant.where}\n- {mutant.old}\n+ {mutant.new}"
    if any(m.code is None for m in found):
        return
    for excuse in equivalents():
        if not any(map(excuse.covers, found)):
            yield f"\nno mutant of {excuse.where}: {excuse.old} -> {excuse.new}"


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="tests.mutation")
    parser.add_argument("--score", action="store_true", help="run nothing")
    parser.add_argument("--store", action="store_true", help="write the table into the book")
    options = parser.parse_args(words)
    if not options.score:
        os.nice(19)
        run()
    found = list(mutants())
    lines = list(score(found))
    print(*lines, *survivors(found), sep="\n")
    if options.store:
        STORED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
