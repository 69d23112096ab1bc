"""Grade a class: every submission of an assignment, side by side, each exactly once.

A result is on the disk before the next step builds on it, so a grading that was stopped goes on
where it was; a submission that has not changed since keeps its result. Nothing is lost: whatever
cannot be graded is a result too, with a reason.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import secrets
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from . import cases, collect, gradebook, sandbox, submission
from .course import Course, write
from .marking import Paper, mark
from .report import graded_notebook, table
from .template import Template

VERSION = 1  # of the results; a new one grades everything again
SHORTEST_COPY = 200  # characters of answers from which on equal texts are reported


@dataclass
class Result:
    """What came of one submission.

    key: what it depends on, so that an unchanged one is not graded again. content: what of that
    was handed in. problem: why nothing could be graded, or "". scores, reasons: by grade_id, of
    what is graded by running it. untouched: solutions and essays without an answer. fingerprint:
    of the answers' text.
    """

    student: str
    key: str
    content: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)
    fingerprint: str = ""


@dataclass(frozen=True)
class Grading:
    """One assignment of one course, with its inputs drawn. key: what all its results depend on."""

    course: Course
    assignment: str
    template: Template
    paper: Paper
    key: str

    @classmethod
    def prepare(cls, course: Course, assignment: str, seed: int | None = None) -> Grading:
        """Read the assignment and draw its inputs; seed: another one than the recorded."""
        release, hidden = course.notebook("release", assignment), course.hidden(assignment)
        template = Template.read(release)
        seed = recorded_seed(course.results(assignment), seed)
        paper = Paper.draw(cases.load(hidden), seed)
        parts = [str(VERSION), str(seed), _hash(release.read_bytes()), _hash(hidden.read_bytes())]
        return cls(course, assignment, template, paper, ":".join(parts))

    def students(self) -> list[str]:
        """All who handed in something, also those of whom nothing was accepted."""
        folder = self.course.root / "submitted"
        handed = {p.parent.name for p in folder.glob(f"*/{self.assignment}")}
        handed |= set(collect.refused(self.course.results(self.assignment)))
        return sorted(name for name in handed if not name.startswith("."))

    def result(self, student: str, again: bool = False) -> tuple[Result, Result | None]:
        """A student's result, and the one before: the same one if there is nothing new."""
        path = self.course.results(self.assignment) / "results" / f"{student}.json"
        folder = self.course.root / "submitted" / student / self.assignment
        problem, notes = "", collect.refused(self.course.results(self.assignment)).get(student, [])
        handed = submission.Submission(b"", [], [])
        try:
            if notes and not folder.exists():
                raise submission.Unreadable("refused: " + "; ".join(notes))
            handed = submission.read(folder, self.assignment)
        except submission.Unreadable as error:
            problem = str(error)
        content = _hash(handed.content + json.dumps([problem, notes]).encode())
        key = f"{self.key}:{content}"
        graded = self.course.notebook("autograded", self.assignment, student)
        old = _old(path)
        if not again and graded.exists() and old and old.key == key:
            return old, old
        made = Result(student, key, content, problem, [*handed.notes, *notes])
        self._fill(made, handed)
        verdicts = {name: self._said(made, name) for name in made.scores}
        notebook = graded_notebook(self.template, handed, verdicts, problem)
        write(graded, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        write(path, json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n")
        return made, old

    def failed(self, student: str, error: Exception) -> Result:
        """Where the grading itself failed: no points yet, a word to the teacher, tried again."""
        problem = "the grading failed; your teacher has been told"
        made = Result(student, "", "", problem, [repr(error)])
        made.scores = dict.fromkeys(self.template.checks, 0.0)
        made.reasons = dict.fromkeys(self.template.checks, made.problem)
        return made

    def _fill(self, made: Result, handed: submission.Submission) -> None:
        """Mark, and write scores and reasons down."""
        made.untouched = sorted(self.template.untouched(handed))
        answers = self.template.answers(handed)
        written = "\n".join(answers[n].source for n in sorted(set(answers) - set(made.untouched)))
        if len(written) >= SHORTEST_COPY:
            made.fingerprint = _hash("".join(written.split()).encode())
        outcomes = {} if made.problem else mark(self.template.to_run(handed), self.paper)
        for name, (check, points) in self.template.checks.items():
            right = check in outcomes and outcomes[check].right
            made.scores[name] = points if right else 0.0
            if not right:
                made.reasons[name] = outcomes[check].reason if outcomes else made.problem

    def _said(self, made: Result, name: str) -> str:
        points = self.template.checks[name][1]
        if name not in made.reasons:
            return f"{points:g} of {points:g} points."
        return f"0 of {points:g} points: {made.reasons[name]}."


@dataclass(frozen=True)
class Summary:
    """Of a whole class: results by student, who was graded anew, and where the table is."""

    results: dict[str, Result]
    new: list[str]
    table: Path


def grade(
    course: Course,
    assignment: str,
    *,
    jobs: int | None = None,
    seed: int | None = None,
    again: bool = False,
) -> Summary:
    """Grade all submissions of one assignment into gradebook, autograded notebooks and a table.

    jobs: how many at a time; by default one for each processor. seed: draw the inputs from
    another seed than the recorded one. again: also what was graded before.
    Raises SandboxMissing, before anything is run; FileNotFoundError if it was not built here.
    """
    sandbox.require()
    grading = Grading.prepare(course, assignment, seed)
    results: dict[str, Result] = {}
    scores: dict[str, float] = {}
    new: list[str] = []
    students = grading.students()
    with (
        course.gradebook() as book,
        concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool,
        tqdm(total=len(students), desc=assignment, unit="submission") as bar,
    ):
        waiting = {pool.submit(grading.result, name, again): name for name in students}
        try:
            for done in concurrent.futures.as_completed(waiting):
                student = waiting[done]
                try:
                    made, old = done.result()
                except Exception as error:
                    made, old = grading.failed(student, error), None
                scores[student] = gradebook.record(
                    book,
                    assignment,
                    student,
                    made.scores,
                    set(made.untouched),
                    changed=old is None or old.content != made.content,
                    handed_in=gradebook.handed_in(course.root / "submitted" / student / assignment),
                )
                results[student] = made
                new += [student] if made is not old else []
                bar.update()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    path = course.results(assignment) / f"{assignment}.csv"
    write(path, table(_rows(grading, results, scores)))
    return Summary(dict(sorted(results.items())), sorted(new), path)


def _rows(
    grading: Grading, results: dict[str, Result], scores: dict[str, float]
) -> list[dict[str, Any]]:
    """One row a student: the score, then each check with its reason, then what is to be known."""
    same: dict[str, list[str]] = defaultdict(list)
    for result in results.values():
        if result.fingerprint:
            same[result.fingerprint].append(result.student)
    rows = []
    for student, result in sorted(results.items()):
        row: dict[str, Any] = {
            "student": student,
            "score": scores[student],
            "max_score": grading.template.max_score,
            "problem": result.problem,
        }
        for name in grading.template.checks:
            row |= {name: result.scores[name], f"{name}: reason": result.reasons.get(name, "")}
        twins = sorted(set(same.get(result.fingerprint, [])) - {student})
        row |= {"notes": "; ".join(result.notes), "same answers as": "; ".join(twins)}
        rows.append(row)
    return rows


def recorded_seed(folder: Path, seed: int | None = None) -> int:
    """The seed that an assignment's inputs are drawn from: recorded once, then kept."""
    path = folder / "seed.json"
    if seed is None and path.exists():
        return int(json.loads(path.read_text(encoding="utf-8"))["seed"])
    seed = secrets.randbits(32) if seed is None else seed
    write(path, json.dumps({"seed": seed}) + "\n")
    return seed


def _old(path: Path) -> Result | None:
    try:
        return Result(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
