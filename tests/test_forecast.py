"""Forecasting: no window knows what it is asked, the rivals, and what an interval promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.forecast import (
    bootstrap_interval,
    conformal_radius,
    cut_windows,
    seasonal_naive,
    walk_forward,
)

sizes = st.integers(1, 6)


def counted(T: int) -> np.ndarray:
    """A series whose every number says where it stands."""
    return np.arange(float(T))


@given(P=sizes, K=sizes, more=st.integers(0, 20))
def test_windows_are_all_stretches_of_the_series(P, K, more):
    windows = cut_windows(counted(P + K + more), P, K)
    assert windows.past.shape == (more + 1, P)
    assert windows.future.shape == (more + 1, K)
    for past, future, origin in zip(*windows, strict=True):
        assert [*past, *future] == list(range(origin - P, origin + K))


@given(P=sizes, K=sizes, T=st.integers(30, 60), data=st.data())
def test_nothing_that_is_to_be_forecast_was_seen_in_training(P, K, T, data):
    """The series says where each number stands, so a leak shows as a number that is too large."""
    windows = cut_windows(counted(T), P, K)
    rises = st.lists(st.integers(P + K, T - K), min_size=2, max_size=5, unique=True).map(sorted)
    starts = data.draw(rises)
    asked = []
    for start, (train, test) in zip(starts, walk_forward(windows, starts), strict=False):
        assert max(train.past.max(), train.future.max()) == start - 1
        assert test.future.min() == start
        assert test.past.max() < test.future.max()
        assert (test.past[:, -1] + 1 == test.future[:, 0]).all()
        asked += list(test.origin)
    assert asked == list(range(starts[0], starts[-1]))


@given(a=st.integers(4, 30), b=st.integers(4, 30))
def test_before_and_since_share_no_target(a, b):
    windows = cut_windows(counted(40), 4, 3)
    seen, later = windows.before(a).future, windows.since(max(a, b)).future
    assert not set(seen.ravel()) & set(later.ravel())


def test_training_parts_grow():
    parts = [t for t, _ in walk_forward(cut_windows(counted(40), 5, 2), [10, 20, 30, 39])]
    assert [len(part.origin) for part in parts] == [4, 14, 24]
    assert all(part.origin[0] == 5 for part in parts)


@pytest.mark.parametrize(
    ("starts", "says"),
    [
        ([20, 20], "starts must rise, got 20 before 20"),
        ([6, 20], r"starts must leave windows before and in 6\.\.19"),
        ([39, 45], r"starts must leave windows before and in 39\.\.44"),
    ],
)
def test_starts_that_leave_nothing_are_refused(starts, says):
    with pytest.raises(ValueError, match=says):
        list(walk_forward(cut_windows(counted(40), 5, 2), starts))


def test_a_series_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match=r"series must have past \+ horizon = 7, got 6"):
        cut_windows(counted(6), 4, 3)


@given(K=st.integers(1, 12), period=st.integers(1, 5), T=st.integers(5, 9))
def test_a_season_repeats(K, period, T):
    season = np.random.default_rng(T).normal(size=(2, period))
    series = np.tile(season, 25)
    assert np.array_equal(seasonal_naive(series[:, :T], K, period), series[:, T:][:, :K])


def test_a_period_of_one_is_no_change():
    past = np.array([[1.0, 2.0, 3.0]])
    assert seasonal_naive(past, 4, 1).tolist() == [[3.0] * 4]
    with pytest.raises(ValueError, match="period must be at most P=3, got 4"):
        seasonal_naive(past, 2, 4)


def test_the_radius_is_the_documented_order_statistic():
    errors = np.array([[3.0, -1.0], [-2.0, 0.5], [1.0, 4.0], [-4.0, 2.0]])
    assert conformal_radius(errors, 0.8).tolist() == [4.0, 4.0]  # ceil(5 * 0.8) = 4th of 4
    assert conformal_radius(errors, 0.5).tolist() == [3.0, 2.0]  # ceil(5 * 0.5) = 3rd


def test_the_radius_covers_as_promised_where_its_assumption_holds():
    """Over many calibrations of 19 errors; without the + 1 it is 0.85."""
    rng = np.random.default_rng(0)
    errors = rng.standard_t(3, size=(20, 20000))
    covered = np.abs(errors[-1]) <= conformal_radius(errors[:-1], 0.9)
    assert abs(covered.mean() - 0.9) < 0.01


@pytest.mark.parametrize(
    ("n", "level", "says"),
    [(8, 0.9, "got 8"), (20, 1.0, "level must lie between 0 and 1, got 1.0")],
)
def test_a_radius_that_nothing_supports_is_refused(n, level, says):
    with pytest.raises(ValueError, match=says):
        conformal_radius(np.ones((n, 2)), level)


def test_the_bootstrap_knows_the_error_of_a_mean():
    rng = np.random.default_rng(1)
    low, high = bootstrap_interval(rng.normal(5, 2, 400), 1, rng)
    assert low < 5 < high
    assert 0.33 < high - low < 0.46  # 2 * 1.96 * 2 / sqrt(400) = 0.39


def test_blocks_see_that_neighbours_agree():
    """Each of 40 values stands there ten times: there are 40 observations, not 400."""
    rng = np.random.default_rng(2)
    values = np.repeat(rng.normal(size=40), 10)
    narrow, wide = (np.diff(bootstrap_interval(values, b, rng))[0] for b in (1, 40))
    assert wide > 2 * narrow


def test_a_block_longer_than_the_series_is_refused():
    with pytest.raises(ValueError, match="block must be at most T=5, got 6"):
        bootstrap_interval(np.ones(5), 6, np.random.default_rng(0))
