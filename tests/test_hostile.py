"""What no submission may do, each tried: earn points, reach a file, live on, or leave no result."""

import errno
import hashlib
import os
import platform
import struct
import time

import numpy as np
import pytest

from rnn_edu.grading import Case, Limits, sandbox, seccomp, wire
from rnn_edu.grading.cases import Hidden
from rnn_edu.grading.marking import Cell, Paper, mark
from tests.hostile import CELLS, RIGHT
from tests.hostile_answers import CELLS as ODD_ANSWERS
from tests.sandboxes import needs_sandbox

H = 4


def rnn_step(rng):
    for N, label in ((3, "a batch of three"), (1, "a batch of one")):
        shapes = (N, 2), (N, H), (2, H), (H, H), (H,)
        x_t, h_prev, W_xh, W_hh, b_h = args = tuple(rng.normal(size=shape) for shape in shapes)
        yield Case("rnn_step", args, np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h), label)


def two(rng):
    yield Case("two", (), 2)


HIDDEN = Hidden({"rnn_step": rnn_step, "two": two}, ("numpy",), Limits(1, 4, 1024))
PAPER = Paper.draw(HIDDEN, seed=3)


def children():
    """The processes that this one has started and that still live."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return file.read().split()


@needs_sandbox
@pytest.mark.parametrize("cell", [*CELLS, *ODD_ANSWERS], ids=lambda cell: cell.name)
def test_a_cell_earns_what_it_may_and_leaves_no_trace(cell, tmp_path):
    victim = tmp_path / "gradebook.db"
    victim.write_bytes(b"every mark of the class")
    before = hashlib.sha256(victim.read_bytes()).digest()
    running, started = children(), time.time()
    source = cell.source.replace("VICTIM", repr(str(victim)))
    outcomes = mark([Cell("given", RIGHT), Cell("theirs", source)], PAPER)
    assert {name for name, outcome in outcomes.items() if outcome.right} == cell.earned
    assert set(outcomes) == {"rnn_step", "two"}
    lost = [outcome.reason for outcome in outcomes.values() if not outcome.right]
    assert not lost or any(cell.said in reason for reason in lost), lost
    assert all(reason.isprintable() and 0 < len(reason) < 1000 for reason in lost)
    assert hashlib.sha256(victim.read_bytes()).digest() == before
    assert os.listdir(tmp_path) == [victim.name]
    assert victim.stat().st_mtime <= started
    assert children() == running


def answer(source):
    """What `found` of a cell returns in the sandbox."""
    cases = [{"call": "found", "args": {"tuple": []}}]
    job = {"cells": [source], "checks": [{"name": "found", "cases": cases}]}
    run = sandbox.run(job, ("numpy",), Limits(), 60)
    assert run.ended == ""
    (value,) = [record["value"] for record in run.records if "value" in record]
    return wire.decode(value)


@needs_sandbox
def test_nothing_in_the_sandbox_can_be_written_but_its_own_tmp():
    source = """import os
def found():
    out = []
    for folder, below, _ in os.walk('/'):
        if folder.count('/') == 2:
            below.clear()
        try:
            open(folder + '/probe', 'w').close()
            out.append(folder)
        except OSError:
            pass
    return out
"""
    assert answer(source) == ["/tmp"]


@needs_sandbox
def test_no_system_call_makes_or_enters_a_process_or_a_namespace():
    source = """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def errno(name, *args):
    return ctypes.get_errno() if getattr(libc, name)(*args) == -1 else 0
def found():
    calls = [('fork',), ('vfork',), ('unshare', 0x10000000), ('unshare', 0x20000), ('setns', 0, 0),
             ('ptrace', 16, 1, 0, 0), ('mount', b'a', b'/tmp', b'tmpfs', 0, 0), ('chroot', b'/tmp'),
             ('process_vm_writev', 1, 0, 0, 0, 0, 0)]
    return [errno(*call) for call in calls], errno('syscall', CLONE3, 0, 0)
"""
    clone3 = seccomp.CALLS[platform.machine()][2]
    refused, missing = answer(source.replace("CLONE3", str(clone3)))
    assert set(refused) == {errno.EPERM}
    assert missing == errno.ENOSYS


def test_the_filter_is_whole_and_knows_its_processors():
    for machine in seccomp.CALLS:
        steps = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
        for place, (code, yes, no, _) in enumerate(steps):
            assert code == seccomp.RETURN or place + 1 + max(yes, no) < len(steps)
        assert steps[-1] == (seccomp.RETURN, 0, 0, seccomp.FAIL | errno.EPERM)
    with pytest.raises(NotImplementedError, match="the processor vax"):
        seccomp.program("vax")


def test_without_bubblewrap_nothing_is_run(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(sandbox.SandboxMissing, match=r"no bwrap on the PATH.*nothing was graded"):
        sandbox.require()


def test_where_bubblewrap_cannot_work_nothing_is_run(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(sandbox.SandboxMissing, match=r"cannot make a sandbox here: .*Permission"):
        sandbox.require()
