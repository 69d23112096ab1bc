"""Mark one submission: run its cells in the sandbox, ask the hidden checks, say what was wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from . import sandbox, wire
from .cases import WAITING, Case, Hidden
from .compare import verdict

FULL_RUNS = 2  # of the whole time that a submission is given, when cells have to be left out


@dataclass(frozen=True)
class Cell:
    """A code cell to be run, under the name that its author knows it by."""

    name: str
    source: str


@dataclass(frozen=True)
class Outcome:
    """Of one check: whether its points are earned, and if not, why, in words for the student."""

    right: bool
    reason: str = ""


@dataclass(frozen=True)
class Paper:
    """The hidden checks with their inputs drawn: the same for every student, from one seed."""

    hidden: Hidden
    cases: dict[str, list[Case]]
    jobs: dict[str, list[dict[str, Any]]]  # what of the cases the sandbox may see

    @classmethod
    def draw(cls, hidden: Hidden, seed: int) -> Paper:
        """Draw the inputs of every check, and work out what is right for them."""
        cases = {name: hidden.cases(name, seed) for name in hidden.checks}
        return cls(hidden, cases, {n: [case.job() for case in cases[n]] for n in cases})


def mark(cells: list[Cell], paper: Paper) -> dict[str, Outcome]:
    """The outcome of every hidden check for a submission's cells, in the order of the checks.

    A cell that ends Python, or uses up the time, is left out when what is still unanswered is asked
    again; so is a check: each loses its own points only.
    """
    hidden, cases = paper.hidden, paper.cases
    sources: list[str | None] = [cell.source for cell in cells]
    troubles: dict[int, str] = {}
    outcomes: dict[str, Outcome] = {}
    whole = WAITING * hidden.limits.total_seconds
    until = time.monotonic() + FULL_RUNS * whole
    while pending := [name for name in cases if name not in outcomes]:
        seconds = min(whole, until - time.monotonic())
        if seconds <= 0:
            outcomes |= {name: Outcome(False, "the notebook takes too long") for name in pending}
            break
        checks = [{"name": name, "cases": paper.jobs[name]} for name in pending]
        run = sandbox.run(
            {"cells": sources, "checks": checks}, hidden.packages, hidden.limits, seconds
        )
        story = _Story(run, cells, hidden.limits.cell_seconds)
        troubles = story.troubles | troubles
        for name in pending:
            if outcome := story.outcome(name, cases[name], troubles):
                outcomes[name] = outcome
        if not run.ended:
            silent = Outcome(False, "no answer came back")
            outcomes |= {name: silent for name in pending if name not in outcomes}
            continue
        death = _death(run.ended)
        if (at := story.at_cell) is not None and sources[at] is not None:
            troubles[at] = f"{_quoted(cells[at])} {death} and was left out"
            for late in {at, *story.late}:
                sources[late] = None
        else:
            left = [name for name in pending if name not in outcomes]
            guilty = story.at_check if story.at_check in left else next(iter(left), None)
            if guilty:
                outcomes[guilty] = Outcome(False, f"your code {death}")
    return {name: outcomes[name] for name in cases}


class _Story:
    """The worker's records, of which any may be forged: sorted, and checked for their types."""

    def __init__(self, run: sandbox.Run, cells: list[Cell], cell_seconds: float) -> None:
        self.cells, self.cell_seconds = cells, cell_seconds
        self.at_cell: int | None = None
        self.at_check: str | None = None
        self.troubles: dict[int, str] = {}
        self.late: set[int] = set()
        self.answers: dict[tuple[str, int], dict[str, Any]] = {}
        for record in run.records:
            match record:
                case {"at_cell": int(number)} if self._is_cell(number):
                    self.at_cell, self.at_check = number, None
                case {"at_check": str(name)}:
                    self.at_cell, self.at_check = None, name
                case {"cell": int(number), "error": dict(error)} if self._is_cell(number):
                    stopped = self._stopped(error, cells[number])
                    self.troubles[number] = f"{_quoted(cells[number])} {stopped}"
                    if error.get("type") == "Late":
                        self.late.add(number)
                case {"check": str(name), "case": int(number)}:
                    self.answers.setdefault((name, number), record)

    def outcome(self, name: str, cases: list[Case], troubles: dict[int, str]) -> Outcome | None:
        """What came of a check, None if it was not answered to the end."""
        for number, case in enumerate(cases):
            record = self.answers.get((name, number))
            if record is None:
                return None
            error = record.get("error") if isinstance(record.get("error"), dict) else {}
            if error.get("type") == "NotImplementedError":
                return Outcome(False, "this is not written yet (NotImplementedError)")
            if error.get("type") == "Missing":
                missing = f"there is no {_plain(error.get('text'))} in the notebook"
                return Outcome(False, "; ".join([missing, *list(troubles.values())[:2]]))
            if wrong := self._wrong(record, case):
                return Outcome(False, f"{case.label}: {wrong}" if case.label else wrong)
        return Outcome(True)

    def _wrong(self, record: dict[str, Any], case: Case) -> str:
        if isinstance(record.get("error"), dict):
            return "your code " + self._stopped(record["error"])
        try:
            answer = wire.decode(record.get("value"))
        except ValueError:
            return "the answer is no plain data"
        return verdict(case, answer)

    def _stopped(self, error: dict[str, Any], at: Cell | None = None) -> str:
        """An error of the worker's, in words; at: the cell that the sentence begins with."""
        kind, text, cell = _plain(error.get("type")), _plain(error.get("text")), error.get("cell")
        if kind == "Late":
            return f"took longer than {self.cell_seconds:g} s"
        if kind == "NotData":
            return f"gives back {text}, which is no plain data"
        if kind == "MemoryError":
            return "asked for more memory than there is (MemoryError)"
        where = ""
        if self._is_cell(cell) and isinstance(error.get("line"), int):
            where = f" in line {error['line']}"
            where += "" if self.cells[cell] is at else f" of {_quoted(self.cells[cell])}"
        return f"stopped with {kind}{where}" + (f": {text}" if text else "")

    def _is_cell(self, number: Any) -> bool:
        return type(number) is int and 0 <= number < len(self.cells)


def _quoted(cell: Cell) -> str:
    return f'the cell "{cell.name}"'


def _death(ended: str) -> str:
    if ended == "time":
        return "did not end in time"
    if ended == "output":
        return f"answered with more than {sandbox.MOST_OUTPUT >> 20} MB"
    return f"ended Python itself ({ended})" if "exit" in ended else f"crashed Python ({ended})"


def _plain(text: Any) -> str:
    """A text of the student's on one line, without control characters, cut short."""
    line = " ".join(str(text or "").split())
    return "".join(c for c in line if c.isprintable())[:300]
