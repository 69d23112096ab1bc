"""How hypothesis draws in every test, and the built book, shared by all that look at it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_S = 900

# The same examples each time, and as much time for each as a busy machine takes.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


class Site(NamedTuple):
    """What `python -m book.build` made, and what it said on stderr while it did."""

    html: Path
    said: str

    @property
    def pages(self) -> list[Path]:
        """Its pages, but for the listings of the package's source."""
        found = (path.relative_to(self.html) for path in self.html.rglob("*.html"))
        return sorted(self.html / p for p in found if not p.parts[0].startswith("_"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The book, built once a session: the first worker that wants it builds, others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, log = shared / "book", shared / "book.log"
    with FileLock(shared / "book.lock", timeout=TIMEOUT_S):
        if not log.exists():
            command = [sys.executable, "-m", "book.build", "--to", str(folder)]
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
            log.write_text(f"{done.stderr}exit status {done.returncode}\n", encoding="utf-8")
    return Site(folder / "html", log.read_text(encoding="utf-8"))
