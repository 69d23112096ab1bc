"""How fast: ratios of times, measured in turns within one run. `python -m tests.bench`

A ratio is the median over pairs of neighbours in time, with the middle half of them as spread.
Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS before the start. Nothing is asserted here.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from functools import partial

import numpy as np
import torch
from torch import nn

from rnn_edu import GRUCell, LSTMCell, RNNCell, fast, unroll, unroll_backward
from rnn_edu.cell import Cell

SHAPES = [(1, 100, 64, 64), (32, 100, 64, 128), (64, 50, 128, 256)]  # N, T, D, H
MODULES = {RNNCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}


def in_turns(runs, rounds):
    """Seconds of each run in each round: every run once, then all again."""
    for run in runs:
        run()  # the first call allocates
    seconds = [[] for _ in runs]
    for _ in range(rounds):
        for run, kept in zip(runs, seconds, strict=True):
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    return seconds


def ratio(ours, theirs):
    pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(pairs, n=4)
    return f"{middle:5.2f} [{low:.2f}, {high:.2f}]"


def training_steps(kind, N, T, D, H):
    """Forward and backward in float32: NumPy's sweep, its plain loop, torch.nn, rnn_edu.fast."""
    rng = np.random.default_rng(0)
    cell = kind.init(D, H, rng, np.float32)
    x, dh = (rng.normal(size=(T, N, size)).astype(np.float32) for size in (D, H))

    def numpy_sweep():
        unroll_backward(cell, dh, unroll(cell, x)[2])

    def numpy_loop():
        zero = cell.zero_state(N)
        Cell.sweep_backward(cell, dh, zero, Cell.sweep(cell, x, zero)[2])

    def in_torch(module):
        x_t, dh_t = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dh)

        def step():
            module.zero_grad()
            x_t.grad = None
            module(x_t)[0].backward(dh_t)

        return step

    ours = getattr(fast, MODULES[kind].__name__)
    return numpy_sweep, numpy_loop, in_torch(MODULES[kind](D, H)), in_torch(ours(D, H))


def import_time():
    """Median seconds of `import rnn_edu` in fresh processes, beside `import numpy`."""
    codes = [[sys.executable, "-c", f"import {name}"] for name in ("rnn_edu", "numpy", "sys")]
    seconds = in_turns([partial(subprocess.run, code, check=True) for code in codes], 7)
    ours, numpy, nothing = map(statistics.median, seconds)
    return f"{ours - nothing:.3f} s, of which NumPy {numpy - nothing:.3f} s"


def main():
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"torch {torch.__version__} on {torch.get_num_threads()} threads, NumPy {np.__version__}")
    print(f"import rnn_edu: {import_time()}\n")
    print("training step, ratio to torch.nn: median [middle half]; below 1 is faster")
    print(
        f"{'N, T, D, H':>18}  {'':8} {'torch.nn':>9} {'NumPy':^18} {'rnn_edu.fast':^18} plain loop"
    )
    for shape in SHAPES:
        for kind in MODULES:
            sweep, loop, theirs, ours = in_turns(training_steps(kind, *shape), 15)
            print(
                f"{shape!s:>18}  {kind.__name__:8} {1e3 * statistics.median(theirs):6.1f} ms",
                end=" ",
            )
            print(*(f"{ratio(t, theirs):18}" for t in (sweep, ours, loop)))


if __name__ == "__main__":
    main()
