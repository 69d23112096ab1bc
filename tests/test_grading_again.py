"""Grading a class more than once: stopped, failed, repeated, after marks by hand, by command."""

import csv
import os
import sys

import pytest

from rnn_edu.grading.__main__ import main
from rnn_edu.grading.feedback import give
from rnn_edu.grading.grade import Grading, grade, recorded_seed
from rnn_edu.grading.marking import mark
from tests.classes import NAME, POINTS, STEP, Class, all_marks, changed
from tests.sandboxes import needs_sandbox

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader leaves its database open
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return Class(tmp_path_factory.mktemp("course"))


@pytest.fixture
def small(built, tmp_path):
    """A course with three students, of whom none was graded."""
    made = built.copy_to(tmp_path / "course")
    for name in ("ada", "ben", "cleo"):
        made.hand_in(name)
    return made


@needs_sandbox
def test_a_grading_that_was_stopped_goes_on_and_gives_the_same_marks(small):
    marked = []

    def stop_after_one(*args):
        if marked:
            raise KeyboardInterrupt
        marked.append(args)
        return mark(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnn_edu.grading.grade.mark", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            grade(small.course, NAME, jobs=1)
    seed = recorded_seed(small.course.results(NAME))
    rest = grade(small.course, NAME, jobs=2)
    assert len(rest.new) == 2
    assert len(rest.results) == 3
    assert recorded_seed(small.course.results(NAME)) == seed
    assert give(small.course, NAME, renew=False) == 3
    marks = all_marks(small.course)
    grade(small.course, NAME, jobs=1, again=True)
    assert all_marks(small.course) == marks
    assert {score for (_, cell), (score, _, _) in marks.items() if "echo" in cell} == {2.0}


@needs_sandbox
def test_a_fault_of_the_grading_itself_is_told_and_tried_again(small):
    def broken(*args):
        raise OSError("no more memory for another process")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnn_edu.grading.grade.mark", broken)
        summary = grade(small.course, NAME)
    assert {r.problem for r in summary.results.values()} == {
        "the grading failed; your teacher has been told"
    }
    assert "no more memory" in summary.table.read_text("utf-8")
    assert len(grade(small.course, NAME).new) == 3
    assert sum(s or 0 for s, _, _ in all_marks(small.course).values()) == 3 * POINTS


@needs_sandbox
def test_marks_by_hand_stay_and_a_new_answer_is_looked_at_again(small):
    small.hand_in("ben", changed(small.right, essay_stack="YOUR ANSWER HERE"))
    grade(small.course, NAME)
    marks = all_marks(small.course)
    assert marks["ada", "essay_stack"] == (None, None, True)
    assert marks["ben", "essay_stack"] == (0.0, None, False)
    with small.course.gradebook() as book:
        given = book.find_grade("essay_stack", NAME, NAME, "ada")
        given.manual_score, given.needs_manual_grade = 2.5, False
        book.db.commit()
    grade(small.course, NAME, again=True)
    assert all_marks(small.course)["ada", "essay_stack"] == (None, 2.5, False)
    small.hand_in("ada", changed(small.right, rnn_step=STEP))
    summary = grade(small.course, NAME)
    assert summary.new == ["ada"]
    assert all_marks(small.course)["ada", "essay_stack"] == (None, 2.5, True)
    assert all_marks(small.course)["ada", "hidden_rnn_step"] == (0.0, None, False)
    rows = list(csv.DictReader(summary.table.open(encoding="utf-8", newline="")))
    assert [float(row["score"]) for row in rows] == [POINTS - 6 + 2.5, POINTS, POINTS]


@needs_sandbox
def test_the_same_seed_gives_the_same_inputs_and_another_gives_others(small):
    one, same, other = (Grading.prepare(small.course, NAME, seed).paper for seed in (1, 1, 2))
    assert one.jobs == same.jobs
    assert one.jobs["rnn_step"] != other.jobs["rnn_step"]
    assert Grading.prepare(small.course, NAME).paper.jobs == other.jobs


@needs_sandbox
def test_nothing_is_graded_or_changed_without_a_sandbox(small, monkeypatch, capsys):
    before = (small.course.root / "gradebook.db").read_bytes()
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    assert main(["grade", str(small.course.root)]) == 1
    assert "bubblewrap is missing" in capsys.readouterr().err
    assert (small.course.root / "gradebook.db").read_bytes() == before
    assert not small.course.results(NAME).exists()


@needs_sandbox
def test_nbgrader_s_own_autograde_runs_nothing(small):
    ran = small.course.root / "ran"
    small.hand_in("ada", changed(small.right, rnn_step=f"open({str(ran)!r}, 'w')"))
    grade(small.course, NAME)
    marks = all_marks(small.course)
    done = small.course.nbgrader().autograde(NAME, "ada")
    assert not done["success"]
    assert "python -m rnn_edu.grading grade" in done["error"]
    assert not ran.exists()
    assert grade(small.course, NAME).new == ["ada"]  # nbgrader had removed the graded notebook
    assert all_marks(small.course) == marks


@needs_sandbox
def test_the_command_tells_what_was_done(small, capsys):
    small.hand_in("ben", b"{")
    assert main(["grade", str(small.course.root), "--jobs", "2"]) == 0
    said = capsys.readouterr().out
    assert "3 submissions, 3 of them new or changed" in said
    assert "not graded: 'ben'" in said
    assert "feedback: 3 pages written" in said
    assert main(["grade", str(small.course.root)]) == 0
    assert "feedback: 0 pages written" in capsys.readouterr().out
    assert main(["feedback", str(small.course.root)]) == 0
    assert "feedback: 3 pages written" in capsys.readouterr().out
    assert main(["grade", str(small.course.root), "--assignment", "a9"]) == 1
    assert "build the assignment first" in capsys.readouterr().err


@needs_sandbox
def test_beside_each_page_lies_what_release_feedback_reads(small):
    small.hand_in("ada", small.right)
    folder = small.course.root / "submitted" / "ada" / NAME
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    grade(small.course, NAME)
    private = small.course.root / "private"
    private.write_text("not the student's")
    (folder / "submission_secret.txt").symlink_to(private)
    give(small.course, NAME)
    page = small.course.root / "feedback" / "ada" / NAME
    assert (page / "timestamp.txt").read_text() == "2026-01-01 00:00:00 UTC"
    assert len((page / "submission_secret.txt").read_text()) > 30
    (folder / "submission_secret.txt").unlink()
    (folder / "submission_secret.txt").write_text("a secret")
    give(small.course, NAME)
    assert (page / "submission_secret.txt").read_text() == "a secret"
