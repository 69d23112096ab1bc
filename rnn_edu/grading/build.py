"""Build an assignment: its percent text and hidden checks into a course folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from . import cases, form
from .course import SETTINGS, Course


class BuildError(RuntimeError):
    """nbgrader could not make the release; its own words."""


def build(source: Path, course: Course) -> Path:
    """Build one assignment into a course folder; returns the notebook for the students.

    source: notebooks/assignments/NAME.py, with hidden/NAME.py beside it.
    Raises FormError; FileNotFoundError without hidden checks; ValueError if the checks are not
    those of the tags; BuildError.
    """
    assignment = form.read(source)
    checks = source.parent / "hidden" / source.name
    agree(assignment, cases.load(checks))
    text = json.dumps(form.notebook(assignment), indent=1, ensure_ascii=False) + "\n"
    name = assignment.name
    for path in (course.notebook("source", name), course.hidden(name)):
        path.parent.mkdir(parents=True, exist_ok=True)
    course.notebook("source", name).write_text(text, encoding="utf-8")
    shutil.copyfile(checks, course.hidden(name))
    course.root.chmod(0o700)  # solutions, checks and marks
    settings = course.root / "nbgrader_config.py"
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")
    done = course.nbgrader().generate_assignment(name, force=True)
    if not done["success"]:
        said = done.get("log") or done.get("error")
        raise BuildError(f"nbgrader made no release of {name}: {said}")
    return course.notebook("release", name)


def release(source: Path, folder: Path) -> Path:
    """Write the students' notebook alone, for whoever works without a class; returns it.

    source: notebooks/assignments/NAME.py. Raises as `build`.
    """
    with tempfile.TemporaryDirectory() as course:
        made = build(source, Course(Path(course)))
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(made, folder / made.name))


def agree(assignment: form.Assignment, hidden: cases.Hidden) -> None:
    """Raises ValueError unless there is one hidden check for each tag with points."""
    tags, checks = set(assignment.points), set(hidden.checks)
    if tags != checks:
        raise ValueError(
            f"{assignment.name}: tags with points and hidden checks differ; only tags: "
            f"{sorted(tags - checks)}, only checks: {sorted(checks - tags)}"
        )
