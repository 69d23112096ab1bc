"""bootstrap.py where something is in the way: one line says what, and what to do about it."""

import ast
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.course import ANEW, EXT_SUFFIX, SCRIPT, load, new_course, put_python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the course's Python is a shell script")

NEWER_THAN_PYTHON_2 = (
    ast.AnnAssign,
    ast.AsyncFunctionDef,
    ast.JoinedStr,
    ast.Match,
    ast.NamedExpr,
    ast.Nonlocal,
    ast.YieldFrom,
)


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path / "é t")


def test_old_pythons_can_compile_it():
    source = SCRIPT.read_bytes().decode("ascii")
    for node in ast.walk(ast.parse(source)):
        text = ast.unparse(node)
        assert not isinstance(node, NEWER_THAN_PYTHON_2), text
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs + node.posonlyargs, text
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None, text
        if isinstance(node, ast.arg):
            assert node.annotation is None, text
        if isinstance(node, ast.Raise):
            assert node.cause is None, text
        if isinstance(node, ast.List | ast.Tuple):  # [*a]
            assert not any(isinstance(item, ast.Starred) for item in node.elts), text
        if isinstance(node, ast.Call):  # f(*a, b), where f(b, *a) is old
            assert not any(isinstance(item, ast.Starred) for item in node.args[:-1]), text


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13)])
def test_old_python(version, course, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", version)
        message = course.stops_with("lab")
    assert "needs Python 3.11 or newer" in message
    assert "is Python {}.{}.{}:".format(*version) in message
    assert "make lab PYTHON=python3.12" in message
    assert course.steps == []


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_no_venv_module(module, course, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    message = course.stops_with("lab")
    assert f"has no module {module}:" in message
    assert "apt install python{}.{}-venv".format(*sys.version_info) in message
    assert course.steps == []


def test_too_little_disk(course, monkeypatch):
    usage = shutil.disk_usage(course.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_200_000_000))
    message = course.stops_with("lab")
    assert "1.2 GB are free" in message
    assert f"make 3 GB of room for {course.folder}" in message
    assert course.steps == []


def test_unwritable_folder(course, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "mkdir", refuse)
    message = course.stops_with("lab")
    assert f"'{course.venv}'): make {course.folder} writable" in message
    assert course.steps == []


@pytest.mark.parametrize(
    ("errors", "last", "remedy"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for numpy==2.4.6\n\nnote: not pip's fault\n",
            "(ERROR: No matching distribution found for numpy==2.4.6)",
            "with a network",
        ),
        (
            "ERROR: No matching distribution found for numpy==9\n",
            "(ERROR: No matching distribution found for numpy==9)",
            "put that right",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left\n",
            "(ERROR: Could not install packages due to an OSError: [Errno 28] No space left)",
            "GB of room",
        ),
        ("Fatal Python error\nmemory ran out\n", "(memory ran out)", "put that right"),
        ("", "(no message)", "put that right"),
    ],
)
def test_errors_of_pip(errors, last, remedy, course):
    script = load(course.folder)
    child = f"import sys; sys.stderr.write({errors!r}); sys.exit(1)"
    with pytest.raises(script.SetUpError) as caught:
        script.call([sys.executable, "-c", child], ())
    message = str(caught.value)
    assert last in message
    assert remedy in message
    assert "run the same command again" in message
    assert "\n" not in message


@pytest.mark.parametrize("arguments", [[], ["help"], ["run"]])
def test_usage(arguments, course):
    assert course.script.main(arguments).startswith("usage: python bootstrap.py lab ")


@pytest.mark.parametrize("reason", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_installation_that_breaks_off_is_made_anew(reason, course, monkeypatch):
    def break_off(arguments, lock):
        raise reason

    course.script.set_up("lab")
    (course.folder / "requirements.txt").write_text("numpy==2.4.7\n")
    with monkeypatch.context() as patch:
        patch.setattr(course.script, "call", break_off)
        assert "run the same command again" in course.stops_with("lab")
    course.script.set_up("lab")
    assert course.steps == ANEW + ANEW


@pytest.mark.parametrize("at", ANEW)
def test_first_installation_that_breaks_off_is_made_anew(at, course, monkeypatch):
    call = course.script.call

    def break_off(arguments, lock):
        call(arguments, lock)
        if course.steps[-1] == at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(course.script, "call", break_off)
        course.stops_with("lab")
    done = list(course.steps)
    course.script.set_up("lab")
    assert course.steps == done + ANEW


def test_removal_that_breaks_off_leaves_nothing_that_looks_whole(course, monkeypatch):
    def break_off(path, **options):
        if path == str(course.venv):
            raise KeyboardInterrupt
        remove(path, **options)

    remove = shutil.rmtree
    course.script.set_up("lab")
    with monkeypatch.context() as patch:
        patch.setattr(course.script, "is_usable", lambda: False)
        patch.setattr(shutil, "rmtree", break_off)
        course.stops_with("lab")
    course.script.set_up("lab")
    assert course.steps == ANEW + ANEW


@pytest.fixture
def own_handler():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("own_handler")
def test_kill_ends_the_step(course):
    """The step kills the script, and would then go on to write a file."""
    child = (
        "import os, pathlib, signal, time; os.kill(os.getppid(), signal.SIGTERM); "
        "time.sleep(20); pathlib.Path('went-on').touch()"
    )
    real = load(course.folder).call
    course.script.call = lambda arguments, lock: real([sys.executable, "-c", child], lock)
    assert course.stops_with("lab").startswith("Interrupted")
    assert not (course.folder / "went-on").exists()


def test_download_that_breaks_off_is_taken_up_again(course, monkeypatch):
    def break_off(arguments, lock):
        call(arguments, lock)
        if course.steps[-1] == "pip .":
            raise course.script.OfflineError("no network")

    call = course.script.call
    course.script.set_up("lab")
    course.script.write_stamp(course.script.UNFINISHED)
    with monkeypatch.context() as patch:
        patch.setattr(course.script, "call", break_off)
        assert course.stops_with("lab") == "no network"
    course.script.set_up("lab")
    assert course.steps == [*ANEW, *ANEW[:3], *ANEW[2:]]


def test_real_pip_without_a_network(course):
    """This environment's own pip, whose index is a port where nobody listens.

    It has installed nothing: an environment that someone made by hand is kept as it was.
    """
    put_python(course, EXT_SUFFIX)
    course.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DRY_RUN": "1",
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "1",
    }
    command = [sys.executable, str(course.folder / "bootstrap.py"), "lab"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "with a network, run the same command again" in result.stderr
    assert course.script.read_stamp() == ""
    assert course.python.exists()
