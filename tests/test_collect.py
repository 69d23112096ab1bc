"""Collecting from an exchange: what is not its sender's own is refused and reported."""

import json
import os
import pwd
import shutil

import pytest

from rnn_edu.grading import collect
from rnn_edu.grading.grade import grade
from tests.classes import NAME, POINTS, Class, all_marks
from tests.sandboxes import needs_sandbox

ME = pwd.getpwuid(os.getuid()).pw_name
TIME = "2026-03-0{} 10:00:00.000000 UTC"

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader leaves its database open
]


def test_a_submission_must_be_its_sender_s_own_plain_files(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.ipynb").write_text("{}")
    assert collect.offence(tmp_path, ME) == ""
    assert f"it belongs to {ME}" in collect.offence(tmp_path, "ada")
    os.symlink("/etc/passwd", tmp_path / "folder" / "b.ipynb")
    assert "b.ipynb is a link" in collect.offence(tmp_path, ME)
    os.remove(tmp_path / "folder" / "b.ipynb")
    os.mkfifo(tmp_path / "pipe")
    assert "pipe is a link or no plain file" in collect.offence(tmp_path, ME)


@pytest.fixture
def exchange(tmp_path, monkeypatch):
    """A course and its exchange; the inbound folder is open to everyone, as it must be."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Class(tmp_path / "course")
    made.inbound = tmp_path / "exchange" / "rnn" / "inbound"
    made.inbound.mkdir(parents=True)
    return made


def send(made, name, day, notebook):
    folder = made.inbound / f"{name}+{NAME}+{TIME.format(day)}+xyz"
    folder.mkdir()
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook))
    (folder / "timestamp.txt").write_text(TIME.format(day))
    return folder


def collected(made):
    """Run nbgrader's collect as its command and the formgrader do."""
    api = made.course.nbgrader()
    api.config.CourseDirectory.course_id = api.coursedir.course_id = "rnn"
    api.config.Exchange.root = str(made.inbound.parents[1])
    done = api.collect(NAME, update=True)
    assert done["success"], done


@needs_sandbox
def test_a_forged_submission_is_refused_and_takes_nothing_s_place(exchange):
    send(exchange, ME, 1, exchange.right)
    link = send(exchange, ME, 2, exchange.empty)
    os.symlink(exchange.course.notebook("source", NAME), link / "more.ipynb")
    send(exchange, "ada", 3, exchange.right)
    collected(exchange)
    assert sorted(p.name for p in (exchange.course.root / "submitted").iterdir()) == [ME]
    summary = grade(exchange.course, NAME)
    assert summary.results["ada"].problem.startswith("refused: ada+")
    assert f"it belongs to {ME}" in summary.results["ada"].problem
    assert summary.results[ME].problem == ""
    assert "more.ipynb is a link" in summary.results[ME].notes[0]
    marks = all_marks(exchange.course)
    assert sum(score or 0 for (who, _), (score, _, _) in marks.items() if who == "ada") == 0
    assert sum(score or 0 for (who, _), (score, _, _) in marks.items() if who == ME) == POINTS
    shutil.rmtree(link)
    collected(exchange)
    assert grade(exchange.course, NAME).results[ME].notes == []
