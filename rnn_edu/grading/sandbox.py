"""Run a submission in bubblewrap: no network, no other file, one process, and limits on the rest.

The sandbox holds Python, the distributions that the assignment allows, and two files of ours. Job
and answers travel through pipes, so that nothing of a submission ever lies on the disk. Without
bubblewrap nothing is run at all: there is no open way to fall back to.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGXCPU
from typing import Any

from . import seccomp
from .cases import WAITING, Limits
from .packages import files_of

HERE = Path(__file__).parent
INSIDE = ("_worker.py", "wire.py")
MOST_OUTPUT = 32 << 20  # bytes that a submission may answer with
DISK = 64 << 20  # bytes of /tmp
ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",  # or each thread takes 64 MB of addresses
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class SandboxMissing(RuntimeError):
    """Submissions cannot be confined on this machine, so none is run."""


@dataclass(frozen=True)
class Run:
    """What came out of the sandbox: the worker's records, and why they end early ("" if not)."""

    records: list[dict[str, Any]]
    ended: str


def require() -> None:
    """Raises SandboxMissing, saying what to do, unless a sandbox can be made here."""
    advice = "Submissions are only ever run in a sandbox, so nothing was graded."
    if not shutil.which("bwrap"):
        raise SandboxMissing(
            f"bubblewrap is missing: no bwrap on the PATH. Install it (Debian, Ubuntu: apt-get "
            f"install bubblewrap). {advice}"
        )
    try:
        with _memory_file(seccomp.program()) as rules:
            command = [*_command(rules.fileno(), {}), sys._base_executable, "-I", "-S", "-c", ""]
            done = subprocess.run(
                command, pass_fds=[rules.fileno()], capture_output=True, text=True, timeout=60
            )
    except (NotImplementedError, subprocess.TimeoutExpired) as error:
        raise SandboxMissing(f"{error}. {advice}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise SandboxMissing(
            f"bubblewrap cannot make a sandbox here: {said[-1]}. In a container it needs leave to "
            f"make user namespaces; see its manual. {advice}"
        )


def run(job: dict[str, Any], packages: tuple[str, ...], limits: Limits, seconds: float) -> Run:
    """Run one job (see _worker.py) in a sandbox of its own, for `seconds` on the clock at most."""
    job = job | {
        "cell_seconds": limits.cell_seconds,
        "cell_waiting": limits.cell_seconds * WAITING,
        "total_seconds": limits.total_seconds,
        "memory_mb": limits.memory_mb,
    }
    python = [sys._base_executable, "-I", "-S", "-B", "-c", START]
    with _memory_file(seccomp.program()) as rules, _memory_file(json.dumps(job).encode()) as work:
        process = subprocess.Popen(
            [*_command(rules.fileno(), files_of(packages)), *python],
            stdin=work,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[rules.fileno()],
        )
        try:
            said, ended = _read(process.stdout.fileno(), time.monotonic() + seconds)
        finally:
            process.kill()  # bwrap takes all that is inside along
            process.stdout.close()
            status = process.wait()
    records = list(_records(said))
    if not ended and {"done": True} not in records:
        ended = _death(status)
    return Run(records, ended)


START = """
import sys
sys.path[:0] = ["/grading", "/packages"]
import _worker
_worker.main()
"""


def _command(rules: int, packages: dict[str, Path]) -> list[str]:
    """bwrap with everything but the program; rules: the file descriptor of the seccomp filter."""
    command = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns"]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    command += ["--uid", "65534", "--gid", "65534", "--seccomp", str(rules)]
    command += ["--ro-bind", "/usr", "/usr"]
    for folder in ("/lib", "/lib64", "/bin"):
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            command += ["--ro-bind", folder, folder]
    if not Path(sys.base_prefix).is_relative_to("/usr"):
        command += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    for name, path in packages.items():
        command += ["--ro-bind", str(path), f"/packages/{name}"]
    for name in INSIDE:
        command += ["--ro-bind", str(HERE / name), f"/grading/{name}"]
    command += ["--dev", "/dev", "--remount-ro", "/dev", "--size", str(DISK), "--tmpfs", "/tmp"]
    command += ["--remount-ro", "/", "--chdir", "/tmp"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    return command


def _memory_file(content: bytes) -> Any:
    """A file without a name, read from its beginning."""
    file = os.fdopen(os.memfd_create("grading"), "w+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def _read(pipe: int, until: float) -> tuple[bytes, str]:
    """All that is said until the pipe closes, the time is over or it is too much."""
    said = bytearray()
    while (left := until - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            continue
        if not (piece := os.read(pipe, 1 << 20)):
            return bytes(said), ""
        said += piece
        if len(said) > MOST_OUTPUT:
            return bytes(said[:MOST_OUTPUT]), "output"
    return bytes(said), "time"


def _records(said: bytes) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects; others are not the worker's."""
    for line in said.split(b"\n"):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield record


def _death(status: int) -> str:
    """What an exit status of bwrap says: a signal is reported as 128 plus its number."""
    signal = -status if status < 0 else status - 128
    if signal == SIGXCPU:  # the kernel's own limit on computing
        return "time"
    return f"signal {signal}" if 0 < signal < 65 else f"exit {status}"
