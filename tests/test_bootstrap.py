"""bootstrap.py where all goes well: when it installs what, and what it starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.course import ANEW, EXT_SUFFIX, FETCH, load, new_course, put_python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the course's Python is a shell script")


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path / "é [1] t")


def run(course, *arguments):
    command = [sys.executable, str(course.folder / "bootstrap.py"), *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


def test_second_call_installs_nothing(course):
    course.script.set_up("lab")
    assert course.steps == ANEW
    course.script.set_up("lab")
    assert course.steps == ANEW


def test_test_environment_serves_the_lab_but_not_the_other_way_round(course):
    course.script.set_up("lab")
    course.script.set_up("test")
    assert course.steps == [*ANEW, "pip .[test]", FETCH]
    course.script.set_up("lab")
    assert course.steps == [*ANEW, "pip .[test]", FETCH]


@pytest.mark.parametrize("name", ["bootstrap.py", "pyproject.toml", "requirements.txt"])
def test_content_counts_and_times_do_not(name, course):
    course.script.set_up("lab")
    path = course.folder / name
    os.utime(path, (1, 1))
    course.script.set_up("lab")
    assert course.steps == ANEW
    path.write_text(path.read_text() + "# changed\n")
    os.utime(path, (1, 1))
    course.script.set_up("lab")
    assert course.steps == [*ANEW, "pip .", FETCH]


def test_moved_course_is_installed_again(course):
    course.script.set_up("lab")
    moved = load(course.folder.rename(course.folder.with_name("moved")))
    moved.call = course.script.call
    moved.set_up("lab")
    assert course.steps == [*ANEW, "pip .", FETCH]


def vanished(course):
    course.python.unlink()
    course.python.symlink_to("/nonexistent/python3")


def cut_off(course):
    course.script.write_stamp(course.script.UNFINISHED)


def of_another_python(course):
    put_python(course, ".cpython-399-other.so")


def without_pip(course):
    course.python.write_text("#!/bin/sh\nexit 1\n")


@pytest.mark.parametrize("damage", [vanished, cut_off, of_another_python, without_pip])
def test_unusable_environment_is_made_anew(damage, course):
    course.script.set_up("lab")
    rest = course.venv / "rest-of-the-old-one"
    rest.touch()
    damage(course)
    course.script.set_up("lab")
    assert course.steps == ANEW + ANEW
    assert not rest.exists()


def test_environment_is_made_by_the_base_python(course, monkeypatch):
    """The script may be run by the .venv that it has to remove."""
    calls = []
    monkeypatch.setattr(course.script, "call", lambda arguments, lock: calls.append(arguments))
    monkeypatch.setattr(sys, "executable", str(course.python))
    course.script.set_up("lab")
    assert calls[0] == [sys._base_executable, "-m", "venv", "--without-pip", str(course.venv)]


def test_environment_made_by_hand_is_completed(course):
    put_python(course, EXT_SUFFIX)
    course.script.set_up("lab")
    assert course.steps == ["pip .", FETCH]


def test_probe_asks_for_pip(course):
    empty = course.folder / "empty"
    empty.mkdir()
    course.python.parent.mkdir(parents=True)
    for folder, usable in ((Path(sys.prefix) / "lib", True), (empty, False)):
        # -S hides this environment's packages; its own are put back by their folder.
        packages = next(folder.glob("python3*/site-packages"), empty)
        course.python.write_text(
            f'#!/bin/sh\nPYTHONPATH="{packages}" exec "{sys.executable}" -S "$@"\n'
        )
        course.python.chmod(0o755)
        assert course.script.is_usable() is usable


def test_one_set_up_at_a_time(course):
    fcntl = pytest.importorskip("fcntl")
    with (course.folder / "requirements.txt").open("r+") as file:
        with course.script.only_one_set_up() as lock:
            assert len(lock) == 1
            with pytest.raises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_another_set_up_has_done_is_not_done_again(course, monkeypatch):
    answers = iter([False, True])
    monkeypatch.setattr(course.script, "is_ready", lambda level: next(answers))
    course.script.set_up("lab")
    assert course.steps == []


def test_command_runs_in_the_course_with_its_arguments_and_gives_its_status(course):
    course.script.set_up("test")
    result = run(course, "run", "tests.rerun", "--check")
    assert result.stderr == ""
    assert result.stdout == f"{course.folder}\n-m tests.rerun --check\n"
    assert result.returncode == 7


def test_tests_get_their_options(course):
    arguments = course.script.command_line("test", ["-k", "gru"])
    assert arguments[:2] == ["-m", "pytest"]
    assert "--nbval" in arguments
    assert arguments[-2:] == ["-k", "gru"]


@pytest.fixture
def no_display(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_display")
def test_lab_opens_the_first_lesson(course, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    notebooks = course.folder / "notebooks"
    notebooks.mkdir()
    for name in ("02_the_loop.ipynb", "01_why_sequences.ipynb", "00_notes.txt", "(draft).ipynb"):
        (notebooks / name).touch()
    assert course.script.command_line("lab", ["--port=9999"]) == [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={notebooks}",
        "--LabApp.default_url=/lab/tree/01_why_sequences.ipynb",
        "--no-browser",
        "--port=9999",
    ]


@pytest.mark.usefixtures("no_display")
def test_lab_with_a_display_and_as_root(course, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert course.script.command_line("lab", []) == [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={course.folder / 'notebooks'}",
        "--allow-root",
    ]


def test_settings_are_ones_that_jupyterlab_has(course):
    course.script.set_up("lab")
    overrides = course.venv / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings = json.loads(overrides.read_text())
    assert len(settings) == 2
    for plugin, values in settings.items():
        extension, name = plugin.split(":")
        installed = Path(sys.prefix) / "share" / "jupyter"
        (schema,) = installed.glob(f"**/schemas/{extension}/{name}.json")
        properties = json.loads(schema.read_text())["properties"]
        for key, value in values.items():
            jsonschema.validate(value, properties[key])
