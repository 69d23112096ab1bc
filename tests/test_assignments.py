"""The assignments: built the same each time, no answer in them, and only right answers earn."""

import importlib.util
import json
from pathlib import Path

import pytest

from rnn_edu.grading import cases, form
from rnn_edu.grading.build import agree, build
from rnn_edu.grading.course import Course
from rnn_edu.grading.marking import Paper, mark
from rnn_edu.grading.submission import Submission, SubmittedCell, grade_id, read
from rnn_edu.grading.template import Template
from tests.sandboxes import needs_sandbox

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "notebooks" / "assignments").glob("a[0-9]*.py"))
SEED = 20240229

every = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def wrong_answers_to(source):
    """What tests/wrong lists for an assignment; nothing where the file is missing."""
    path = ROOT / "tests" / "wrong" / source.name
    if not path.exists():
        return []
    spec = importlib.util.spec_from_file_location(f"wrong_{source.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.WRONG


def wrong_answers():
    for source in SOURCES:
        for wrong in wrong_answers_to(source):
            yield pytest.param(source, *wrong[1:], id=f"{source.stem[:2]}-{wrong[1]}-{wrong[0]}")


def cells(source):
    """The cells of the model answer, as a student would hand them in."""
    made = form.notebook(form.read(source))["cells"]
    return [SubmittedCell(c["cell_type"], c["source"], grade_id(c)) for c in made]


def graded(source, handed):
    """What `mark` says of cells, run as a submission's are: ours that were given, then theirs."""
    template = Template(form.notebook(form.read(source)))
    left_alone = Submission(b"", handed, [])
    paper = Paper.draw(cases.load(source.parent / "hidden" / source.name), SEED)
    return mark(template.to_run(left_alone), paper)


def lines_of(texts):
    """The lines that say something, wherever they are indented."""
    return [line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 5]


def solution_lines(source):
    """Those of all model answers, but for what a given cell shows, as of code to be mended."""
    parts = form.read(source).parts
    given = set(lines_of(part.source for part in parts if part.kind == "given"))
    inside = [p.source.partition(form.BEGIN)[2].partition(form.END)[0] for p in parts]
    return [line for line in lines_of(inside) if line not in given]


@every
def test_tags_and_hidden_checks_agree(source):
    assignment = form.read(source)
    agree(assignment, cases.load(source.parent / "hidden" / source.name))
    by_hand = sum(part.points for part in assignment.parts if part.kind == "essay")
    assert 10 <= sum(assignment.points.values()) + by_hand <= 20


@every
def test_wrong_answers_are_listed(source):
    listed = len(wrong_answers_to(source))
    assert listed >= 12, f"tests/wrong/{source.name}: 12 wrong answers or more, got {listed}"


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    return [Course(tmp_path_factory.mktemp(name)) for name in ("one", "two")]


@needs_sandbox
@every
def test_a_release_is_the_same_each_time_and_holds_no_answer(source, courses):
    release, again = [build(source, course) for course in courses]
    assert release.read_bytes() == again.read_bytes()
    ready = source.with_suffix(".ipynb")
    assert release.read_bytes() == ready.read_bytes(), f"make it anew with `release`: {ready.name}"
    built = json.loads(release.read_bytes())["cells"]
    assert [c["id"] for c in built] == [c["id"] for c in form.notebook(form.read(source))["cells"]]
    released = "\n".join("".join(c["source"]) for c in built)
    lines = solution_lines(source)
    assert lines
    assert set(lines) & set(lines_of([released])) == set()
    assert form.BEGIN not in released
    assert form.END not in released
    assert form.STUB in released
    checks = (source.parent / "hidden" / source.name).read_text(encoding="utf-8")
    hidden = [line.strip() for line in checks.splitlines() if "yield" in line]
    assert hidden
    assert [line for line in hidden if line in released] == []
    handed = read(release.parent, source.stem).cells
    assert {outcome.right for outcome in graded(source, handed).values()} == {False}


@needs_sandbox
@every
def test_the_model_answer_earns_every_point(source):
    outcomes = graded(source, cells(source))
    assert {name: o.reason for name, o in outcomes.items() if not o.right} == {}
    assert set(outcomes) == set(form.read(source).points)


@needs_sandbox
@pytest.mark.parametrize(("source", "cell", "old", "new", "lost"), list(wrong_answers()))
def test_a_wrong_answer_does_not(source, cell, old, new, lost):
    handed = []
    for c in cells(source):
        if c.grade_id == cell:
            before, begin, inside = c.source.partition(form.BEGIN)
            assert old in inside
            c = SubmittedCell(c.type, before + begin + inside.replace(old, new, 1), c.grade_id)
        handed.append(c)
    outcomes = graded(source, handed)
    assert {name for name, o in outcomes.items() if not o.right} == lost
    assert all(outcomes[name].reason for name in lost)
