"""The book as it is built: complete, without a warning, and every link in it leads somewhere."""

from __future__ import annotations

import re
import subprocess
import zipfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from docutils.utils.math import MathError
from sphinx.errors import ConfigError

from book import course
from book._ext import api, claims, figures, launch, whole
from book._ext.maths import mathml
from rnn_edu import widgets
from rnn_edu.widgets.base import Figure

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(course.NOTEBOOKS.glob("*.ipynb"))


class Parsed(HTMLParser):
    """The ids of a page, what it links to and loads, and its metadata."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.meta: dict[str, str] = {}
        self.rel: set[str] = set()
        self.alts: list[str | None] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.ids.add(given.get("id") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag in ("script", "img", "iframe"):
            self.loads.append(given.get("src") or "")
        if tag == "link":
            self.rel.add(given.get("rel") or "")
            self.loads.append(given.get("href") or "")
        if tag == "meta":
            self.meta[given.get("name") or given.get("property") or ""] = given.get("content") or ""
        if tag == "img":
            self.alts.append(given.get("alt"))


@cache
def parsed(path: Path) -> Parsed:
    return Parsed(path)


def test_the_book_is_built_without_a_warning(site):
    assert site.said == "exit status 0\n"


def test_every_notebook_is_a_page_and_can_be_had_as_it_is(site):
    for path in NOTEBOOKS:
        assert (site.html / f"{path.stem}.html").exists()
        assert (site.html / "_sources" / path.name).read_bytes() == path.read_bytes()


def broken(page: Path) -> list[str]:
    """The links of a page into the book that end nowhere."""
    found = []
    for link in [*parsed(page).links, *parsed(page).loads]:
        parts = urlsplit(link)
        if parts.scheme or not link:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        ids = parsed(target).ids if target.is_file() and target.suffix == ".html" else {""}
        if not target.is_file() or unquote(parts.fragment) not in ids | {""}:
            found.append(link)
    return found


def test_every_link_and_anchor_inside_the_book_is_there(site):
    pages = [*site.pages, *(site.html / "_modules").rglob("*.html")]
    assert {str(page): links for page in pages if (links := broken(page))} == {}


def test_a_broken_link_is_seen(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<p id="here"><a href="#here">a</a> <a href="#gone">b</a> <a href="no.html">c</a>'
    )
    assert broken(page) == ["#gone", "no.html"]


def test_no_page_loads_anything_from_another_host(site):
    for page in site.pages:
        assert [link for link in parsed(page).loads if re.match(r"(\w+:)?//", link)] == []


def test_each_page_says_what_it_is(site):
    """Title, description and picture; the way to the page before and to the one after."""
    for page in site.pages:
        if page.stem == "search":
            continue
        meta = parsed(page).meta
        assert len(meta.get("description", "")) > 20, page
        assert meta["og:title"], page
        assert (page.parent / meta["og:image"]).is_file(), page
        assert parsed(page).rel & {"next", "prev"}, page


def test_each_picture_of_a_lesson_has_its_alternative_text(site):
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        stored = [
            o.metadata["image/png"]["alt"] for o in outputs if "image/png" in o.get("data", {})
        ]
        assert [alt for alt in parsed(site.html / f"{path.stem}.html").alts if alt] == stored


def test_every_figure_of_a_lesson_is_on_its_page_as_it_is_stored(site):
    for lesson in course.lessons():
        page = (site.html / f"{lesson.stem}.html").read_text(encoding="utf-8")
        for figure in lesson.figures:
            name, document = figures.file_of(figures.PAGE.search(figure.html)[1])
            source = f'src="{figures.FOLDER}/{name}"'
            assert figures.PAGE.sub(source, figure.html) in page
            assert (site.html / figures.FOLDER / name).read_bytes() == document


def test_the_archive_holds_what_git_tracks(site):
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git repository")
    with zipfile.ZipFile(site.html / launch.ARCHIVE) as archive:
        names = {name.removeprefix(f"{whole.TOP}/") for name in archive.namelist()}
        for name in ("README.md", "notebooks/02_the_loop.ipynb"):
            assert archive.read(f"{whole.TOP}/{name}") == (ROOT / name).read_bytes()
    assert names == {name for name in listing.stdout.splitlines() if (ROOT / name).is_file()}


def test_the_archive_is_the_same_wherever_it_is_made(tmp_path):
    for name in ("one.zip", "two.zip"):
        whole.write(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_without_git_the_archive_leaves_out_what_git_would(tmp_path, monkeypatch):
    (tmp_path / ".gitignore").write_text(".venv/\n*.egg-info/\nbook/_build/\n")
    kept = [".gitignore", "README.md", "book/conf.py"]
    for name in [*kept, ".venv/x", "a.egg-info/y", "book/_build/z"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text(".venv/\n*.egg-info/\nbook/_build/\n")
    monkeypatch.setattr(whole, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert whole.files() == sorted(kept)


def test_a_configured_repository_brings_binder_and_colab():
    path = course.NOTEBOOKS / "02_the_loop.ipynb"
    assert "mybinder" not in launch.line(path, "")
    assert "colab" not in launch.line(path, "")
    online = launch.line(path, "https://github.com/someone/course")
    notebook = "notebooks/02_the_loop.ipynb"
    assert f"mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/{notebook}" in online
    assert f"colab.research.google.com/github/someone/course/blob/main/{notebook}" in online


def test_a_repository_elsewhere_is_refused():
    with pytest.raises(ConfigError, match=r"must be https://github\.com/OWNER/NAME or empty, got"):
        launch.services("https://example.org/course", "a.ipynb")


def test_a_page_says_whether_its_lesson_needs_torch():
    needed = {path.stem[:2] for path in NOTEBOOKS if launch.needs_torch(path)}
    assert needed >= {"09", "10"}
    assert not needed & {"01", "02", "05", "11", "15"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_becomes_mathml(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", cell.source, re.DOTALL):
                formula = mathml(block or inline, bool(block))
                assert "\\" not in formula
                assert ('display="block"' in formula) == bool(block)


def test_an_unknown_command_is_named():
    with pytest.raises(MathError, match="frobnicate"):
        mathml(r"\frobnicate x", block=False)


def test_every_kind_of_figure_is_in_the_gallery():
    exported = [getattr(widgets, name) for name in widgets.__all__]
    kinds = {kind.__name__ for kind in exported if issubclass(kind, Figure)}
    cells = nbformat.read(course.NOTEBOOKS / "gallery.ipynb", as_version=4).cells
    stored = [cell.source for cell in cells if "text/html" in str(cell.get("outputs"))]
    assert {name for source in stored for name in re.findall(r"widgets\.(\w+)", source)} >= kinds


def test_no_page_names_the_machine_that_built_it(site):
    for page in site.pages:
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page


def test_every_claim_of_the_lessons_is_on_its_page(site):
    page = (site.html / "claims.html").read_text(encoding="utf-8")
    for lesson in course.lessons():
        cells = nbformat.read(course.NOTEBOOKS / f"{lesson.stem}.ipynb", as_version=4).cells
        for cell in cells:
            printed = "".join(output.get("text", "") for output in cell.get("outputs", ()))
            if re.search(r"^holds: ", printed, re.MULTILINE):
                assert f'href="{lesson.stem}.html#cell-{cell.id}"' in page


def test_signs_in_a_claim_are_no_markup():
    assert claims.escape("a_b * `x_y` [c] <d> $e$") == r"a\_b \* `x_y` \[c\] \<d\> \$e\$"


def test_every_public_module_is_in_the_reference():
    names = [name for _, modules in api.parts().values() for name in modules]
    assert len(names) == len(set(names))
    files = (path.relative_to(ROOT) for path in (ROOT / "rnn_edu").rglob("*.py"))
    public = {".".join(f.with_suffix("").parts).removesuffix(".__init__") for f in files}
    no_module = r"\._|^rnn_edu$|_config$"  # jupyterhub and nbgrader read their settings as files
    assert set(names) == {n for n in public if not re.search(no_module, n)}


def test_a_docstring_keeps_its_lines_and_signs():
    lines = ["|a - b| <= `tol`", "", "W_xh: (D, G*H)"]
    api.plain(None, "function", "f", None, None, lines)
    assert lines == [r"| \|a - b\| <= \ ``tol``\ ", "", r"| W\_xh: (D, G\*H)", ""]
