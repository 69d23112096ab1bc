"""Feedback pages, from the graded notebooks and the gradebook, in nbgrader's own form.

The same exporter, template and preprocessors as `nbgrader generate_feedback`; that command takes a
student's name for a pattern of file names, and stops where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback

from .course import Course
from .grade import write


def give(course: Course, assignment: str, students: Iterable[str] | None = None) -> int:
    """Write feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where `nbgrader release_feedback` looks.

    students: whose pages to write; by default all who were graded. Returns how many were written.
    """
    found = (course.root / "autograded").glob(f"*/{assignment}/{assignment}.ipynb")
    graded = {path.parent.parent.name for path in found}
    students = sorted(graded if students is None else graded & set(students))
    settings = course.settings()
    converter = GenerateFeedback(coursedir=course.directory(), config=settings)
    exporter = HTMLExporter(config=converter.config)
    for preprocessor in converter.preprocessors:
        exporter.register_preprocessor(preprocessor, enabled=True)
    for student in students:
        path = course.notebook("autograded", assignment, student)
        names = {"student": student, "assignment": assignment, "notebook": assignment}
        resources = {"unique_key": assignment, "nbgrader": names | {"db_url": course.database}}
        page, _ = exporter.from_filename(str(path), resources=resources)
        write(course.root / "feedback" / student / assignment / f"{assignment}.html", page)
    return len(students)
