"""The whole course as one archive: what git tracks, the same bytes wherever it is made."""

from __future__ import annotations

import fnmatch
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP = "rnn_edu-course"  # the folder that the archive unpacks to
WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


def write(path: Path) -> None:
    """Write the archive of the course to path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files():
            source = ROOT / name
            entry = zipfile.ZipInfo(f"{TOP}/{name}", WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on Windows too
            entry.external_attr = (0o755 if source.suffix == ".run" else 0o644) << 16
            archive.writestr(entry, source.read_bytes())


def files() -> list[str]:
    """The course's files relative to its root, sorted: git's list, or without git all but what
    .gitignore names.
    """
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
        return sorted(name for name in names if (ROOT / name).is_file())
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    ignored = [line.rstrip("/") for line in lines]
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return sorted(p.as_posix() for p in paths if not any(_matches(p, i) for i in ignored))


def _matches(path: Path, pattern: str) -> bool:
    """Whether a pattern names the path, a folder above it, or one part of it."""
    parents = [p.as_posix() for p in (path, *path.parents)]
    return pattern in parents or any(fnmatch.fnmatch(part, pattern) for part in path.parts)
