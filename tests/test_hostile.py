"""What no submission may do, each tried: earn points, reach a file, live on, or leave no result."""

import hashlib
import os
import time

import numpy as np
import pytest

from rnn_edu.grading import Case, Limits, sandbox
from rnn_edu.grading.cases import Hidden
from rnn_edu.grading.marking import Cell, Paper, mark
from tests.hostile import CELLS, RIGHT
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
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
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
    cases = [{"call": "found", "args": {"tuple": []}}]
    job = {"cells": [source], "checks": [{"name": "found", "cases": cases}]}
    run = sandbox.run(job, ("numpy",), Limits(), 60)
    (answer,) = [record["value"] for record in run.records if "value" in record]
    assert answer == {"list": ["/tmp"]}


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
