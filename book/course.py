"""What the notebooks say of themselves: title, question, minutes, figures, checked statements.

The pages of the book, and the tests that hold the README to the lessons, read it here.
"""

from __future__ import annotations

import functools
import html
import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"

HEAD = re.compile(
    r"# (?P<number>\d\d) · (?P<title>.+)\n\n"
    r"\*\*(?P<question>.+)\*\*\n\n"
    r"(?P<minutes>\d+) minutes\. (?P<needs>.+)\n"
)
TASK = re.compile(
    r"# (?P<number>A\d): (?P<title>.+?)\n\n.*"
    r"About (?P<minutes>\d+) minutes, after lessons? (?P<lessons>\d\d(?:(?:, | and )\d\d)*)\. "
    r"(?P<points>\d+) points",
    re.DOTALL,
)
CLAIM = re.compile(r"^holds: (?P<name>.+)$", re.MULTILINE)
NEAR = re.compile(r"^(?P<name>.+): (?P<value>\S+ ± \S+)$", re.MULTILINE)
FRAME = re.compile(r'<iframe [^>]*\btitle="(?P<title>[^"]*) \(interactive figure\)"')


class Statement(NamedTuple):
    """A line that `claim` or `near` has printed. value: such as "0.64 ± 0.03", "" of a claim."""

    name: str
    value: str
    cell: str  # its id, such as "01-007"


class Picture(NamedTuple):
    """An interactive figure as it is stored."""

    title: str
    html: str
    cell: str


class Lesson(NamedTuple):
    """The first cell of a notebook, and what its cells have printed and drawn."""

    stem: str
    number: str
    title: str
    question: str
    minutes: int
    needs: str  # Markdown, with links as in the notebook
    statements: tuple[Statement, ...]
    figures: tuple[Picture, ...]


class Assignment(NamedTuple):
    """The first cell of an assignment's notebook, as students get it."""

    stem: str
    number: str  # "A1"
    title: str
    minutes: int
    lessons: tuple[str, ...]  # the numbers of those that it follows
    points: int


@functools.cache
def lessons(folder: Path = NOTEBOOKS) -> tuple[Lesson, ...]:
    """The lessons in order: the notebooks whose names begin with a number.

    Raises ValueError naming the notebook whose first cell is not a lesson's, or was not found.
    """
    return tuple(read(path) for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")))


def read(path: Path) -> Lesson:
    """One lesson. Raises ValueError if its first cell has no title, question or minutes."""
    nb = nbformat.read(path, as_version=4)
    head = HEAD.match(nb.cells[0].source)
    if head is None or head["number"] != path.stem[:2]:
        raise ValueError(
            f"{path.name} must begin with '# {path.stem[:2]} · title', '**question**' and"
            f" 'N minutes. What it needs', got {nb.cells[0].source[:60]!r}"
        )
    return Lesson(
        path.stem,
        head["number"],
        head["title"],
        head["question"],
        int(head["minutes"]),
        head["needs"],
        tuple(s for cell in nb.cells for s in _statements(cell)),
        tuple(p for cell in nb.cells for p in _pictures(cell)),
    )


@functools.cache
def assignments(folder: Path = NOTEBOOKS / "assignments") -> tuple[Assignment, ...]:
    """The assignments in order.

    Raises ValueError naming the notebook whose first cell lacks title, minutes, lessons or points.
    """
    return tuple(task(path) for path in sorted(folder.glob("a[0-9]_*.ipynb")))


def task(path: Path) -> Assignment:
    """One assignment. Raises ValueError as `assignments`."""
    first = nbformat.read(path, as_version=4).cells[0].source
    head = TASK.match(re.sub(r"(?<!\n)\n(?!\n)", " ", first))
    if head is None or head["number"].lower() != path.stem[:2]:
        raise ValueError(
            f"{path.name} must begin with '# {path.stem[:2].upper()}: title' and say 'About N"
            f" minutes, after lessons NN and NN. N points', got {first[:60]!r}"
        )
    return Assignment(
        path.stem,
        head["number"],
        head["title"][:1].upper() + head["title"][1:],
        int(head["minutes"]),
        tuple(re.findall(r"\d\d", head["lessons"])),
        int(head["points"]),
    )


def _statements(cell: NotebookNode) -> list[Statement]:
    """In the order in which they were printed."""
    text = "".join(output.get("text", "") for output in cell.get("outputs", ()))
    found = list(CLAIM.finditer(text)) if "claim(" in cell.source else []
    found += NEAR.finditer(text) if "near(" in cell.source else []
    found.sort(key=re.Match.start)
    return [Statement(m["name"], m.groupdict().get("value", ""), cell.id) for m in found]


def _pictures(cell: NotebookNode) -> list[Picture]:
    """Figures, but no quizzes."""
    if "Quiz(" in cell.source:
        return []
    stored = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", ())]
    return [
        Picture(html.unescape(frame["title"]), text, cell.id)
        for text in stored
        if (frame := FRAME.search(text))
    ]


def lesson(number: str) -> Lesson | None:
    """The lesson with a number such as "07", or None while there is none."""
    return next((one for one in lessons() if one.number == number), None)


def stated(number: str, name: str) -> Statement:
    """The number that a lesson states under a name. Raises ValueError if it states none."""
    one = lesson(number)
    found = [s for s in one.statements if s.value and s.name == name] if one else []
    if not found:
        raise ValueError(f"lesson {number} states no number named {name!r}")
    return found[0]


def figure(number: str, title: str) -> Picture:
    """The figure of a lesson with a title. Raises ValueError if it has none."""
    one = lesson(number)
    found = [picture for picture in one.figures if picture.title == title] if one else []
    if not found:
        raise ValueError(f"lesson {number} has no figure {title!r}")
    return found[0]


def anchor(cell: str) -> str:
    """Where a cell stands on its lesson's page, such as "cell-01-007"."""
    return f"cell-{cell}"
