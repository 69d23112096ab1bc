"""Lessons in a real JupyterLab: Run All ends without an error, and the figures are drawn.

That is the first lesson; each kind of figure has a test of its own there, and what all lessons
print is checked by nbval. RNN_EDU_LESSONS=all runs each of them here too.
"""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import expect

from tests import rerun

pytestmark = pytest.mark.browser

LESSONS = [
    path
    for path in rerun.find_notebooks()
    if path.parent.name == "notebooks"
    and (path.stem == "00_start_here" or os.environ.get("RNN_EDU_LESSONS") == "all")
]
LESSON_MS = 300_000  # what a busy machine gets; a promise about time would be a benchmark

OUTPUTS = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
  .filter((cell) => cell.cell_type === "code")
  .map((cell) => [cell.execution_count, cell.outputs])"""


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_run_all_ends_without_an_error_and_with_the_figures_drawn(lab, new_page, path):
    shutil.copy(path, lab.folder)
    page = new_page(height=16_000)  # JupyterLab draws what is in view: all of it
    lab.open(page, path.name)
    lab.run_all(page, LESSON_MS)
    figures = 0
    for cell, (count, outputs) in enumerate(page.evaluate(OUTPUTS), start=1):
        assert count == cell
        assert [o["evalue"] for o in outputs if o["output_type"] == "error"] == []
        figures += any("widget-view" in kind for o in outputs for kind in o.get("data", {}))
    assert figures > 0
    expect(page.locator(".rnn-edu")).to_have_count(figures)
