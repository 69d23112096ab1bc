"""Two processes that share each batch train as one that reads all of it: torchrun on loopback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_edu.fast.parallel import join, mean, overall, share, spread

from .spread_training import train

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_S = 240


TORCHRUN = (  # the port is free: with --standalone torchrun asks the system for one
    *("-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1"),
    "--nproc-per-node=2",
)


def run(*arguments):
    """What Python prints; raises if it fails."""
    quiet = {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "", "GLOO_SOCKET_IFNAME": "lo"}
    here = {"PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | quiet | here, text=True, **pipes
    ) as process:
        try:
            printed, said = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.terminate()  # torchrun then ends the two that it started
            raise
    assert process.returncode == 0, said
    return printed


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """What each of two processes saw: a list of {name: array}."""
    folder = tmp_path_factory.mktemp("together")
    run(*TORCHRUN, "-m", "tests.spread_training", str(folder))
    return [dict(np.load(folder / f"{rank}.npz")) for rank in range(2)]


@pytest.fixture(scope="module")
def alone():
    return train()


def test_both_processes_end_with_the_same_bits(together):
    one, other = together
    for name in one.keys() - {"local"}:
        assert one[name].tobytes() == other[name].tobytes(), name


def test_losses_and_parameters_are_those_of_one_process(together, alone):
    assert alone.keys() == together[0].keys()
    for name in alone.keys() - {"local"}:
        got, want = together[0][name], alone[name]
        assert got.shape == want.shape, name
        assert np.abs(got - want).max() <= 1e-10 * np.abs(want).max(), name


def test_the_mean_of_the_two_means_is_another_number(together, alone):
    """Their shares differ in how many steps count: 14 and 13 of the first batch, and so on."""
    of_means = np.mean([found["local"] for found in together], axis=0)
    assert np.abs(of_means - alone["losses"]).min() > 1e-3


def test_the_program_of_the_book_prints_the_same_loss_in_one_process_and_in_two(tmp_path):
    page = (ROOT / "book" / "pages" / "speed.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    program = tmp_path / "digits.py"
    program.write_text(source, encoding="utf-8")
    printed = run(program) + run(*TORCHRUN, program)  # the two may write into one line
    alone, *both = re.findall(r"\d\.\d{6}", printed)
    assert both == [alone] * 2
    assert 0 < float(alone) < 2  # it has learned something: guessing costs log 10


def test_one_process_alone_reads_all():
    join()  # no torchrun: nothing to wait for
    module = torch.nn.Linear(2, 2)
    assert spread(module) is module
    assert share(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert overall(torch.tensor(2.5)) == 2.5


def test_the_mean_is_over_what_counts():
    losses = torch.tensor([[1.0, 2.0], [3.0, torch.nan]], requires_grad=True)
    mask = torch.tensor([[True, True], [True, False]])
    loss = mean(losses, mask)
    assert loss.item() == 2
    loss.backward()
    assert torch.equal(losses.grad, mask / 3)
    assert mean(torch.tensor([1.0, 2.0])).item() == 1.5


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (torch.ones(2, dtype=torch.bool), r"mask must be \(3,\) of torch.bool, got \(2,\)"),
        (torch.ones(3), r"mask must be \(3,\) of torch.bool, got \(3,\) of torch.float32"),
        (torch.zeros(3, dtype=torch.bool), "mask must keep at least one position"),
    ],
)
def test_a_bad_mask_is_refused(mask, said):
    with pytest.raises(ValueError, match=said):
        mean(torch.ones(3), mask)
