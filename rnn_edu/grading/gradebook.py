"""Marks into nbgrader's gradebook; what a person gave by hand stays."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Set
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

NO_RESPONSE = "No response."


def record(
    gradebook: Gradebook,
    assignment: str,
    student: str,
    scores: Mapping[str, float],
    untouched: Set[str],
    *,
    changed: bool,
    handed_in: datetime.datetime | None,
) -> float:
    """Record one submission; returns its score, points by hand included.

    scores: {grade_id: points} of all that was graded by running it. untouched: solutions and
    essays without an answer; such an essay gets 0. changed: the submission is another than at the
    last grading, so what was graded by hand is to be looked at again.
    """
    gradebook.update_or_create_student(student)
    with gradebook.db.no_autoflush:  # nbgrader builds a submission before it is in the session
        submission = gradebook.update_or_create_submission(assignment, student, timestamp=handed_in)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            by_hand = grade.name not in scores
            if by_hand:
                grade.auto_score = 0.0 if grade.name in untouched else None
            else:
                grade.auto_score = scores[grade.name]
            waiting = by_hand and grade.auto_score is None and grade.manual_score is None
            again = changed and grade.manual_score is not None
            grade.needs_manual_grade = bool(waiting or again or _kept(grade, changed))
        for comment in notebook.comments:
            comment.auto_comment = NO_RESPONSE if comment.name in untouched else None
    gradebook.db.commit()
    gradebook.db.refresh(submission)
    return float(submission.score)


def _kept(grade: object, changed: bool) -> bool:
    """Whether a cell with a mark by hand already waits to be looked at again."""
    return not changed and grade.manual_score is not None and bool(grade.needs_manual_grade)


def handed_in(folder: Path) -> datetime.datetime | None:
    """When nbgrader received a submission, None where that is not known."""
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 100:
        return None
    try:
        return parse_utc(path.read_text(encoding="utf-8").strip())
    except ValueError:
        return None
