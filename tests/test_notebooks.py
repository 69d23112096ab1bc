"""Each notebook can be checked and read: what nbval passes over, and the limits of the style.

The first half are the rules, the second half shows that each of them can fail.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import mistune
import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.numerics import ROOT
from tests.rerun import find_notebooks, normalise, serialise

MAX_LINES, MAX_LINES_FIRST, MAX_DECIMALS = 25, 6, 6

LOCAL = re.compile(
    r"(?<![\w.:/])/(?:home|root|Users|tmp|var|private|mnt|opt)/\w|\b[A-Z]:\\+Users|file://"
    rf"|\blocalhost\b|\b127\.0\.0\.1\b|{re.escape(str(ROOT))}"
)
UNSTABLE = {
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    f"more than {MAX_DECIMALS} decimals": re.compile(rf"\d\.\d{{{MAX_DECIMALS + 1},}}"),
}
UNCHECKED = re.compile(r"NBVAL_(SKIP|IGNORE_OUTPUT)|nbval-(skip|ignore-output)|skip-execution")
REASON = re.compile(r"^# why: \w", re.MULTILINE)
BARE_REPR = re.compile(r"<[^\n]*>")

_markdown = mistune.create_markdown(renderer="ast", plugins=["math", "table"])


def problems(nb: NotebookNode, path: Path) -> list[str]:
    """What is wrong with a notebook, each with its cell; path is where it stands."""
    found = [f"cell {i}: {what}" for i, cell in enumerate(nb.cells) for what in _cell(cell, path)]
    codes = [cell for cell in nb.cells if cell.cell_type == "code"]
    if codes and sum(map(bool, codes[0].source.split("\n"))) > MAX_LINES_FIRST:  # blank ones aside
        found.append(f"the first code cell has more than {MAX_LINES_FIRST} lines")
    if [cell.execution_count for cell in codes] != list(range(1, len(codes) + 1)):
        found.append("not run once from top to bottom: nbval passes a cell that never ran")
    return found


def _cell(cell: NotebookNode, path: Path) -> Iterator[str]:
    if local := LOCAL.search(cell.source):
        yield f"a local path or address: {local[0]}"
    if cell.cell_type == "markdown":
        yield from _links(cell.source, path)
    if cell.cell_type == "code":
        if len(cell.source.splitlines()) > MAX_LINES:
            yield f"more than {MAX_LINES} lines"
        if UNCHECKED.search(f"{cell.source} {cell.metadata}") and not REASON.search(cell.source):
            yield 'an unchecked output needs a line "# why: ..."'
        for output in cell.outputs:
            yield from _output(output, cell)


def _output(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    if output.get("name") == "stderr":
        yield "output on stderr"
    if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", ()):
        yield f"an error: {output.ename}"
    data = output.get("data", {})
    words = data.get("text/plain", "").strip()
    if data.keys() - {"text/plain"} and (not words or BARE_REPR.fullmatch(words)):
        yield f"{', '.join(sorted(data))} without words in text/plain, which is what is compared"
    for text in (output.get("text", ""), output.get("evalue", ""), words):
        for name, pattern in UNSTABLE.items():
            if hit := pattern.search(text):
                yield f"{name} in the output: {hit[0]}"
    for text in (output.get("text", ""), output.get("evalue", ""), *map(str, data.values())):
        if local := LOCAL.search(text):
            yield f"a local path or address in the output: {local[0]}"


def _links(source: str, path: Path) -> Iterator[str]:
    for token in _tokens(_markdown(source)):
        if token["type"] == "image" and not _text(token).strip():
            yield f"a picture without alternative text: {token['attrs']['url']}"
        if token["type"] not in ("link", "image"):
            continue
        url = token["attrs"]["url"]
        if re.match(r"[a-z]+:", url):  # https:, mailto:, attachment:
            continue
        name, _, anchor = unquote(url).partition("#")
        target = path.parent / name if name else path
        if not target.exists():
            yield f"a link to nothing: {url}"
        elif anchor and anchor not in _anchors(target):
            yield f"a link to no heading: {url}"


def _tokens(tokens: list[dict]) -> Iterator[dict]:
    for token in tokens:
        yield token
        yield from _tokens(token.get("children", []))


def _text(token: dict) -> str:
    return "".join(t.get("raw", "") for t in _tokens([token]) if t["type"] in ("text", "codespan"))


def _anchors(path: Path) -> set[str]:
    """The anchors that MyST gives to the headings of a notebook, down to level 3."""
    anchors: set[str] = set()
    for cell in nbformat.read(path, as_version=4).cells:
        for token in _tokens(_markdown(cell.source)) if cell.cell_type == "markdown" else ():
            if token["type"] == "heading" and token["attrs"]["level"] <= 3:
                slug = re.sub(r"[^\w\- ]", "", _text(token).lower()).replace(" ", "-")
                names = itertools.chain([slug], (f"{slug}-{i}" for i in itertools.count(1)))
                anchors.add(next(name for name in names if name not in anchors))
    return anchors


@pytest.mark.parametrize("path", find_notebooks(), ids=lambda p: p.stem)
def test_notebook_can_be_checked_and_read(path):
    assert problems(nbformat.read(path, as_version=4), path) == []


@pytest.mark.parametrize("path", find_notebooks(), ids=lambda p: p.stem)
def test_notebook_is_in_the_stored_form(path):
    nb = nbformat.read(path, as_version=4)
    normalise(nb, path)
    assert path.read_text(encoding="utf-8") == serialise(nb), "make notebooks puts it in order"


# --- each rule can fail --------------------------------------------------------------------


@pytest.fixture
def lesson(tmp_path) -> tuple[NotebookNode, Path]:
    """A notebook with nothing wrong, beside another that it links to."""
    other = new_notebook(cells=[new_markdown_cell("# The loop, *unrolled*\n### Steps\n### Steps")])
    nbformat.write(other, tmp_path / "02_loop.ipynb")
    data = {"image/png": "AAAA", "text/plain": "a curve that falls to 0.123456"}
    cells = [
        new_markdown_cell(
            "# Why\n[a](02_loop.ipynb#the-loop-unrolled), [b](#why), [c](02_loop.ipynb#steps-1),"
            " [d](https://example.org/home/x), $[e](x)$, `[f](y)`, ![words](02_loop.ipynb)"
        ),
        new_code_cell("x = 1\n" * MAX_LINES_FIRST, execution_count=1),
        new_code_cell(
            "y = 1\n" * MAX_LINES,
            outputs=[new_output("display_data", data)],
            execution_count=2,
            metadata={"tags": ["raises-exception"]},
        ),
        new_code_cell("# NBVAL_IGNORE_OUTPUT\n# why: a live picture", execution_count=3),
    ]
    path = tmp_path / "01_why.ipynb"
    nb = new_notebook(cells=cells)
    nbformat.write(nb, path)
    return nb, path


def test_nothing_is_wrong_with_a_good_notebook(lesson):
    assert problems(*lesson) == []


def source(cell: int, text: str) -> Callable[[NotebookNode], None]:
    return lambda nb: nb.cells[cell].update(source=text)


def stream(text: str, name: str = "stdout") -> Callable[[NotebookNode], None]:
    return lambda nb: nb.cells[1].outputs.append(new_output("stream", name=name, text=text))


def shown(**data: str) -> Callable[[NotebookNode], None]:
    bundle = {k.replace("_", "/"): v for k, v in data.items()}
    return lambda nb: nb.cells[1].outputs.append(new_output("display_data", bundle))


def error(nb: NotebookNode) -> None:
    nb.cells[1].outputs.append(new_output("error", ename="ValueError", evalue="x", traceback=[]))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (source(1, "x = 1\n" * 7), "the first code cell has more than 6 lines"),
        (source(2, "x = 1\n" * 26), "cell 2: more than 25 lines"),
        (source(2, "open('/home/ada/x')"), "cell 2: a local path or address: /home/a"),
        (source(0, f"see {ROOT}/x"), "cell 0: a local path or address: "),
        (source(0, "run http://localhost:8888"), "cell 0: a local path or address: localhost"),
        (source(3, "# NBVAL_IGNORE_OUTPUT"), "cell 3: an unchecked output needs a line"),
        (source(3, "# NBVAL_SKIP\n# why:"), "cell 3: an unchecked output needs a line"),
        (source(0, "[a](03_gru.ipynb)"), "cell 0: a link to nothing: 03_gru.ipynb"),
        (
            source(0, "[a](02_loop.ipynb#Steps)"),
            "cell 0: a link to no heading: 02_loop.ipynb#Steps",
        ),
        (source(0, "[a](02_loop.ipynb#steps-2)"), "cell 0: a link to no heading"),
        (source(0, "# Why\n- [a](#not)"), "cell 0: a link to no heading: #not"),
        (source(0, "![](02_loop.ipynb)"), "cell 0: a picture without alternative text"),
        (stream("warning", "stderr"), "cell 1: output on stderr"),
        (stream("<A at 0x7f00aa11>"), "cell 1: a memory address in the output: 0x7f00aa11"),
        (stream("0.1234567"), "cell 1: more than 6 decimals in the output: 0.1234567"),
        (stream("in /tmp/x"), "cell 1: a local path or address in the output: /tmp/x"),
        (shown(image_png="AA"), "cell 1: image/png without words in text/plain"),
        (shown(image_png="AA", text_plain=" "), "cell 1: image/png, text/plain without words"),
        (shown(image_png="AA", text_plain="<Figure size 7x5 with 1 Axes>"), "without words"),
        (shown(text_html="b", text_plain="<IPython.core.display.HTML object>"), "without words"),
        (shown(text_html=f"<a href='{ROOT}/x'>", text_plain="b"), "a local path or address in the"),
        (error, "cell 1: an error: ValueError"),
        (lambda nb: nb.cells[2].update(execution_count=None), "not run once from top to bottom"),
        (lambda nb: nb.cells[2].update(execution_count=5), "not run once from top to bottom"),
        (lambda nb: nb.cells[2].metadata.tags.append("nbval-skip"), "cell 2: an unchecked output"),
    ],
)
def test_each_rule_can_fail(lesson, spoil, message):
    nb, path = copy.deepcopy(lesson[0]), lesson[1]
    spoil(nb)
    found = problems(nb, path)
    assert len(found) == 1
    assert message in found[0]
