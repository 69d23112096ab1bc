"""The forecast's Python side: words, what travels, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Forecast

D, H, K, PAST, PERIOD, T = 2, 4, 5, 8, 3, 30


def network(cell=GRUCell, D=D, H=H, K=K) -> Network:
    rng = np.random.default_rng(0)
    return Network.init(cell.init(D, H, rng), K, rng)


def forecast(model=None, **options) -> Forecast:
    given = {
        "values": np.random.default_rng(1).normal(5, 2, T),
        "dates": [f"day {k}" for k in range(T)],
        "past": PAST,
        "period": PERIOD,
        "radius": np.linspace(1, 2, K),
    }
    return Forecast(model or network(), **given | options)


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
def test_words_are_the_errors_at_the_origin(cell):
    model, t, h, mean, scale = network(cell), 5, 4, 4.0, 2.0
    figure = forecast(model, t=t, horizon=h, mean=mean, scale=scale, level=0.8)
    values = np.random.default_rng(1).normal(5, 2, T)
    seen, truth = values[t : t + PAST], values[t + PAST :][:h]
    x = ((seen - mean) / scale).reshape(PAST // D, 1, D)
    ahead = seen[-1] + scale * model(x)[0, :h]
    season = [seen[-3], seen[-2], seen[-1], seen[-3]]
    errors = [np.abs(f - truth).mean() for f in (ahead, seen[-1], np.array(season))]
    assert len({f"{e:.2f}" for e in errors}) == 3  # so that no two can change places unseen
    inside = (np.abs(ahead - truth) <= np.linspace(1, 2, K)[:h]).sum()
    assert figure.words.splitlines() == [
        f"{cell.__name__[:-4]} of 4 units: 5 steps ahead: 18 origins, from day 8 on",
        f"from day 13, 4 ahead, mean error: network {errors[0]:.2f},"
        f" no change {errors[1]:.2f}, 3 before {errors[2]:.2f}",
        f"{inside} of 4 inside the 80 % interval",
    ]


def test_every_origin_has_its_past_and_its_future():
    figure = forecast()
    assert (figure.steps, figure.horizon, figure.t) == (T - PAST - K + 1, K, 0)
    assert np.frombuffer(figure.values, "<f4").shape == (T,)
    assert sum(size for _, size in figure.arrays) * 4 == len(figure.weights)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("horizon", 6, r"horizon must lie in 1\.\.5, got 6"),
        ("horizon", 0, "horizon"),
        ("t", 18, r"t must lie in 0\.\.17, got 18"),
        ("t", -1, r"t must lie in 0\.\.17, got -1"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(forecast(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"values": np.ones(12)}, r"values must be at least past \+ K = 13, got 12"),
        ({"dates": ["today"]}, "dates must be 30, one per value, got 1"),
        ({"past": 7}, "past must be a multiple of D=2, got 7"),
        ({"past": 0}, "past must be a multiple of D=2, got 0"),
        ({"period": 9}, r"period must lie in 1\.\.8, got 9"),
        ({"radius": np.ones(3)}, r"radius must be \(K=5,\), got \(3,\)"),
        ({"level": 90}, "level must lie between 0 and 1, got 90"),
        ({"scale": 0.0}, r"scale must be above 0, got 0\.0"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        forecast(**options)


def test_what_is_no_network_or_no_series_is_refused():
    with pytest.raises(TypeError, match="network must have an RNNCell, GRUCell or LSTMCell"):
        forecast(network().cell)
    with pytest.raises(TypeError, match=r"values must be a NumPy array \(T,\), got \(30, 1\)"):
        forecast(values=np.ones((30, 1)))


def test_too_many_weights_are_refused():
    with pytest.raises(ValueError, match="network must fit 1000000 bytes"):
        forecast(network(H=300))
