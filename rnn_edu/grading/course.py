"""The course folder: where nbgrader and the grading keep what, and nbgrader's settings for it.

COURSE/source/A, release/A, submitted/STUDENT/A, autograded/STUDENT/A, feedback/STUDENT/A and
gradebook.db are nbgrader's; COURSE/hidden/A.py and COURSE/grading/A are ours. Only the teacher may
read any of it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from .form import STUB

SETTINGS = '''"""nbgrader's settings for this course; your own go to the end."""

from rnn_edu.grading.course import settings

c = get_config()  # noqa: F821
c.merge(settings())
'''

LOG = logging.getLogger("rnn_edu.grading.nbgrader")
LOG.setLevel(logging.ERROR)


def settings() -> Config:
    """What nbgrader's own commands and its formgrader need to know; see nbgrader_config.py.

    Where $RNN_EDU_EXCHANGE is "ngshare", that service knows who hands in, and collects.
    """
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {"markdown2html": "rnn_edu.grading.maths.markdown2html"}
    if os.environ.get("RNN_EDU_EXCHANGE") != "ngshare":
        config.ExchangeFactory.collect = "rnn_edu.grading.collect.Collect"
    config.Autograde.pre_convert_hook = "rnn_edu.grading.course.refuse"
    return config


def refuse(**_: object) -> NoReturn:
    """Stops nbgrader's own autograde, also from the formgrader, before it runs anything.

    SystemExit, since nbgrader goes on after any other exception.
    """
    raise SystemExit(
        "nbgrader's autograde runs what students wrote in an open kernel, where it can do anything "
        "that you can. Grade with: python -m rnn_edu.grading grade COURSE"
    )


def write(path: Path, content: str) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(content, encoding="utf-8")
    os.replace(new, path)


@dataclass(frozen=True)
class Course:
    """A course folder."""

    root: Path

    @property
    def database(self) -> str:
        """The address of the gradebook's file."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def gradebook(self) -> Gradebook:
        """nbgrader's gradebook, to be used in a with statement; made where there is none."""
        _show_alembic()
        return Gradebook(self.database)

    def notebook(self, stage: str, assignment: str, student: str = "") -> Path:
        """A notebook's place; stage: source, release, submitted or autograded."""
        return self.root / stage / student / assignment / f"{assignment}.ipynb"

    def hidden(self, assignment: str) -> Path:
        """The module of an assignment's hidden checks."""
        return self.root / "hidden" / f"{assignment}.py"

    def results(self, assignment: str) -> Path:
        """The folder of an assignment's results, seed and table."""
        return self.root / "grading" / assignment

    def assignments(self) -> list[str]:
        """The names of all assignments that were built here."""
        return sorted(path.stem for path in (self.root / "hidden").glob("*.py"))

    def settings(self) -> Config:
        """`settings()`, for this folder."""
        config = settings()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = self.database
        return config

    def directory(self) -> CourseDirectory:
        """nbgrader's view of this folder."""
        return CourseDirectory(config=self.settings(), log=LOG)

    def nbgrader(self) -> NbGraderAPI:
        """nbgrader's own commands on this folder, saying only what is wrong."""
        _show_alembic()
        api = NbGraderAPI(self.directory(), config=self.settings())
        api.log = LOG
        return api


def _show_alembic() -> None:
    """nbgrader runs `alembic` by its name alone, also where no one activated the environment."""
    if not shutil.which("alembic"):
        os.environ["PATH"] = os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        )
