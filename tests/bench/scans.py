"""The loop and the scan against T: `python -m tests.bench scans`

Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS before the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from rnn_edu import GRUCell, fast
from rnn_edu.diagonal import DiagonalCell
from rnn_edu.fast.cells import fast_cell
from rnn_edu.fast.scan import scan as torch_scan
from rnn_edu.mingru import MinGRUCell
from rnn_edu.scan import scan, scan_loop

from .timing import exponent, in_turns, milliseconds, ratio, table
from .ways import by_sweep, in_torch

STEPS = (16, 64, 256, 1024, 4096)
WIDTHS = ((1, 16), (1, 64), (4, 64), (32, 64))  # N, H
NUMPY, TORCH = ("NumPy loop", "NumPy scan"), ("torch loop", "torch scan")
MODULES = {GRUCell: fast_cell, MinGRUCell: fast.MinGRU, DiagonalCell: fast.Diagonal}


def torch_loop(a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """One step after the other, and no gradient: what is timed is the recurrence alone."""
    h = torch.empty_like(b)
    for a_t, b_t, h_t in zip(a, b, h, strict=True):
        h0 = torch.addcmul(b_t, a_t, h0, out=h_t)
    return h


def recurrences(N: int, H: int) -> Iterator[list[str]]:
    """The recurrence alone, a row for each T and one for the exponents."""
    medians = []
    for T in STEPS:
        rng = np.random.default_rng(0)
        arrays = [rng.random((T, N, H)), rng.normal(size=(T, N, H)), np.zeros((N, H))]
        arrays = [a.astype(np.float32) for a in arrays]
        runs = {name: partial(f, *arrays) for name, f in zip(NUMPY, (scan_loop, scan), strict=True)}
        tensors = [torch.from_numpy(a) for a in arrays]
        for name, f in zip(TORCH, (torch_loop, torch_scan), strict=True):
            runs[name] = partial(f, *tensors)
        taken = in_turns(runs)
        medians.append([milliseconds(values) for values in taken.values()])
        ratios = (f"{ratio(*(taken[name] for name in pair)):.2f}" for pair in (NUMPY, TORCH))
        yield [f"{N}, {H}", str(T), *(f"{ms:.3f}" for ms in medians[-1]), *ratios]
    slopes = [f"{exponent(STEPS[2:], ms[2:]):.2f}" for ms in zip(*medians, strict=True)]
    yield [f"{N}, {H}", f"exponents from T = {STEPS[2]}", *slopes, "", ""]


def training_steps(N: int, D: int, H: int) -> Iterator[list[str]]:
    """Forward and backward of a cell that needs its past and of two that do not."""
    cells = [kind.init(D, H, np.random.default_rng(0), np.float32) for kind in MODULES]
    medians = []
    for T in STEPS[:-1]:
        rng = np.random.default_rng(0)
        x, dh = (rng.normal(size=(T, N, size)).astype(np.float32) for size in (D, H))
        runs = {f"NumPy {type(c).__name__}": by_sweep(c, x, dh, True) for c in cells}
        for cell in cells:
            module = MODULES[type(cell)](cell)
            runs[f"torch {type(cell).__name__}"] = in_torch(module, x, dh, True)
        medians.append([milliseconds(values) for values in in_turns(runs).values()])
        yield [str(T), *(f"{ms:.2f}" for ms in medians[-1])]
    slopes = (exponent(STEPS[:-1], ms) for ms in zip(*medians, strict=True))
    yield ["exponent", *(f"{slope:.2f}" for slope in slopes)]


def report(options: list[str]) -> Iterator[str]:
    """Two tables."""
    yield f"{torch.get_num_threads()} threads. h_t = a_t * h_{{t-1}} + b_t alone, float32,"
    yield "milliseconds; ratio: loop / scan, above 1 the scan is ahead.\n"
    heads = ["N, H", "T", *NUMPY, *TORCH, "NumPy, ratio", "torch, ratio"]
    yield from table(heads, (row for width in WIDTHS for row in recurrences(*width)))
    yield "\nTraining step, milliseconds, N = 8, D = H = 64, float32.\n"
    heads = ["T", *(f"{kind.__name__}, {side}" for side in ("NumPy", "torch") for kind in MODULES)]
    yield from table(heads, training_steps(8, 64, 64))
