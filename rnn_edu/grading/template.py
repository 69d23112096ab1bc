"""The release of an assignment, and what a submission must be held against."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .marking import Cell
from .submission import Submission, SubmittedCell, grade_id, text

Json = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """The notebook that the students got, cell by cell."""

    notebook: Json

    @classmethod
    def read(cls, path: Path) -> Template:
        """Read a release. Raises FileNotFoundError, saying what to do."""
        if not path.is_file():
            raise FileNotFoundError(f"no release at {path}: build the assignment first")
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def _marked(self, **marks: bool) -> dict[str, Json]:
        """{grade_id: cell} of the cells with these of nbgrader's marks."""
        found = {grade_id(cell): cell for cell in self.notebook["cells"] if grade_id(cell)}
        return {
            name: cell
            for name, cell in found.items()
            if all(cell["metadata"]["nbgrader"][mark] == on for mark, on in marks.items())
        }

    @property
    def checks(self) -> dict[str, tuple[str, float]]:
        """{grade_id: (name of the hidden check, points)} of what is graded by running it."""
        cells = self._marked(grade=True, locked=True)
        return {
            name: (name.partition("_")[2], cell["metadata"]["nbgrader"]["points"])
            for name, cell in cells.items()
        }

    @property
    def essays(self) -> dict[str, str]:
        """{grade_id: text as it was released} of what is graded by hand."""
        return {n: text(c["source"]) for n, c in self._marked(grade=True, solution=True).items()}

    @property
    def max_score(self) -> float:
        """All the points that there are, those given by hand included."""
        cells = self._marked(grade=True).values()
        return sum(cell["metadata"]["nbgrader"]["points"] for cell in cells)

    def to_run(self, submission: Submission) -> list[Cell]:
        """The cells to run: ours that were given, then all that the student wrote or changed."""
        locked = self._marked(locked=True)
        given = [n for n in locked if n.startswith("given_")]
        cells = [Cell(name, text(locked[name]["source"])) for name in given]
        left_alone = {text(c["source"]).strip() for c in self.notebook["cells"] if not grade_id(c)}
        for number, cell in enumerate(c for c in submission.cells if c.type == "code"):
            if cell.grade_id in locked or cell.source.strip() in left_alone:
                continue
            cells.append(Cell(cell.grade_id or f"code cell {number + 1}", cell.source))
        return cells

    def answers(self, submission: Submission) -> dict[str, SubmittedCell]:
        """{grade_id: the student's cell} of solutions and essays; of copies, the first."""
        found: dict[str, SubmittedCell] = {}
        for cell in submission.cells:
            if cell.grade_id in self._marked(solution=True):
                found.setdefault(cell.grade_id, cell)
        return found

    def untouched(self, submission: Submission) -> set[str]:
        """The grade_ids of solutions and essays that are missing or as they were released."""
        answers = self.answers(submission)
        return {
            name
            for name, cell in self._marked(solution=True).items()
            if name not in answers
            or answers[name].source.strip() in ("", text(cell["source"]).strip())
        }

    def merged(self, submission: Submission) -> list[tuple[Json, SubmittedCell | None]]:
        """Our cells in our order, each with the student's version where there may be one.

        Cells that the student added or copied follow the cell of ours that they stood behind.
        """
        places = {grade_id(cell): i for i, cell in enumerate(self.notebook["cells"])}
        texts = {text(c["source"]).strip(): i for i, c in enumerate(self.notebook["cells"])}
        answers, behind, last = self.answers(submission), {}, -1
        for cell in submission.cells:
            place = places.get(cell.grade_id) if cell.grade_id else texts.get(cell.source.strip())
            if place is not None and answers.get(cell.grade_id, cell) is cell:
                last = place
            else:
                behind.setdefault(last, []).append(cell)
        merged: list[tuple[Json, SubmittedCell | None]] = []
        for i in range(-1, len(self.notebook["cells"])):
            if i >= 0:
                cell = copy.deepcopy(self.notebook["cells"][i])
                merged.append((cell, answers.get(grade_id(cell))))
            for number, added in enumerate(behind.get(i, [])):
                merged.append((_added(added, f"added-{i + 1:03d}-{number:03d}"), added))
        return merged


def _added(cell: SubmittedCell, name: str) -> Json:
    made: Json = {"cell_type": cell.type, "id": name, "metadata": {}, "source": ""}
    return made | ({"execution_count": None, "outputs": []} if cell.type == "code" else {})
