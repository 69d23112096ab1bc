"""Feedback pages, from the graded notebooks and the gradebook, in nbgrader's own form.

The same exporter, template and preprocessors as `nbgrader generate_feedback`, without MathJax; that
command takes a student's name for a pattern of file names, and stops where it cannot.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback

from .course import Course, write
from .maths import NO_MATHJAX

# `nbgrader release_feedback` reads them beside each page, and stops for all where one is missing.
# The second names the page in the exchange: where it is lost, one that nobody can guess.
RECEIPT = ("timestamp.txt", "submission_secret.txt")
MOST_RECEIPT = 1000  # bytes


def give(course: Course, assignment: str, *, renew: bool = True) -> int:
    """Write feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where `nbgrader release_feedback` looks.

    renew: write every page, since marks may have been given by hand; without it only those that
    are missing or older than the graded notebook. Returns how many were written.
    """
    found = (course.root / "autograded").glob(f"*/{assignment}/{assignment}.ipynb")
    graded = {path.parent.parent.name: path.stat().st_mtime for path in found}
    settings = course.settings()
    converter = GenerateFeedback(coursedir=course.directory(), config=settings)
    exporter = HTMLExporter(config=converter.config, extra_loaders=[NO_MATHJAX])
    for preprocessor in converter.preprocessors:
        exporter.register_preprocessor(preprocessor, enabled=True)
    written = 0
    for student, since in sorted(graded.items()):
        place = course.root / "feedback" / student / assignment / f"{assignment}.html"
        if not renew and place.exists() and place.stat().st_mtime >= since:
            continue
        path = course.notebook("autograded", assignment, student)
        names = {"student": student, "assignment": assignment, "notebook": assignment}
        resources = {"unique_key": assignment, "nbgrader": names | {"db_url": course.database}}
        page, _ = exporter.from_filename(str(path), resources=resources)
        for name in RECEIPT:
            said = _receipt(course.root / "submitted" / student / assignment / name)
            write(place.parent / name, said or secrets.token_urlsafe())
        write(place, page)
        written += 1
    return written


def _receipt(path: Path) -> str:
    """What nbgrader wrote when it was handed in; "" where there is no such small plain file."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_RECEIPT:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")
