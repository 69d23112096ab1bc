"""Whether two answers are the same one: block by block, relative to the largest number in it.

A block is one output of one case. All of an answer's numbers, end to end, are a vector (L,).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..ops import Array

EXACT = 1e-6  # float64 in another order of operations, stored as float32
ROUNDED = 1e-3  # somebody who computes in float32


def end_to_end(blocks: Iterable[Array]) -> Array:
    """All numbers of all blocks as one vector (L,) of float64."""
    return np.concatenate([np.asarray(b, np.float64).ravel() for b in blocks])


def tolerance(a: Array) -> float:
    """How far off the numbers of `a`, of any shape, may be: more if they were float32."""
    return EXACT if a.dtype.itemsize >= 8 or a.dtype.kind in "iu" else ROUNDED


def distances(answer: Array, others: Array, scale: Array, sizes: Array) -> Array:
    """How far an answer is from M others, in units of the largest number there is.

    answer: (L,). others: (M, L). scale: (L,), the right answer, whose size counts where another's
    is smaller. sizes: (B,), the length of each block. NaN is as far from a number as can be, and
    at no distance from NaN. Returns (M, B).
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    with np.errstate(all="ignore"):
        same = (others == answer) | (np.isnan(others) & np.isnan(answer))
        apart = np.where(same, 0, np.abs(others - answer))
    apart = np.where(np.isnan(apart), np.inf, apart)
    largest = np.maximum(_largest(others, starts), _largest(scale[None], starts))
    return np.maximum.reduceat(apart, starts, axis=1) / largest


def _largest(rows: Array, starts: Array) -> Array:
    finite = np.where(np.isfinite(rows), np.abs(rows), 0)
    return np.maximum(np.maximum.reduceat(finite, starts, axis=1), np.finfo(np.float64).tiny)
