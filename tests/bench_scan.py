"""The loop and the scan against T: `python -m tests.bench_scan`

Milliseconds are medians of runs that take turns, ratios medians over neighbours in time. An
exponent is the slope of log time against log T. Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS
before the start. Nothing is asserted here.
"""

import os
import platform
import statistics
from functools import partial

import numpy as np
import torch

from rnn_edu import GRUCell, fast, unroll, unroll_backward
from rnn_edu.diagonal import DiagonalCell
from rnn_edu.fast.cells import fast_cell
from rnn_edu.fast.scan import scan as torch_scan
from rnn_edu.mingru import MinGRUCell
from rnn_edu.scan import scan, scan_loop

from .bench import in_turns, ratio

STEPS = [16, 64, 256, 1024, 4096]
WIDTHS = [(1, 16), (1, 64), (4, 64), (32, 64)]  # N, H
ROUNDS = 9


def torch_loop(a, b, h0):
    """One step after the other, and no gradient: what is timed is the recurrence alone."""
    h = torch.empty_like(b)
    for a_t, b_t, h_t in zip(a, b, h, strict=True):
        h0 = torch.addcmul(b_t, a_t, h0, out=h_t)
    return h


def exponent(milliseconds):
    return np.polyfit(np.log(STEPS[-len(milliseconds) :]), np.log(milliseconds), 1)[0]


def recurrences():
    print("h_t = a_t * h_{t-1} + b_t alone, float32; ratio: loop / scan, above 1 the scan is ahead")
    for N, H in WIDTHS:
        print(f"\nN={N}, H={H}\n{'T':>6}  {'NumPy loop':>10} {'scan':>10} {'ratio':^18} ", end="")
        print(f"{'torch loop':>10} {'scan':>10} {'ratio':^18}")
        table = []
        for T in STEPS:
            rng = np.random.default_rng(0)
            arrays = [rng.random((T, N, H)), rng.normal(size=(T, N, H)), np.zeros((N, H))]
            arrays = [a.astype(np.float32) for a in arrays]
            tensors = [torch.from_numpy(a) for a in arrays]
            runs = [partial(f, *arrays) for f in (scan_loop, scan)]
            runs += [partial(f, *tensors) for f in (torch_loop, torch_scan)]
            seconds = in_turns(runs, ROUNDS)
            ms = [1e3 * statistics.median(s) for s in seconds]
            table.append(ms)
            print(f"{T:>6}  {ms[0]:10.3f} {ms[1]:10.3f} {ratio(*seconds[:2])} ", end=" ")
            print(f"{ms[2]:10.3f} {ms[3]:10.3f} {ratio(*seconds[2:])}")
        print(
            "exponents from T = 256:", *(f"{exponent(c[2:]):.2f}" for c in zip(*table, strict=True))
        )


def training_step(cell, T, N, module=None):
    """Forward and backward, in NumPy or in torch."""
    rng = np.random.default_rng(0)
    x, dh = (rng.normal(size=(T, N, size)).astype(np.float32) for size in (cell.D, cell.H))
    if module is None:
        return lambda: unroll_backward(cell, dh, unroll(cell, x)[2])
    x, dh = torch.from_numpy(x), torch.from_numpy(dh)
    return lambda: module(x)[0].backward(dh)


def cells(N=8, D=64, H=64):
    print(f"\ntraining step, milliseconds, N={N}, D={D}, H={H}, float32")
    modules = {GRUCell: fast_cell, MinGRUCell: fast.MinGRU, DiagonalCell: fast.Diagonal}
    made = {kind: kind.init(D, H, np.random.default_rng(0), np.float32) for kind in modules}
    names = [f"{kind.__name__} {side}" for side in ("NumPy", "torch") for kind in modules]
    print(f"{'T':>6}  " + " ".join(f"{name:>18}" for name in names))
    table = []
    for T in STEPS[:-1]:
        runs = [training_step(cell, T, N) for cell in made.values()]
        runs += [training_step(cell, T, N, modules[kind](cell)) for kind, cell in made.items()]
        table.append([1e3 * statistics.median(s) for s in in_turns(runs, ROUNDS)])
        print(f"{T:>6}  " + " ".join(f"{ms:18.2f}" for ms in table[-1]))
    slopes = np.polyfit(np.log(STEPS[:-1]), np.log(table), 1)[0]
    print("exponent" + " ".join(f"{slope:18.2f}" for slope in slopes))


def main():
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"torch {torch.__version__} on {torch.get_num_threads()} threads, NumPy {np.__version__}")
    recurrences()
    cells()


if __name__ == "__main__":
    main()
