"""The form of an assignment: percent text with short tags, and the notebook that it becomes.

A tag is the rest of a `# %%` line: given:NAME, solution:NAME, test:NAME, test:NAME:POINTS,
hidden:NAME:POINTS, and on a Markdown cell essay:NAME:POINTS. Cells without one are text, and code
to play with. `read` refuses what would only show as a wrong mark weeks later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext

KINDS = {"given": "code", "solution": "code", "test": "code", "hidden": "code", "essay": "markdown"}
POINTS = {"test": "may", "hidden": "must", "essay": "must"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "raise NotImplementedError  # your code"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class FormError(ValueError):
    """An assignment's text is not in the form; says in which cell, and what was expected."""


@dataclass(frozen=True)
class Part:
    """One cell of an assignment. kind: a key of KINDS, or "" for a cell without a tag."""

    kind: str
    name: str
    points: int
    type: str  # "code" or "markdown"
    source: str


@dataclass(frozen=True)
class Assignment:
    """An assignment as it was read: its name, and its cells in order."""

    name: str
    parts: tuple[Part, ...]

    @property
    def points(self) -> dict[str, int]:
        """{name of a hidden check: its points}, in the order of the cells."""
        parts = [p for p in self.parts if p.kind in ("test", "hidden") and p.points]
        return {p.name: p.points for p in parts}


def read(path: Path) -> Assignment:
    """Read an assignment's percent text. Raises FormError."""
    cells = jupytext.reads(path.read_text(encoding="utf-8"), "py:percent").cells
    parts = tuple(_part(c["cell_type"], c["metadata"].get("title", ""), c["source"]) for c in cells)
    seen: set[tuple[str, str]] = set()
    for part in parts:
        earned = "check" if part.points and part.kind in ("test", "hidden") else part.kind
        if part.kind and (earned, part.name) in seen:
            raise FormError(f"{part.kind}:{part.name} stands twice; a name is used once")
        seen.add((earned, part.name))
    return Assignment(path.stem, parts)


def _part(type_: str, tag: str, source: str) -> Part:
    if not tag:
        if BEGIN in source or END in source:
            raise FormError(f"a solution in a cell without a tag: {source[:60]!r}")
        return Part("", "", 0, type_, source)
    match = re.fullmatch(r"(\w+):([a-z][a-z0-9_]*)(?::([1-9]\d*))?", tag)
    if not match or match[1] not in KINDS:
        raise FormError(f"the tag {tag!r}: expected {', '.join(KINDS)} as KIND:NAME[:POINTS]")
    kind, name, points = match[1], match[2], int(match[3] or 0)
    if KINDS[kind] != type_:
        raise FormError(f"{tag}: expected a {KINDS[kind]} cell, got {type_}")
    if points and kind not in POINTS:
        raise FormError(f"{tag}: a {kind} cell carries no points")
    if not points and POINTS.get(kind) == "must":
        raise FormError(f"{tag}: expected {kind}:NAME:POINTS")
    marks = [line.strip() for line in source.splitlines() if BEGIN in line or END in line]
    if marks != ([BEGIN, END] if kind in ("solution", "essay") else []):
        raise FormError(f"{tag}: expected {BEGIN}, then {END}, in solution and essay cells alone")
    lines = [line.strip() for line in source.splitlines()]
    if kind == "hidden" and any(line and not line.startswith("#") for line in lines):
        raise FormError(f"{tag}: a hidden cell holds comments only; its check is in hidden/")
    return Part(kind, name, points, type_, source)


def notebook(assignment: Assignment) -> dict[str, Any]:
    """The notebook that nbgrader calls the source: with solutions, cells marked for it.

    The same text gives the same bytes: ids follow from names, and nothing else varies.
    """
    cells: list[dict[str, Any]] = []
    for number, part in enumerate(assignment.parts):
        if part.kind == "essay":
            question, begin, answer = part.source.partition(BEGIN)
            cells.append(_cell(part, f"question_{part.name}", question.strip(), locked=True))
            cells.append(_cell(part, f"essay_{part.name}", begin + answer, grade=True, open_=True))
        elif part.kind == "solution":
            cells.append(_cell(part, part.name, part.source, open_=True))
        elif part.kind:
            name, grade = f"{part.kind}_{part.name}", part.points > 0
            cells.append(_cell(part, name, part.source, locked=True, grade=grade))
        else:
            cells.append(_cell(part, f"cell-{number:03d}", part.source))
    return {
        "cells": cells,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(
    part: Part,
    name: str,
    source: str,
    *,
    locked: bool = False,
    grade: bool = False,
    open_: bool = False,
) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if part.kind:
        metadata["nbgrader"] = {
            "grade": grade,
            "grade_id": name,
            "locked": locked,
            "schema_version": 3,
            "solution": open_,
            "task": False,
        }
        if grade:
            metadata["nbgrader"]["points"] = part.points
    cell = {"cell_type": part.type, "id": name[:64], "metadata": metadata, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if part.type == "code" else {})
