"""A course to try bootstrap.py on: the real script in a folder of its own, with tiny inputs."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

SCRIPT = Path(__file__).resolve().parents[1] / "bootstrap.py"
EXT_SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
FETCH = "rnn_edu.data.fetch"
ANEW = ["venv", "ensurepip", "pip .", FETCH]


class Course(NamedTuple):
    """steps: what the script has called, such as ANEW; every call succeeds and installs nothing."""

    folder: Path
    script: ModuleType
    steps: list[str]

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def stops_with(self, command: str) -> str:
        """The one line with which a command stops."""
        message = self.script.main([command])
        assert isinstance(message, str)
        assert message
        assert "\n" not in message
        return message


def new_course(folder: Path) -> Course:
    """A course in which nothing is installed."""
    folder.mkdir()
    shutil.copy(SCRIPT, folder)
    (folder / "requirements.txt").write_text("numpy==2.4.6\n")
    (folder / "pyproject.toml").write_text("")
    course = Course(folder, load(folder), [])

    def call(arguments: list[str], lock: tuple[int, ...]) -> None:
        step = arguments[arguments.index("-m") + 1]
        course.steps.append(f"pip {arguments[-1]}" if step == "pip" else step)
        if step == "venv":
            put_python(course, EXT_SUFFIX)

    def start(arguments: list[str]) -> None:
        raise AssertionError(f"started {arguments}")

    course.script.call = call
    course.script.start = start
    return course


def load(folder: Path) -> ModuleType:
    """The script of a course as a module: what it computes from its place, it computes anew."""
    spec = importlib.util.spec_from_file_location("course_bootstrap", folder / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def put_python(course: Course, answer: str) -> None:
    """Give .venv a Python that answers the script's probe, or says where and how it was called."""
    course.python.parent.mkdir(parents=True, exist_ok=True)
    course.python.write_text(
        f'#!/bin/sh\nif [ "$1" = -c ]; then echo {answer}; else pwd; echo "$@"; exit 7; fi\n'
    )
    course.python.chmod(0o755)
