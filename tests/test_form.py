"""The percent text of an assignment: what it becomes, and what is refused in which words."""

import re

import pytest

from rnn_edu.grading import Case, cases, form
from rnn_edu.grading.build import agree

GOOD = """# %% [markdown]
# # A title

# %% given:imports
import numpy as np

# %% solution:double
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% test:double
print(double(2))

# %% hidden:double:3
# Graded on other numbers.

# %% [markdown] essay:why:2
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
"""


def read(tmp_path, text):
    path = tmp_path / "a0_example.py"
    path.write_text(text, encoding="utf-8")
    return form.read(path)


def test_each_tag_becomes_its_cells(tmp_path):
    assignment = read(tmp_path, GOOD)
    assert assignment.name == "a0_example"
    assert assignment.points == {"double": 3}
    cells = form.notebook(assignment)["cells"]
    marks = {c["id"]: c["metadata"].get("nbgrader", {}) for c in cells}
    keys = ("grade", "solution", "locked", "points")
    assert {name: tuple(mark.get(key) for key in keys) for name, mark in marks.items()} == {
        "cell-000": (None, None, None, None),
        "given_imports": (False, False, True, None),
        "double": (False, True, False, None),
        "test_double": (False, False, True, None),
        "hidden_double": (True, False, True, 3),
        "question_why": (False, False, True, None),
        "essay_why": (True, True, False, 2),
    }
    assert [c["source"] for c in cells if c["id"].endswith("why")] == [
        "Why?",
        "### BEGIN SOLUTION\nBecause.\n### END SOLUTION",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hidden:double:3", "hiden:double:3", "the tag 'hiden:double:3': expected given"),
        ("hidden:double:3", "hidden:double", "expected hidden:NAME:POINTS"),
        ("hidden:double:3", "hidden:double:0", "the tag 'hidden:double:0'"),
        ("hidden:double:3", "hidden:double:2.5", "the tag 'hidden:double:2.5'"),
        ("hidden:double:3", "hidden:Double:3", "the tag 'hidden:Double:3'"),
        ("solution:double", "solution:double:3", "a solution cell carries no points"),
        ("# Graded on", "assert 1  # Graded on", "a hidden cell holds comments only"),
        ("[markdown] essay", "essay", "expected a markdown cell, got code"),
        ("    ### END SOLUTION\n\n", "\n", "expected ### BEGIN SOLUTION, then"),
        ("    ### BEGIN SOLUTION\n    return", "    return", "expected ### BEGIN SOLUTION, then"),
        ("# %% solution:double", "# %%", "a solution in a cell without a tag"),
        ("# %% test:double", "# %% solution:double", "solution"),
        ("test:double", "test:double:2", "stands twice"),
    ],
)
def test_what_is_not_in_the_form_is_refused(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(form.FormError, match=re.escape(said)):
        read(tmp_path, GOOD.replace(old, new, 1))


def hidden(tmp_path, text):
    path = tmp_path / "hidden.py"
    path.write_text(text, encoding="utf-8")
    return cases.load(path)


CHECKS = """import numpy as np
from rnn_edu.grading import Case, Limits
PACKAGES = ["numpy", "rnn_edu"]
LIMITS = Limits(cell_seconds=2)
def double(rng):
    x = rng.normal(size=3)
    yield Case("double", (x,), 2 * x, "three numbers")
    yield Case(twice, (1.5,), 6.0)
def twice(student, x):
    return student.double(student.double(x))
def _helper(rng):
    raise AssertionError
"""


def test_a_hidden_module_is_read(tmp_path):
    checks = hidden(tmp_path, CHECKS)
    assert set(checks.checks) == {"double"}
    assert checks.packages == ("numpy", "rnn_edu")
    assert checks.limits.cell_seconds == 2
    assert checks.limits.memory_mb == cases.Limits().memory_mb
    agree(read(tmp_path, GOOD), checks)
    first, driven = (case.job() for case in checks.cases("double", 5))
    assert first["call"] == "double"
    assert driven["call"] == "twice"
    assert driven["driver"].startswith("def twice(student, x):")
    assert "three numbers" not in str([first, driven])
    drawn = checks.cases("double", 5)[0].args[0]
    assert (drawn == checks.cases("double", 5)[0].args[0]).all()
    assert (drawn != checks.cases("double", 6)[0].args[0]).any()


def test_checks_and_tags_must_agree(tmp_path):
    checks = hidden(tmp_path, CHECKS.replace("def double", "def dobule"))
    with pytest.raises(ValueError, match=r"only tags: \['double'\], only checks: \['dobule'\]"):
        agree(read(tmp_path, GOOD), checks)


def test_a_module_without_checks_and_a_check_without_cases_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no function with the one argument rng"):
        hidden(tmp_path, "x = 1")
    with pytest.raises(FileNotFoundError, match="no hidden checks"):
        cases.load(tmp_path / "none.py")
    empty = hidden(tmp_path, "def double(rng):\n    yield from ()")
    with pytest.raises(ValueError, match="double: 1 to 50 cases, got 0"):
        empty.cases("double", 1)


def test_an_argument_that_is_no_data_is_refused():
    with pytest.raises(TypeError, match="a value of type object"):
        Case("double", (object(),), 1).job()
