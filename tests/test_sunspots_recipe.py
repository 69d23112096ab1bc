"""The recipe of the shipped sunspot network: what it learns from, and how it reads and answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnn_edu.data import load_sunspots
from rnn_edu.weights import sunspots


@pytest.fixture(scope="module")
def parts():
    return sunspots.parts()


def test_the_parts_share_no_month_that_is_asked(parts):
    asked = [
        {int(o) + k for o in part.origin for k in range(part.future.shape[1])}
        for part in parts.values()
    ]
    assert not asked[0] & asked[1]
    assert not asked[1] & asked[2]
    assert max(asked[0]) < min(asked[1]) < max(asked[1]) < min(asked[2])
    assert [len(part.origin) for part in parts.values()] == [2329, 277, 277]


def test_the_parts_end_in_the_documented_months():
    dates = load_sunspots().dates
    assert [str(dates[end - 1]) for end in sunspots.ENDS] == ["1956-12", "1982-12"]


def test_mean_and_scale_are_those_of_the_training_part():
    known = sunspots.series()[: sunspots.ENDS[0]]
    assert abs(known.mean() - sunspots.MEAN) < 0.06
    assert abs(known.std() - sunspots.SCALE) < 0.06


def test_a_step_is_a_quarter_in_order(parts):
    past = np.arange(132.0)[None]
    x = sunspots.quarters(past) * sunspots.SCALE + sunspots.MEAN
    assert x.shape == (44, 1, 3)
    assert np.allclose(x[1, 0], [3, 4, 5], atol=1e-4)


def test_answers_are_changes_since_the_last_month(parts):
    """A network that is trained to perfection on its targets forecasts the future itself."""
    some = parts["test"].since(2900)
    network = sunspots.build(np.random.default_rng(0))
    still = replace(network, W_hy=np.zeros_like(network.W_hy), b_y=sunspots.inputs(some).targets[0])
    assert np.allclose(sunspots.forecast(still, some.past[:1]), some.future[:1], atol=1e-4)


def test_the_score_is_the_mean_over_all_and_over_each_year(parts):
    network = sunspots.build(np.random.default_rng(0))
    error = np.abs(sunspots.forecast(network, parts["test"].past) - parts["test"].future)
    found = sunspots.score(network, "test")
    assert list(found) == ["error", "year 1", "year 2", "year 3"]
    assert found["error"] == pytest.approx(error.mean(), abs=1e-4)
    assert found["year 2"] == pytest.approx(error[:, 12:24].mean(), abs=1e-4)


def test_training_is_deterministic_and_averages(monkeypatch):
    monkeypatch.setattr(sunspots, "UPDATES", 152)
    first, again, other = sunspots.train(0), sunspots.train(0), sunspots.train(1)
    assert np.array_equal(first.W_hy, again.W_hy)
    assert not np.array_equal(first.W_hy, other.W_hy)
    assert first.W_hy.dtype == np.float32
