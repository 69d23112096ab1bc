"""Windows of past and future that keep them apart, forecasts to beat, and how sure a score is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from .ops import Array, check_array, check_number, check_rng, check_size, check_type


class Windows(NamedTuple):
    """N cuts through a series: what was known when a forecast was made, and what then came."""

    past: Array  # (N, P), oldest first
    future: Array  # (N, K)
    origin: Array  # (N,) where in the series each future begins

    def before(self, time: int) -> Self:
        """Those of which every number, the future's last one too, stands before place `time`."""
        check_number("time", time)
        return self._where(self.origin + self.future.shape[1] <= time)

    def since(self, time: int) -> Self:
        """Those whose future begins at place `time` or later; their past may reach back further."""
        check_number("time", time)
        return self._where(self.origin >= time)

    def _where(self, keep: Array) -> Self:
        return type(self)(*(a[keep] for a in self))


def cut_windows(series: Array, past: int, horizon: int) -> Windows:
    """Every stretch of `past` + `horizon` numbers that the series has, in order.

    series: (T,). past: P, how many numbers a forecast may look at. horizon: K, how many it is for.
    Raises TypeError or ValueError naming the argument; ValueError for a series that is too short.
    """
    series = check_array("series", series, ("T",))
    check_size("past", past)
    check_size("horizon", horizon)
    if len(series) < past + horizon:
        raise ValueError(f"series must have past + horizon = {past + horizon}, got {len(series)}")
    both = np.lib.stride_tricks.sliding_window_view(series, past + horizon)
    return Windows(both[:, :past], both[:, past:], np.arange(len(both)) + past)


def walk_forward(windows: Windows, starts: Sequence[int]) -> Iterator[tuple[Windows, Windows]]:
    """(train, test) for each stretch between two starts: learn all that is over, forecast, go on.

    windows: from `cut_windows`. starts: rising places in the series; the last one ends the last
    stretch. The training part grows: at each start it holds all windows whose future has ended.
    A test part holds those whose future begins in the stretch.
    Raises ValueError for starts that do not rise, or where a part would be empty.
    """
    check_type("windows", windows, Windows)
    for start, stop in pairwise(starts):
        if not start < stop:
            raise ValueError(f"starts must rise, got {start} before {stop}")
        train, test = windows.before(start), windows.since(start)
        test = test._where(test.origin < stop)
        if not len(train.origin) or not len(test.origin):
            raise ValueError(f"starts must leave windows before and in {start}..{stop - 1}")
        yield train, test


def seasonal_naive(past: Array, horizon: int, period: int) -> Array:
    """The last `period` numbers, again and again. With period 1 it says: no change.

    past: (N, P). horizon: K. period: at most P. Returns (N, K).
    """
    past = check_array("past", past, ("N", "P"))
    check_size("horizon", horizon)
    check_size("period", period)
    if period > past.shape[1]:
        raise ValueError(f"period must be at most P={past.shape[1]}, got {period}")
    return past[:, -period:][:, np.arange(horizon) % period]


def conformal_radius(errors: Array, level: float) -> Array:
    """How far to each side a forecast's interval must reach, from errors made on other data.

    The k-th smallest |error| of n, k = ceil((n + 1) level): if the errors to come are drawn like
    these, in any order, an interval of that radius covers the truth with probability `level` or
    more. In a series they are not: measure the coverage.
    errors: (N, K), of forecasts that the model was not fitted to. level: 0..1. Returns (K,).
    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, JASA 113 (2018), algorithm 2.
    Raises ValueError if there are too few errors for the level.
    """
    errors = check_array("errors", errors, ("N", "K"))
    _check_level(level)
    k = int(np.ceil((len(errors) + 1) * level))
    if k > len(errors):
        raise ValueError(f"errors must be at least level / (1 - level), got {len(errors)}")
    return np.sort(np.abs(errors), axis=0)[k - 1]


def bootstrap_interval(
    values: Array, block: int, rng: np.random.Generator, level: float = 0.95, draws: int = 2000
) -> tuple[float, float]:
    """Where the mean of a series would lie if time were run again: the moving-block bootstrap.

    Draws blocks of neighbours instead of single values, so that what goes together stays together.
    values: (T,), such as the difference of two forecasters' errors at each origin: if the interval
    holds 0, neither has been shown to be better. block: neighbours drawn together, 1 if each value
    stands for itself. level: share of the draws' means inside. Returns (low, high).
    Source: Künsch, Annals of Statistics 17 (1989).
    """
    values = check_array("values", values, ("T",))
    check_rng(rng)
    check_size("block", block)
    check_size("draws", draws)
    _check_level(level)
    if block > len(values):
        raise ValueError(f"block must be at most T={len(values)}, got {block}")
    starts = rng.integers(0, len(values) - block + 1, (draws, -(-len(values) // block)))
    places = (starts[..., None] + np.arange(block)).reshape(draws, -1)[:, : len(values)]
    tail = (1 - level) / 2
    low, high = np.quantile(values[places].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def _check_level(level: float) -> None:
    check_number("level", level)
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
