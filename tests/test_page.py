"""The gallery's page: every figure of the course is on it, as it is stored."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.page import GALLERY, page
from rnn_edu import widgets
from rnn_edu.widgets.base import Figure


@pytest.fixture(scope="module")
def gallery():
    return nbformat.read(GALLERY, as_version=4)


def test_every_figure_of_the_course_is_in_the_gallery(gallery):
    exported = [getattr(widgets, name) for name in widgets.__all__]
    figures = {kind.__name__ for kind in exported if issubclass(kind, Figure)}
    stored = [cell.source for cell in gallery.cells if "text/html" in str(cell.get("outputs"))]
    assert {name for source in stored for name in re.findall(r"widgets\.(\w+)", source)} >= figures


def test_the_page_holds_each_figure_byte_for_byte(gallery):
    outputs = [output for cell in gallery.cells for output in cell.get("outputs", ())]
    figures = [output.data["text/html"] for output in outputs if "data" in output]
    html = page(gallery)
    assert len(figures) > 10
    assert all(figure in html for figure in figures)
    assert html.count("<iframe") == len(figures)


def test_prose_is_markup_and_what_is_printed_is_not():
    printed = new_output("stream", text="<b>1 < 2</b>")
    cells = [new_markdown_cell("# Why & how\n*now*"), new_code_cell("x", outputs=[printed])]
    html = page(new_notebook(cells=cells))
    assert "<title>Why &amp; how</title>" in html
    assert "<em>now</em>" in html
    assert "<pre>&lt;b&gt;1 &lt; 2&lt;/b&gt;</pre>" in html
