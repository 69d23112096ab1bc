"""Read what was handed in. Everything here is the student's, so nothing is taken on trust.

A notebook is read as plain JSON, field by field, so that one odd field does not lose the rest; what
cannot be read at all becomes a reason that its author understands.
"""

from __future__ import annotations

import json
import os
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_BYTES = 32 << 20
MOST_CELLS = 2000


class Unreadable(Exception):
    """Nothing can be graded; the message tells the student why."""


@dataclass(frozen=True)
class SubmittedCell:
    """A cell of a submitted notebook. grade_id: nbgrader's name of it, "" for others."""

    type: str  # "code" or "markdown"
    source: str
    grade_id: str
    outputs: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in: its bytes, its cells, and what the teacher should know."""

    content: bytes
    cells: list[SubmittedCell]
    notes: list[str]


def read(folder: Path, assignment: str) -> Submission:
    """Read a submission's folder: submitted/STUDENT/ASSIGNMENT.

    Raises Unreadable.
    """
    for part in (folder.parent, folder):
        if part.is_symlink() or not part.is_dir():
            raise Unreadable("what was handed in is no folder of its own")
    path, notes = _choose(folder, assignment)
    content = _bytes(path)
    return Submission(content, _cells(content), notes)


def _choose(folder: Path, assignment: str) -> tuple[Path, list[str]]:
    """The notebook to grade: the one of the right name, else the only one."""
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".ipynb")
    plain = {p: unicodedata.normalize("NFC", p.name) for p in found}
    exact = [p for p in found if p.name == f"{assignment}.ipynb"]
    if exact:
        others = [plain[p] for p in found if p not in exact]
        return exact[0], [f"not graded: {name}" for name in others]
    if len(found) == 1:
        return found[0], [f"handed in as {plain[found[0]]}"]
    if found:
        raise Unreadable(
            f"there are {len(found)} notebooks and none is called {assignment}.ipynb; hand in one"
        )
    others = sorted(p.name for p in folder.iterdir() if p.name != "timestamp.txt")
    held = f" (there is {', '.join(others)[:200]})" if others else ""
    raise Unreadable(f"no notebook was handed in{held}; hand in {assignment}.ipynb itself")


def _bytes(path: Path) -> bytes:
    """A plain file's content; never a link's, nor that of anything that could block."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise Unreadable(f"{path.name} is a link, or cannot be opened") from None
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        os.close(file)
        raise Unreadable(f"{path.name} is no plain file")
    with os.fdopen(file, "rb") as opened:
        if status.st_size > MOST_BYTES:
            raise Unreadable(
                f"{path.name} has {status.st_size >> 20} MB, more than the {MOST_BYTES >> 20} that "
                "are read; clear its outputs, save, and hand it in again"
            )
        return opened.read(MOST_BYTES)


def _cells(content: bytes) -> list[SubmittedCell]:
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable(
            "the file is no notebook (its JSON is broken); does it open in Jupyter?"
        ) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is no notebook of format 4 (it has no list of cells)")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"the notebook has {len(cells)} cells, more than {MOST_CELLS}")
    return [_cell(cell) for cell in cells if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> SubmittedCell:
    outputs = cell.get("outputs")
    return SubmittedCell(
        "code" if cell.get("cell_type") == "code" else "markdown",
        text(cell.get("source")),
        grade_id(cell),
        outputs if isinstance(outputs, list) else [],
    )


def grade_id(cell: dict[str, Any]) -> str:
    """nbgrader's name of a cell, "" where there is none."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def text(value: Any) -> str:
    """A notebook's text, a string or a list of lines; letters that no file can hold become "?"."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")
