"""Made-up tasks that ask for nothing but memory: how far back is the reader's to choose."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..ops import Array, check_rng, check_size, one_hot

ADDING_BASELINE = 1 / 6  # always answering 1: the variance of a sum of two uniform numbers


class Adding(NamedTuple):
    """What `adding_problem` draws."""

    x: Array  # (T, N, 2) a number in [0, 1), and whether it is marked: 0 or 1
    targets: Array  # (N, 1) the sum of the two marked numbers


class Copy(NamedTuple):
    """What `copy_task` draws."""

    x: Array  # (T, N, D) one-hot, T = delay + 2 length, D = symbols + 2: blank, recall
    targets: Array  # (T, N) integers: the blank, and in the last `length` steps the symbols


def adding_problem(T: int, N: int, rng: np.random.Generator) -> Adding:
    """T random numbers, two of them marked, one in each half: what do these two add up to?

    T: steps, at least 2. N: sequences. rng: where the numbers come from.
    Returns (x, targets), x: (T, N, 2), targets: (N, 1). A reader that always answers 1 has a mean
    squared error of `ADDING_BASELINE`; only memory gets below it.
    Raises TypeError or ValueError naming the argument.
    Source: Hochreiter and Schmidhuber, Neural Computation 9 (1997), experiment 4, in the form of
    Bai, Kolter and Koltun, arXiv:1803.01271 (2018).
    """
    check_size("T", T)
    check_size("N", N)
    check_rng(rng)
    if T < 2:
        raise ValueError(f"T must be at least 2, a step in each half, got {T}")
    n = np.arange(N)
    x = np.zeros((T, N, 2))
    x[:, :, 0] = rng.random((T, N))
    for start, end in ((0, T // 2), (T // 2, T)):
        x[rng.integers(start, end, N), n, 1] = 1
    return Adding(x, x.prod(axis=2).sum(axis=0)[:, None])


def copy_task(length: int, delay: int, N: int, rng: np.random.Generator, symbols: int = 8) -> Copy:
    """Some symbols, blanks for a while, then the sign to recall: say the symbols, in order.

    The symbols are read in the first `length` steps; the recall sign comes `delay` steps after
    the last of them; the answers are due in the `length` steps behind it.
    length, delay: steps, each at least 1. N: sequences. rng: where the symbols come from.
    symbols: how many there are to choose from; index `symbols` is the blank, the next the sign.
    Returns (x, targets), x: (T, N, D), T = delay + 2 length, D = symbols + 2, targets: (T, N).
    Raises TypeError or ValueError naming the argument.
    Source: Arjovsky, Shah and Bengio, "Unitary evolution recurrent neural networks", ICML 2016,
    after Hochreiter and Schmidhuber (1997).
    """
    _check_copy(length, delay, symbols)
    check_size("N", N)
    check_rng(rng)
    blank, recall = symbols, symbols + 1
    said = rng.integers(0, symbols, (length, N))
    read = np.full((delay + 2 * length, N), blank)
    targets = read.copy()
    read[:length] = said
    read[length + delay - 1] = recall
    targets[-length:] = said
    return Copy(one_hot(read, symbols + 2), targets)


def copy_baseline(length: int, delay: int, symbols: int = 8) -> float:
    """The loss per step, in nats, of a reader that remembers nothing: it can only guess.

    It answers blank until the recall sign, then each symbol with probability 1 / symbols.
    Raises ValueError naming the argument.
    Source: Arjovsky, Shah and Bengio, ICML 2016, section 5.1.
    """
    _check_copy(length, delay, symbols)
    return length * float(np.log(symbols)) / (delay + 2 * length)


def _check_copy(length: int, delay: int, symbols: int) -> None:
    for name, value in (("length", length), ("delay", delay), ("symbols", symbols)):
        check_size(name, value)
