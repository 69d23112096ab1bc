"""The hand-written pages of the book: what they say of the lessons is what the lessons say."""

from __future__ import annotations

import doctest
import functools
import html
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book import course
from book._ext import terms
from tests.numerics import ROOT

PAGES = ROOT / "book" / "pages"
HEAD = "# 01 · Why\n\n**How?**\n\n35 minutes. Needs [00](00_a.ipynb).\n\nAfterwards you can\n"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """From a heading to the next one."""
    return re.split(r"^#+ ", text.split(f" {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


# --- the lessons as data -----------------------------------------------------------------------


def write(folder: Path, head: str, name: str = "01_why.ipynb", **cell: str) -> Path:
    """A notebook: its first cell, and a code cell with source, text and html."""
    printed = new_output("stream", text=cell.get("text", ""))
    drawn = new_output("display_data", {"text/html": cell.get("html", "")})
    code = new_code_cell(cell.get("source", ""), outputs=[printed, drawn], id="01-001")
    nbformat.write(new_notebook(cells=[new_markdown_cell(head), code]), folder / name)
    return folder / name


def test_a_lesson_is_read_from_its_first_cell(tmp_path):
    one = course.read(write(tmp_path, HEAD))
    assert one[:6] == ("01_why", "01", "Why", "How?", 35, "Needs [00](00_a.ipynb).")


@pytest.mark.parametrize(("old", "new"), [("01", "02"), ("**How?**", "How?"), ("35", "Some")])
def test_a_first_cell_that_is_no_lessons_names_its_notebook(tmp_path, old, new):
    with pytest.raises(ValueError, match=r"01_why\.ipynb must begin with"):
        course.read(write(tmp_path, HEAD.replace(old, new, 1)))


def test_statements_are_what_claim_and_near_printed_in_order(tmp_path):
    text = "loss: 0.5\nshare: of x, y: 0.5 ± 0.03\nholds: a: b\nFAILS: c\n"
    path = write(tmp_path, HEAD, source='near("x", 1, 1, 1)\nclaim("y", True)', text=text)
    found = course.read(path).statements
    assert found == (("share: of x, y", "0.5 ± 0.03", "01-001"), ("a: b", "", "01-001"))
    assert course.read(write(tmp_path, HEAD, source="print()", text=text)).statements == ()


def test_figures_are_frames_but_not_quizzes(tmp_path):
    frame = '<iframe loading="lazy" title="a &lt; b (interactive figure)"></iframe>'
    one = course.read(write(tmp_path, HEAD, source="Playground()", html=frame))
    assert one.figures == (("a < b", frame, "01-001"),)
    assert course.read(write(tmp_path, HEAD, source="Quiz()", html=frame)).figures == ()


def test_every_lesson_states_something_and_has_a_figure():
    assert [one.stem for one in course.lessons() if not (one.statements and one.figures)] == []


def test_the_readme_has_the_table_of_the_lessons():
    rows = [
        f"| {one.number} | [{one.title}](notebooks/{one.stem}.ipynb) | {one.question} |"
        f" {one.minutes} |"
        for one in course.lessons()
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in readme if re.match(r"\| \d\d \|", line)] == rows


def test_the_readme_has_the_table_of_the_assignments():
    rows = [
        f"| {one.number} | [{one.title}](notebooks/assignments/{one.stem}.ipynb) |"
        f" {', '.join(one.lessons)} | {one.minutes} | {one.points} |"
        for one in course.assignments()
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in readme if line.startswith("| A")] == rows
    assert len(rows) == 8


# --- the pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda p: p.stem)
def test_a_page_describes_itself(path):
    front = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    assert 40 < len(front["myst"]["html_meta"]["description"]) < 200


@pytest.mark.parametrize("name", ["notation", "assignments"])
def test_the_examples_in_a_page_run(name):
    blocks = re.findall(r"```python\n(.*?)```", page(name), flags=re.DOTALL)
    example = doctest.DocTestParser().get_doctest("".join(blocks), {}, name, None, 0)
    failed, tried = doctest.DocTestRunner(verbose=False).run(example)
    assert (failed, tried) == (0, len(re.findall("^>>> ", "".join(blocks), re.MULTILINE)))
    assert tried > 5


def symbols() -> list[tuple[tuple[str, ...], str]]:
    """The names of a symbol, without TeX's braces, and the lesson in which it first appears."""
    rows = re.findall(r"^\| (.*?) \|.*\| \{lesson\}`(\d\d)`", page("notation"), re.MULTILINE)
    names = [(re.findall(r"[$`](\w+_[\w-]+|logits)", bare(cell)), n) for cell, n in rows]
    return [(tuple(found), number) for found, number in names if found]


def bare(text: str) -> str:
    return re.sub("[{}]", "", text)


@functools.cache
def source_of(one: course.Lesson) -> str:
    nb = nbformat.read(course.NOTEBOOKS / f"{one.stem}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in nb.cells)


def test_the_notation_names_symbols():
    assert {"x_t", "h_prev", "W_hh", "b_hn", "dW_hh"} <= {
        s for names, _ in symbols() for s in names
    }


@pytest.mark.parametrize(("names", "number"), symbols(), ids=str)
def test_a_symbol_first_appears_where_the_notation_says(names, number):
    known = re.compile(rf"(?<![a-zA-Z])(?:{'|'.join(map(re.escape, names))})(?![a-z0-9-])")
    if course.lesson(number):  # it may be in the making
        first = next(one.number for one in course.lessons() if known.search(bare(source_of(one))))
        assert first == number


def entries() -> dict[str, str]:
    """Names of the glossary, those of one entry joined, and what it says of them."""
    body = re.search(r"```\{glossary\}\n:sorted:\n\n(.*?)```", page("glossary"), re.DOTALL)[1]
    return dict(re.findall(r"^(\S[^\n]*(?:\n\S[^\n]*)*)\n  (.*?)\n$", body, re.MULTILINE))


def test_the_glossary_is_a_glossary():
    assert len(entries()) > 75
    assert [name for name, said in entries().items() if "{lesson}`" not in said] == []
    long = [name for name, said in entries().items() if len(re.findall(r"[.?](?= |$)", said)) > 5]
    assert long == []


def test_names_of_every_day_are_names_of_the_glossary():
    assert set(terms.SINCE) <= {name for names in entries() for name in names.split("\n")}


def schedules() -> dict[str, list[str]]:
    """The lines of each schedule of the teacher's guide, by its heading."""
    blocks = re.findall(
        r"### (\w+) weeks\n.*?```\{schedule\}\n(.*?)```", page("teaching"), re.DOTALL
    )
    return {weeks: lines.splitlines() for weeks, lines in blocks}


def test_schedules_are_as_long_as_they_say():
    weeks = {name: len(lines) for name, lines in schedules().items()}
    assert weeks == {"Four": 4, "Eight": 8, "Fourteen": 14}


@pytest.mark.parametrize("weeks", ["Four", "Eight", "Fourteen"])
def test_a_schedule_takes_the_lessons_in_order(weeks):
    taken = [n for line in schedules()[weeks] for n in line.split("|")[0].split()]
    assert taken == sorted(set(taken))
    if weeks != "Four":  # that one says that it leaves lessons out
        assert {one.number for one in course.lessons()} <= set(taken)


def test_a_schedule_hands_in_exercises_that_there_are():
    lines = [line.split("|") for weeks in schedules().values() for line in weeks]
    named = [pair for _, _, last in lines for pair in re.findall(r"(\d\d): ([A-Z]\w+)", last)]
    assert len(named) > 5
    lessons = {one.number: source_of(one) for one in course.lessons()}
    missing = [
        (n, what) for n, what in named if f"**{what}.**" not in lessons.get(n, f"**{what}.**")
    ]
    assert missing == []


@pytest.mark.parametrize("weeks", ["Four", "Eight", "Fourteen"])
def test_a_schedule_hands_in_assignments_after_their_lessons(weeks):
    tasks = {one.number: one for one in course.assignments()}
    lines = [line.split("|") for line in schedules()[weeks]]
    everything = {n for lessons, _, _ in lines for n in lessons.split()}
    taken, handed_in = set(), []
    for lessons, _, last in lines:
        taken |= set(lessons.split())
        for number in re.findall(r"\bA\d", last):
            assert set(tasks[number].lessons) & everything <= taken, number
            handed_in.append(number)
    assert handed_in == sorted(set(handed_in))
    assert handed_in


def test_an_assignment_is_read_from_its_first_cell():
    last = {one.number for one in course.lessons()}
    for one in course.assignments():
        assert (one.number.lower(), 10 <= one.points <= 20) == (one.stem[:2], True)
        assert set(one.lessons) <= last
        assert 30 <= one.minutes <= 300


@pytest.mark.parametrize("old", ["# A1", "About", "after lesson", "14 points"])
def test_a_first_cell_that_is_no_assignments_names_its_notebook(tmp_path, old):
    task = course.NOTEBOOKS / "assignments" / "a1_cell_and_loop.ipynb"
    nb = nbformat.read(task, as_version=4)
    nb.cells[0].source = nb.cells[0].source.replace(old, "", 1)
    nbformat.write(nb, tmp_path / task.name)
    with pytest.raises(ValueError, match=r"a1_cell_and_loop\.ipynb must begin with"):
        course.task(tmp_path / task.name)


def test_each_lesson_with_a_myth_has_a_question_for_it():
    table = section(page("teaching"), "What students say, and what to ask")
    asked = set(re.findall(r"\{lesson\}`(\d\d)`", table))
    assert {one.number for one in course.lessons()} - asked == {"00"}


def test_the_citation_is_of_this_version():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cff["version"] == project["version"]
    assert [author["name"] for author in cff["authors"]] == [a["name"] for a in project["authors"]]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (.*)$", changes, re.MULTILINE)[1] == (
        f"{cff['version']} ({cff['date-released']})"
    )


# --- the pages as they are built ---------------------------------------------------------------


def built(site, name: str) -> str:
    """A page's source, with characters for entities and blanks for those that do not break."""
    source = html.unescape((site.html / f"{name}.html").read_text(encoding="utf-8"))
    return source.replace("\N{NO-BREAK SPACE}", " ")


def test_the_home_page_has_a_live_figure_and_each_lesson(site):
    home = built(site, "index")
    assert 'title="a network that reads Python (interactive figure)"' in home
    for one in course.lessons():
        assert f'href="{one.stem}.html"' in home
        assert one.question in re.sub(r"<[^>]*>", "", home)


def test_a_value_on_a_page_is_what_the_lesson_states_with_its_cell(site):
    used = re.findall(r"\{stated\}`(\d\d) ([^`]+)`", page("others"))
    assert len(used) > 8
    for number, name in used:
        one, found = course.lesson(number), course.stated(number, name)
        assert f'href="{one.stem}.html#cell-{found.cell}"><span>{found.value}<' in built(
            site, "others"
        )


def test_a_schedule_adds_up_the_minutes(site):
    weeks = re.findall(r"<td><p>\d+</p></td>\s*<td>(.*?)</td>", built(site, "teaching"), re.DOTALL)
    added = [names for names in weeks if "minutes" in names]
    lines = [line.split("|")[0].split() for weeks in schedules().values() for line in weeks]
    assert len(added) == sum(any(map(course.lesson, numbers)) for numbers in lines)
    for names in added:
        stems = re.findall(r'href="(\w+)\.html"', names)
        minutes = sum(one.minutes for one in course.lessons() if one.stem in stems)
        assert f"; {minutes} minutes" in names


def test_a_lesson_links_the_words_of_the_glossary(site):
    lesson = built(site, "05_backpropagation_through_time")
    assert lesson.count('href="glossary.html#term-gradient-check"') == 1
    assert 'class="term' not in built(site, "glossary")


def test_the_citation_is_on_its_page(site):
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    assert f"Version {version}, " in built(site, "cite")


# --- what is not there -------------------------------------------------------------------------


def test_a_value_that_no_lesson_states_is_named():
    with pytest.raises(ValueError, match="lesson 01 states no number named 'luck'"):
        course.stated("01", "luck")
    with pytest.raises(ValueError, match="lesson 99 states no number named 'luck'"):
        course.stated("99", "luck")


def test_a_figure_that_no_lesson_has_is_named():
    with pytest.raises(ValueError, match="lesson 00 has no figure 'a map'"):
        course.figure("00", "a map")
