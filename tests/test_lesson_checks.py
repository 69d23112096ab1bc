"""The functions that lessons ask for: empty as they ship, and the worked answers are right.

A lesson asks with a cell that defines a function without a body and has it checked. The answer
stands behind that cell, folded away in Markdown or as the lesson's own code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnn_edu import checks
from rnn_edu.checks import Verdict
from rnn_edu.checks.exercise import describe, load
from tests.rerun import find_notebooks

CHECKED = re.compile(r'^checks\.check\("(\w+)", (\w+)\)$', re.MULTILINE)
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Task(NamedTuple):
    """A cell that has a function checked, and what stands around it."""

    lesson: str
    check: str
    function: str
    source: str
    printed: dict[str, str]  # the stored output, by MIME type
    imports: str  # all those of the lesson
    behind: tuple[NotebookNode, ...]

    @property
    def is_empty(self) -> bool:
        return "raise NotImplementedError" in self.source

    def __str__(self) -> str:
        return f"{self.lesson[:2]}-{self.function}"


def tasks(nb: NotebookNode, lesson: str) -> list[Task]:
    """The checks of a notebook, in order."""
    codes = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    nodes = [node for code in codes for node in ast.parse(code).body]
    imports = [ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    found = []
    for k, cell in enumerate(nb.cells):
        asked = CHECKED.search(cell.source) if cell.cell_type == "code" else None
        if asked:
            printed = cell.outputs[-1].data if cell.outputs else {}
            about = cell.source, printed, "\n".join(imports), tuple(nb.cells[k + 1 :])
            found.append(Task(lesson, *asked.groups(), *about))
    return found


def answer(task: Task) -> str:
    """The code of the first answer behind a task. Raises LookupError where there is none."""
    for cell in task.behind:
        folded = "\n".join(FOLDED.findall(cell.source))
        for code in [cell.source] if cell.cell_type == "code" else BLOCK.findall(folded):
            if re.search(rf"^def {task.function}\(", code, re.MULTILINE):
                return code
    raise LookupError(f"{task.lesson} has no answer to {task.function}")


def defined(task: Task, code: str) -> Callable[..., Any]:
    """The function that code defines, with the lesson's imports; its other lines do not run."""
    (function,) = (
        node
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name == task.function
    )
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    scope: dict[str, Any] = {}
    for node in ast.parse(task.imports).body:
        if used & {alias.asname or alias.name for alias in node.names}:
            exec(ast.unparse(node), scope)
    exec(ast.unparse(function), scope)
    return scope[task.function]


def shown(verdict: Verdict) -> dict[str, str]:
    """What a notebook stores of a verdict."""
    return {"text/plain": str(verdict), "text/html": verdict._repr_html_()}


ALL = [
    task
    for path in find_notebooks()
    if path.parent.name == "notebooks"
    for task in tasks(nbformat.read(path, as_version=4), path.stem)
]
EMPTY = [task for task in ALL if task.is_empty]


def test_lessons_ask_for_functions():
    assert len(EMPTY) > 10


@pytest.mark.parametrize("task", EMPTY, ids=str)
def test_nothing_is_written_yet_and_the_lesson_shows_it(task):
    verdict = checks.check(task.check, defined(task, task.source))
    assert verdict.kind == "not attempted"
    assert task.printed == shown(verdict)


@pytest.mark.parametrize("task", EMPTY, ids=str)
def test_the_worked_answer_is_correct(task):
    verdict = checks.check(task.check, defined(task, answer(task)))
    assert verdict, verdict.hint(3)


@pytest.mark.parametrize("task", EMPTY, ids=str)
def test_the_shape_of_each_array_is_said(task):
    arguments = {a: axes for a, axes in load(task.check).arguments.items() if axes}
    text = defined(task, task.source).__doc__
    said = {a: rf"\b{a}\b[^():.]*: {re.escape(describe(axes))}" for a, axes in arguments.items()}
    assert [a for a, pattern in said.items() if not re.search(pattern, text)] == []


@pytest.mark.parametrize("task", [task for task in ALL if not task.is_empty], ids=str)
def test_a_mistake_that_a_lesson_shows_is_known(task):
    verdict = checks.check(task.check, defined(task, task.source))
    assert verdict.mistakes
    assert task.printed == shown(verdict)


# --- each of these can fail --------------------------------------------------------------------

STEP = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    {body}\n"
RIGHT = "return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)"


def lesson(answered: str) -> Task:
    """A lesson that asks for `rnn_step`, with a Markdown cell behind it."""
    source = f'{STEP.format(body="raise NotImplementedError")}\nchecks.check("rnn_step", rnn_step)'
    printed = new_output("display_data", {"text/plain": "rnn_step: not yet."})
    asked = new_code_cell(source, outputs=[printed])
    cells = [new_code_cell("import numpy as np"), asked, new_markdown_cell(answered)]
    (task,) = tasks(new_notebook(cells=cells), "02_the_loop")
    return task


def folded(code: str) -> str:
    return f"<details><summary>One answer</summary>\n\n```python\n{code}```\n\n</details>\n"


def test_a_task_is_read_with_its_answer():
    task = lesson(folded(STEP.format(body=RIGHT)))
    assert str(task) == "02-rnn_step"
    assert task.is_empty
    assert task.printed == {"text/plain": "rnn_step: not yet."}
    assert checks.check("rnn_step", defined(task, answer(task)))


def test_a_broken_answer_is_seen():
    task = lesson(folded(STEP.format(body=RIGHT.replace("W_hh", "W_hh.T"))))
    assert checks.check("rnn_step", defined(task, answer(task))).mistakes == ("W_hh_transposed",)


@pytest.mark.parametrize(
    "answered",
    [
        "No answer.",
        STEP.format(body=RIGHT),
        f"```python\n{STEP.format(body=RIGHT)}```\n",  # not folded away
        folded("def rnn_unroll():\n    return 0\n"),
    ],
)
def test_a_missing_answer_is_named(answered):
    with pytest.raises(LookupError, match="02_the_loop has no answer to rnn_step"):
        answer(lesson(answered))
