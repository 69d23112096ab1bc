"""Notebooks under this repository's conftest, end to end: what may differ, what may not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.numerics import ROOT

WIDGET = """
import anywidget

class Dot(anywidget.AnyWidget):
    _esm = "export default { render() {} };"

    def __repr__(self):
        return "a dot at step 3"

Dot()
"""
HTML = """
class Table:
    def _repr_html_(self): return f"<b>{id(self)}</b>"
    def __repr__(self): return "a table of 3 rows"

Table()
"""
PICTURE = """
from IPython.display import publish_display_data
publish_display_data({"image/png": "AAAA", "text/plain": "a curve that falls"})
"""
ERROR = "raise ValueError(f'h must be (N, H=3), got {0.5:.3f}')"


def printed(text: str) -> list:
    return [new_output("stream", name="stdout", text=text)]


def shown(**data: str) -> list:
    names = {"text": "text/plain", "html": "text/html", "png": "image/png"}
    return [new_output("display_data", {names[k]: v for k, v in data.items()})]


def failed(value: str) -> list:
    return [new_output("error", ename="ValueError", evalue=value, traceback=[])]


# source, stored outputs: must pass
ACCEPTED = {
    "one unit in the last digit": ("print(f'{0.5:.3f} {2 / 3:.2f}')", printed("0.501 0.66\n")),
    "a widget stored without its view": (WIDGET, shown(text="a dot at step 3")),
    "other HTML": (HTML, shown(text="a table of 3 rows", html="<b>1</b>")),
    "another picture": (PICTURE, shown(text="a curve that falls", png="BBBB")),
    "a silent semicolon": ("[1, 2].pop();", []),
    "an expected error": (ERROR, failed("h must be (N, H=3), got 0.501")),
    "the profile, and strict": (
        "import os; print(*map(os.environ.get, ('OMP_NUM_THREADS', 'RNN_EDU_STRICT')))",
        printed("2 1\n"),
    ),
}
# must fail
REFUSED = {
    "two units": ("print(f'{0.5:.3f}')", printed("0.502\n")),
    "another integer": ("print(3)", printed("4\n")),
    "another word": ("print('falls')", printed("rises\n")),
    "more digits": ("print(f'{0.5:.3f}')", printed("0.50\n")),
    "something on stderr": ("import sys; sys.stderr.write('careful');", []),
    "an output that was not there": ("1 + 1", []),
    "an output that is gone": ("1 + 1;", shown(text="2")),
    "one output too many": ("display(1); display(1)", shown(text="1")),
    "a widget that shows something else": (WIDGET, shown(text="a dot at step 4")),
    "a table that says something else": (HTML, shown(text="a table of 4 rows", html="")),
    "a picture that says something else": (PICTURE, shown(text="a curve that rises", png="AAAA")),
    "an error that did not come": ("x = 1", failed("h must be (N, H=3), got 0.500")),
    "an error that says something else": (ERROR, failed("h must be (N, H=4), got 0.500")),
    "a claim that fails": (
        "from rnn_edu.claims import claim; claim('it falls', False)",
        printed("FAILS: it falls\n"),
    ),
}
CASES = {"accepted": ACCEPTED, "refused": REFUSED}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """PASSED or FAILED for each case, from one run of pytest in a folder with a blank in it."""
    folder = tmp_path_factory.mktemp("two words")
    for name, cases in CASES.items():
        cells = [
            new_code_cell(source, outputs=outputs, execution_count=1)
            for source, outputs in cases.values()
        ]
        for cell in cells:
            if cell.source == ERROR or "error" in str(cell.outputs):
                cell.metadata.tags = ["raises-exception"]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval", "-rA", "--color=no"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RNN_EDU_NUMERICS": "stressed"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert "numerics: stressed" in done.stdout, done.stdout + done.stderr
    found = re.findall(r"^(\w+) (\w+)\.ipynb::Cell (\d+)", done.stdout, re.MULTILINE)
    outcomes = {(name, int(cell)): word for word, name, cell in found}
    return lambda name, case: outcomes[name, list(CASES[name]).index(case)]


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(outcome, case):
    assert outcome("accepted", case) == "PASSED"


@pytest.mark.parametrize("case", REFUSED)
def test_refused(outcome, case):
    assert outcome("refused", case) == "FAILED"


def test_a_cell_is_not_waited_for_for_ever(pytestconfig: pytest.Config):
    assert pytestconfig.option.nbval_cell_timeout <= 300
