"""The page of all statements that the lessons check."""

from __future__ import annotations

import re

from book.course import Lesson, Statement, anchor

HEAD = """\
---
myst:
  html_meta:
    description: Every statement that a cell of this course checks, with its value and its cell.
---
# What the lessons claim

{total} statements of the lessons stand on a cell that checks them each time the lessons are tested:
{claims} that hold or fail, and {nears} numbers with the tolerance within which they are the same
finding. Here they are, as the notebooks store them. The arrow leads to the cell.
"""


def page(lessons: tuple[Lesson, ...]) -> str:
    """The page in Markdown: one heading a lesson, one line a statement."""
    statements = [s for lesson in lessons for s in lesson.statements]
    nears = sum(bool(s.value) for s in statements)
    parts = [HEAD.format(total=len(statements), claims=len(statements) - nears, nears=nears)]
    for lesson in lessons:
        if lesson.statements:
            heading = f"[{lesson.number} · {escape(lesson.title)}]({lesson.stem}.ipynb)"
            parts.append(f"## {heading}\n")
            parts += [line(lesson, s) for s in lesson.statements]
            parts.append("")
    return "\n".join(parts)


def line(lesson: Lesson, statement: Statement) -> str:
    """A statement, the value of a measured one, and the way to its cell."""
    value = f": **{statement.value}**" if statement.value else ""
    cell = f"{lesson.stem}.ipynb#{anchor(statement.cell)}"
    return f"- {escape(statement.name)}{value} [→]({cell} 'the cell {statement.cell}')"


def escape(text: str) -> str:
    """Text as Markdown that shows it as it is; `code` stays code."""
    parts = re.split(r"(`[^`]+`)", text)
    parts[::2] = [re.sub(r"([\\*_{}\[\]<>#$|~^])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)
