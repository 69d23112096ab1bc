"""What a teacher and a student see of a marked submission: nothing hidden, nothing that runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .submission import Submission, SubmittedCell, text
from .template import Json, Template

MOST_SOURCE = 100_000  # characters of one cell
MOST_PRINTED = 20_000  # characters of one cell's outputs
MOST_PICTURE = 2 << 20
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
TAG = re.compile(r"<(?=[A-Za-z/!?])")
LINK = re.compile(r"\](?=[(:\[])")


def graded_notebook(
    template: Template, submission: Submission, verdicts: Mapping[str, str], problem: str
) -> Json:
    """The submission in nbgrader's "autograded" form: our cells, the student's answers in them.

    verdicts: {grade_id of a cell with a hidden check: what to say below it}. problem: why nothing
    could be graded, or "". The text of the formgrader's pages and of the feedback is taken from
    here, so the student's part of it holds no HTML, no script and no more than a reader can read.
    """
    cells: list[Json] = []
    if problem:
        said = f"**This was not graded:** {harmless(problem)}."
        cells.append({"cell_type": "markdown", "id": "problem", "metadata": {}, "source": said})
    for cell, theirs in template.merged(submission):
        if theirs is not None:
            _fill(cell, theirs)
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in verdicts:
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": verdicts[name]}]
        cells.append(cell)
    return template.notebook | {"cells": cells}


def _fill(cell: Json, theirs: SubmittedCell) -> None:
    source = theirs.source[:MOST_SOURCE]
    if len(theirs.source) > MOST_SOURCE:
        source += f"\n# ... {len(theirs.source) - MOST_SOURCE} more characters"
    cell["source"] = harmless(source) if cell["cell_type"] == "markdown" else source
    if cell["cell_type"] == "code":
        cell["outputs"] = list(_outputs(theirs.outputs))


def harmless(markdown: str) -> str:
    """Markdown without HTML, links and pictures: what opens one gets a space, and opens none.

    nbgrader's pages put the HTML that Markdown may hold, and the address of any link, as they are.
    """
    return LINK.sub("] ", TAG.sub("< ", CONTROL.sub("", markdown)))


def _outputs(outputs: Iterable[Any]) -> Iterable[Json]:
    """Text and PNG pictures of a cell's outputs, up to a length; everything else is left out."""
    left = MOST_PRINTED
    for output in outputs:
        if not isinstance(output, dict) or left <= 0:
            continue
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        printed = text(output.get("text")) or text(data.get("text/plain"))
        if output.get("output_type") == "error":
            printed = f"{text(output.get('ename'))}: {text(output.get('evalue'))}"
        printed = CONTROL.sub("", printed)
        picture = text(data.get("image/png"))
        if picture and len(picture) < MOST_PICTURE and re.fullmatch(r"[A-Za-z0-9+/=\s]+", picture):
            yield {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
        elif printed:
            cut = "\n... cut here" if len(printed) > left else ""
            yield {"output_type": "stream", "name": "stdout", "text": printed[:left] + cut}
            left -= len(printed)


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV; no text of a student's is a formula to a spreadsheet."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = CONTROL.sub("", value.replace("\n", " "))
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
