"""Formulas in Markdown, as MathML: ours all, a student's never as anything that could run."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnn_edu.grading import form
from rnn_edu.grading.maths import MOST_FORMULA, markdown2html, mathml

SOURCES = sorted((Path(__file__).parents[1] / "notebooks" / "assignments").glob("a*.py"))
PIECES = [*r"{}_^&[]$<>'\\", "\\\\", "x", "2", " ", '"', "<script>", "</mtext>", "&lt;", "onload="]
PIECES += [
    f"\\{name}" for name in ("frac", "text", "sqrt", "left", "begin", "color", "href", "hat")
]
NAMES = {"math", "mi", "mn", "mo", "mrow", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub"}
NAMES |= {"msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle"}
NAMES |= {"mpadded", "mphantom", "menclose", "merror", "code"}
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


def html(markdown):
    return markdown2html({}, markdown)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem[:2])
def test_each_formula_of_an_assignment_is_read(path):
    cells = form.notebook(form.read(path))["cells"]
    text = "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    written = len(re.findall(r"\$\$?[^$]+\$\$?", text))
    made = html(text)
    assert written == made.count("<math")
    assert "$" not in re.sub(r"<code>.*?</code>", "", made, flags=re.DOTALL)


def test_a_formula_in_a_line_and_one_of_its_own():
    assert re.sub(r"\s", "", html("so $h_t$ is")) == (
        '<p>so<mathxmlns="http://www.w3.org/1998/Math/MathML"><msub><mi>h</mi><mi>t</mi></msub>'
        "</math>is</p>"
    )
    assert 'display="block"' in html("$$h_t = 1$$")
    assert "<mtable" in html(r"\begin{matrix}1 & 2\end{matrix}")


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\frac{1}", "x" * (MOST_FORMULA + 1), "{" * 999])
def test_what_cannot_be_read_stands_as_it_was_written(tex):
    assert mathml(tex) == f"<code>{tex}</code>"


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | TEXT)
@example(r"\text{</mtext><script>alert(1)</script>}")
@example('<img src=x onerror="alert(1)">')
def test_no_formula_becomes_anything_but_a_formula(tex):
    made = mathml(tex, block=True).replace("&ApplyFunction;", "")
    for element in ElementTree.fromstring(made).iter():
        assert element.tag.rpartition("}")[2] in NAMES
        assert not [key for key in element.attrib if key.startswith("on") or "href" in key]
