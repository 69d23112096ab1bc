"""Feedback pages, by nbgrader's own command, from the graded notebooks."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from .course import Course


def give(course: Course, assignment: str, students: Iterable[str] | None = None) -> None:
    """Write feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where `nbgrader release_feedback` looks.

    students: whose pages to write again; all by default. Raises RuntimeError with nbgrader's words.
    """
    folder = course.root / "feedback"
    for name in [p.name for p in folder.glob("*")] if students is None else students:
        shutil.rmtree(folder / name / assignment, ignore_errors=True)
    if not any((course.root / "autograded").glob(f"*/{assignment}")):
        return
    done = course.nbgrader().generate_feedback(assignment, force=False)
    if not done["success"]:
        raise RuntimeError(f"no feedback for {assignment}: {done.get('log') or done.get('error')}")
