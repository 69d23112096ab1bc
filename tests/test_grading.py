"""A class graded: what is odd about a file loses no one a mark, gives no one one, and no one's
result is missing."""

import csv
import html
import html.parser
import io
import json
import os
import re
import zipfile

import pytest

from rnn_edu.grading.feedback import give
from rnn_edu.grading.grade import grade
from tests.classes import NAME, POINTS, STEP, Class, added, all_marks, changed, without
from tests.sandboxes import needs_sandbox

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader leaves its database open
]

SCRIPT = "<script>alert('mine')</script><img src=x onerror=alert(1)><iframe srcdoc='x'></iframe>"
LINKS = "[a](javascript:alert(1)) ![b](http://example.org/p.png) [c][d]\n\n[d]: javascript:alert(1)"


def archive(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, content)
    return packed.getvalue()


def richer(notebook):
    """A student who gives each cell a thousand points, and grades it by hand."""
    made = changed(notebook)
    for cell in made["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        marks |= {"points": 1000, "grade": True, "solution": True}
    return made


def odd_outputs():
    data = {"text/html": SCRIPT, "image/svg+xml": "<svg onload='alert(1)'/>", "text/plain": SCRIPT}
    data |= {"application/javascript": "alert(1)", "image/png": "x' onerror='alert(1)"}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": data},
        {"output_type": "stream", "name": "stdout", "text": "much " * 2_000_000},
        {"output_type": "error", "ename": SCRIPT, "evalue": "\x1b[31m", "traceback": [SCRIPT] * 99},
        ["no output"],
    ]
    return {"cell_type": "code", "metadata": {}, "source": "1", "outputs": outputs}


# student: (score of the checks, words of what is said about the submission)
CLASS = {}


def student(name, score, said=""):
    def keep(hand_in):
        CLASS[name] = (hand_in, score, said)
        return hand_in

    return keep


student("right", POINTS)(lambda c, s: c.hand_in(s))
student("empty", 0)(lambda c, s: c.hand_in(s, c.empty))
student("no bias", POINTS - 6)(lambda c, s: c.hand_in(s, changed(c.right, rnn_step=STEP)))
student("no tests", POINTS)(lambda c, s: c.hand_in(s, without(c.right, "test", "hidden")))
student("no imports", POINTS)(lambda c, s: c.hand_in(s, without(c.right, "given")))
student("only the answers", POINTS)(
    lambda c, s: c.hand_in(s, without(c.right, "test", "hidden", "given", "cell", "question"))
)
student("tests edited", POINTS - 6)(
    lambda c, s: c.hand_in(s, changed(c.right, rnn_step=STEP, hidden_rnn_step="pass"))
)
student("given cell edited", POINTS)(
    lambda c, s: c.hand_in(s, changed(c.right, given_imports="np = None"))
)
student("points edited", POINTS - 6)(
    lambda c, s: c.hand_in(s, richer(changed(c.right, rnn_step=STEP)))
)
student("cell copied", POINTS)(
    lambda c, s: c.hand_in(
        s, added(c.right, *[cell for cell in c.right["cells"] if cell["id"] == "rnn_step"])
    )
)
student("renamed", POINTS, "handed in as my work.ipynb")(
    lambda c, s: c.hand_in(s, name="my work.ipynb")
)
student("accents", POINTS, "handed in as häusaufgabe 作业.ipynb")(
    lambda c, s: c.hand_in(s, name="ha\u0308usaufgabe 作业.ipynb")
)
student("Zoë O'Łukasz 学生", POINTS)(lambda c, s: c.hand_in(s))
student("=cmd()|'x'!A1", POINTS)(lambda c, s: c.hand_in(s))
student("new\nline\x1b[31m", POINTS)(lambda c, s: c.hand_in(s))
student("[a-z]*", POINTS)(lambda c, s: c.hand_in(s))
student("bytes of Windows", POINTS)(
    lambda c, s: c.hand_in(s, json.dumps(c.right).encode("utf-8-sig"))
)
student("in UTF-16", POINTS)(lambda c, s: c.hand_in(s, json.dumps(c.right).encode("utf-16")))
student("half a letter", POINTS)(
    lambda c, s: c.hand_in(s, added(c.right, ("markdown", "\ud800"), ("code", "'\ud800'")))
)
student("odd cells", POINTS)(
    lambda c, s: c.hand_in(s, added(c.right, {}, {"cell_type": 7, "source": {}}, {"metadata": 1}))
)
student("odd metadata", POINTS)(
    lambda c, s: c.hand_in(s, c.right | {"metadata": {"kernelspec": {"name": "bash"}}})
)
student("active content", POINTS)(
    lambda c, s: c.hand_in(
        s,
        added(
            changed(c.right, essay_stack=f"{SCRIPT} {LINKS} $a<b$"),
            odd_outputs(),
            ("markdown", SCRIPT),
        ),
    )
)


@student("two notebooks", POINTS, "not graded: copy.ipynb")
def _(c, s):
    c.hand_in(s)
    c.hand_in(s, c.empty, "copy.ipynb")


@student("two, neither named", 0, "there are 2 notebooks")
def _(c, s):
    c.hand_in(s, name="one.ipynb")
    c.hand_in(s, name="two.ipynb")


@student("one name twice", POINTS, "not graded: A1_CELL_AND_LOOP.ipynb")
def _(c, s):
    c.hand_in(s, c.empty, NAME.upper() + ".ipynb")
    c.hand_in(s)


student("nothing", 0, "no notebook was handed in")(lambda c, s: c.folder(s).mkdir(parents=True))
student("a zip", 0, "there is work.zip")(lambda c, s: c.hand_in(s, archive("a", b"1"), "work.zip"))
student("a zip of zips", 0, "JSON is broken")(
    lambda c, s: c.hand_in(s, archive("a.zip", archive("b.zip", bytes(10**7))))
)
student("broken JSON", 0, "JSON is broken")(
    lambda c, s: c.hand_in(s, json.dumps(c.right).encode()[:-9])
)
student("no bytes", 0, "JSON is broken")(lambda c, s: c.hand_in(s, b""))
student("brackets", 0, "JSON is broken")(lambda c, s: c.hand_in(s, b"[" * 10**6))
student("a long number", 0, "JSON is broken")(lambda c, s: c.hand_in(s, b"9" * 10**6))
student("a list", 0, "no notebook of format 4")(lambda c, s: c.hand_in(s, []))
student("format 3", 0, "no notebook of format 4")(
    lambda c, s: c.hand_in(s, {"worksheets": [{"cells": c.right["cells"]}], "nbformat": 3})
)
student("40 MB", 0, "clear its outputs")(lambda c, s: c.hand_in(s, bytes(40 << 20)))


@student("a link", 0, "is a link")
def _(c, s):
    c.folder(s).mkdir(parents=True)
    os.symlink(c.course.notebook("source", NAME), c.folder(s) / f"{NAME}.ipynb")


@student("a link to another", 0, "no folder of its own")
def _(c, s):
    c.folder(s).parent.mkdir(parents=True)
    os.symlink(c.folder("right"), c.folder(s))


@student("a pipe", 0, "no plain file")
def _(c, s):
    c.folder(s).mkdir(parents=True)
    os.mkfifo(c.folder(s) / f"{NAME}.ipynb")


@student("a folder", 0, "no plain file")
def _(c, s):
    (c.folder(s) / f"{NAME}.ipynb").mkdir(parents=True)


@student("an odd time", POINTS)
def _(c, s):
    c.hand_in(s)
    (c.folder(s) / "timestamp.txt").write_text("yesterday; DROP TABLE grade")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    made = Class(tmp_path_factory.mktemp("course"))
    for name, (hand_in, _, _) in CLASS.items():
        hand_in(made, name)
    made.summary = grade(made.course, NAME, jobs=2)
    give(made.course, NAME)
    return made


@needs_sandbox
@pytest.mark.parametrize("name", CLASS)
def test_each_submission_has_the_result_that_it_earned(graded, name):
    _, score, said = CLASS[name]
    result = graded.summary.results[name]
    assert sum(result.scores.values()) == score
    assert said in result.problem + "; ".join(result.notes)
    assert bool(result.problem) == bool(said and not score)
    assert sorted(result.reasons) == sorted(n for n, points in result.scores.items() if not points)
    with graded.course.gradebook() as book:
        assert book.find_submission(NAME, name).score == score
    page = graded.course.root / "feedback" / name / NAME / f"{NAME}.html"
    told = html.unescape(page.read_text("utf-8"))
    assert all(reason in told for reason in result.reasons.values())


@needs_sandbox
def test_the_table_has_a_row_for_each_and_no_formula(graded):
    rows = list(csv.DictReader(graded.summary.table.open(encoding="utf-8", newline="")))
    assert len(rows) == len(CLASS)
    assert [float(row["score"]) for row in rows] == [CLASS[name][1] for name in sorted(CLASS)]
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    same = {row["student"]: row["same answers as"] for row in rows}
    assert "no tests" in same["right"]
    assert same["no bias"] == "points edited; tests edited"
    assert same["empty"] == same["active content"] == ""


class Active(html.parser.HTMLParser):
    """All on a page that could run, or asks another host for something without a click."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "iframe", "object", "embed", "svg", "form", "meta", "base", "link"}:
            self.found.append((tag, dict(attrs).get("src", "")))
        for name, value in attrs:
            address = (value or "").strip().lower()
            loads = name in ("src", "srcset", "srcdoc", "data", "poster", "action")
            runs = name == "href" and not address.startswith(("#", "http:", "https:", "mailto:"))
            if name.startswith("on") or loads or runs:
                self.found.append((name, address[:80]))


def active(page):
    parser = Active()
    parser.feed(page.read_text("utf-8"))
    return parser.found


@needs_sandbox
def test_feedback_holds_nothing_active_and_nothing_hidden(graded):
    pages = graded.course.root / "feedback"
    for name in ("right", "active content"):
        assert active(pages / name / NAME / f"{NAME}.html") == [("meta", "")]
    hidden = graded.course.hidden(NAME).read_text("utf-8")
    lines = [line.strip() for line in hidden.splitlines() if "yield" in line or "def " in line]
    for path in [*pages.glob(f"*/{NAME}/*.html"), *pages.parent.glob(f"autograded/*/{NAME}/*")]:
        text = path.read_text("utf-8")
        assert len(text) < 400_000
        assert not re.search(r"@import|url\(['\"]?(http|//)", text)
        assert not [line for line in lines if line in text and "def " not in line]
        assert str(graded.course.root) not in text


@needs_sandbox
def test_graded_again_all_is_as_it_was(graded, tmp_path):
    before = all_marks(graded.course)
    assert grade(graded.course, NAME, jobs=2).new == []
    second = grade(graded.course, NAME, jobs=2, again=True)
    assert len(second.new) == len(CLASS)
    assert all_marks(graded.course) == before
    assert second.results == graded.summary.results
