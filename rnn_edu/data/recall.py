"""Tasks that fixed clocks and plain sums fail: what is to be kept stands anywhere, or changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..ops import Array, check_rng, check_size, one_hot
from .tasks import Copy


class Recall(NamedTuple):
    """What `associative_recall` draws."""

    x: Array  # (T, N, D) one-hot key beside one-hot value, D = keys + values; asked: no value
    targets: Array  # (T, N) integers: the key's last value where it is asked for, else 0
    asked: Array  # (T, N) booleans, True where an answer counts


def selective_copy(
    length: int, delay: int, N: int, rng: np.random.Generator, symbols: int = 8
) -> Copy:
    """`copy_task` with the symbols scattered: blanks stand between them, elsewhere in each x.

    Only the order of the symbols counts, not when they came. All else is as in `copy_task`: the
    sign to recall, the answers, the targets, and so `copy_baseline`.
    length, delay: as there; the symbols are read within the first length + delay - 1 steps, so
    that delay = 1 leaves no room for blanks. N: sequences. rng: where symbols and places come from.
    symbols: how many there are to choose from; index `symbols` is the blank, the next the sign.
    Returns (x, targets), x: (T, N, D), T = delay + 2 length, D = symbols + 2, targets: (T, N).
    Raises TypeError or ValueError naming the argument.
    Source: Gu and Dao, "Mamba", arXiv:2312.00752 (2023), section 3.1, after the denoising task of
    Jing et al., Neural Computation 31 (2019).
    """
    for name, value in (("length", length), ("delay", delay), ("symbols", symbols), ("N", N)):
        check_size(name, value)
    check_rng(rng)
    sign = length + delay - 1
    said = rng.integers(0, symbols, (length, N))
    places = np.sort(_draw_distinct(length, sign, N, rng), axis=0)
    read = np.full((delay + 2 * length, N), symbols)
    targets = read.copy()
    read[places, np.arange(N)] = said
    read[sign] = symbols + 1
    targets[-length:] = said
    return Copy(one_hot(read, symbols + 2), targets)


def associative_recall(
    pairs: int,
    N: int,
    rng: np.random.Generator,
    keys: int = 32,
    values: int = 8,
    rewrites: int = 0,
) -> Recall:
    """Pairs of a key and a value, then each key alone, in another order: which value was its last?

    A pair comes in one step, so that nothing has to bring neighbours together first.
    pairs: different keys in a sequence, at most `keys`. N: sequences. rng: where all comes from.
    keys, values: how many there are to choose from. rewrites: how many of the keys, at most
    `pairs`, are written a second time, with a value drawn anew; the two stand at random places
    among the writes, and the later one counts.
    Returns (x, targets, asked), x: (T, N, D), T = 2 pairs + rewrites, D = keys + values,
    targets: (T, N), asked: (T, N), True in the last `pairs` steps.
    Raises TypeError or ValueError naming the argument.
    Source: the multi-query recall of Arora et al., "Zoology", ICLR 2024, after Ba et al., "Using
    fast weights to attend to the recent past", NeurIPS 2016; the rewrites are ours.
    """
    for name, size in (("pairs", pairs), ("N", N), ("keys", keys), ("values", values)):
        check_size(name, size)
    check_rng(rng)
    for name, size, least, most in (("pairs", pairs, 1, keys), ("rewrites", rewrites, 0, pairs)):
        if not isinstance(size, (int, np.integer)) or not least <= size <= most:
            raise ValueError(f"{name} must be an integer in {least}..{most}, got {size!r}")
    writes, n = pairs + rewrites, np.arange(N)
    key = _draw_distinct(pairs, keys, N, rng)
    key = np.concatenate([key, key[:rewrites]])
    key = key[_draw_distinct(writes, writes, N, rng), n]  # in any order
    value = rng.integers(0, values, (writes, N))
    last = np.zeros((keys, N), int)
    for key_t, value_t in zip(key, value, strict=True):
        last[key_t, n] = value_t
    used = np.zeros((keys, N), bool)
    used[key, n] = True
    ask = np.where(used, rng.random((keys, N)), np.inf).argsort(axis=0)[:pairs]
    x = np.zeros((writes + pairs, N, keys + values))
    x[:, :, :keys] = one_hot(np.concatenate([key, ask]), keys)
    x[:writes, :, keys:] = one_hot(value, values)
    targets = np.zeros((writes + pairs, N), int)
    targets[writes:] = last[ask, n]
    asked = np.zeros(targets.shape, bool)
    asked[writes:] = True
    return Recall(x, targets, asked)


def recall_baseline(values: int = 8) -> float:
    """The loss per answer, in nats, of a reader that remembers nothing: log(values).

    Raises ValueError naming the argument.
    """
    check_size("values", values)
    return float(np.log(values))


def _draw_distinct(count: int, size: int, N: int, rng: np.random.Generator) -> Array:
    """`count` different numbers below `size`, in random order, for each sequence: (count, N)."""
    return rng.random((size, N)).argsort(axis=0)[:count]
