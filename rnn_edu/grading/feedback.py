"""Feedback pages, from the graded notebooks and the gradebook, in nbgrader's own form.

The same exporter, template and preprocessors as `nbgrader generate_feedback`; that command takes a
student's name for a pattern of file names, and stops where it cannot.
"""

from __future__ import annotations

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback

from .course import Course
from .grade import write


def give(course: Course, assignment: str, *, renew: bool = True) -> int:
    """Write feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where `nbgrader release_feedback` looks.

    renew: write every page, since marks may have been given by hand; without it only those that
    are missing or older than the graded notebook. Returns how many were written.
    """
    found = (course.root / "autograded").glob(f"*/{assignment}/{assignment}.ipynb")
    graded = {path.parent.parent.name: path.stat().st_mtime for path in found}
    settings = course.settings()
    converter = GenerateFeedback(coursedir=course.directory(), config=settings)
    exporter = HTMLExporter(config=converter.config)
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
        write(place, page)
        written += 1
    return written
