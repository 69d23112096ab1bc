"""A6: forecasts to beat, and a score that is fair to them."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import Mistake, Recipe

SERIES = "several series"
ONE_SERIES = "one series (N = 1)"
NO_CHANGE = "forecast[n, k] = past[n, P - 1] for every k"
SEASON = "forecast[n, k] = past[n, P - period + (k mod period)]"
SCALED = "mean |y - forecast| / mean over t of |train[t] - train[t - period]|"


def persistence(past: Array, horizon: int) -> Array:
    return np.repeat(past[:, -1:], horizon, axis=1)


PERSISTENCE = Recipe(
    solve=persistence,
    sizes={"N": 3, "P": 7},
    arguments={"past": "N P", "horizon": ""},
    outputs={"forecast": "N K"},
    equations=NO_CHANGE,
    prepare=lambda rng, drawn: {**drawn, "horizon": 4},
    cases={SERIES: {}, ONE_SERIES: {"N": 1}},
    mistakes=(
        Mistake(
            "first_value",
            "past[:, -1:]",
            "past[:, :1]",
            "You forecast the oldest value.",
            "past goes from the oldest value to the newest.",
            NO_CHANGE,
        ),
        Mistake(
            "value_before",
            "past[:, -1:]",
            "past[:, -2:-1]",
            "You forecast the value before the last.",
            "Look at the index of what you repeat.",
            NO_CHANGE,
        ),
        Mistake(
            "mean",
            "past[:, -1:]",
            "past.mean(axis=1, keepdims=True)",
            "You forecast the mean of the past.",
            "Persistence says: no change from now.",
            NO_CHANGE,
        ),
        Mistake(
            "last_values_repeated",
            "np.repeat(past[:, -1:], horizon, axis=1)",
            "past[:, -horizon:]",
            "You repeat the last K values, as if the series had that period.",
            "Persistence repeats one value.",
            NO_CHANGE,
        ),
        Mistake(
            "drift",
            "np.repeat(past[:, -1:], horizon, axis=1)",
            "past[:, -1:] + (past[:, -1:] - past[:, -2:-1]) * np.arange(1, horizon + 1)",
            "Your forecast goes on as the last step went.",
            "Persistence says: no change from now.",
            NO_CHANGE,
        ),
        Mistake(
            "one_series_for_all",
            "past[:, -1:]",
            "past[:1, -1:].repeat(len(past), 0)",
            "All series get the forecast of the first.",
            "Each row has its own last value.",
            NO_CHANGE,
        ),
    ),
)


def seasonal_naive(past: Array, horizon: int, period: int) -> Array:
    season = past[:, -period:]
    return season[:, np.arange(horizon) % period]


SEASONAL_NAIVE = Recipe(
    solve=seasonal_naive,
    sizes={"N": 3, "P": 11},
    arguments={"past": "N P", "horizon": "", "period": ""},
    outputs={"forecast": "N K"},
    equations=SEASON,
    prepare=lambda rng, drawn: {**drawn, "horizon": 7, "period": 4},
    cases={SERIES: {}, ONE_SERIES: {"N": 1}},
    mistakes=(
        Mistake(
            "persistence",
            "season[:, np.arange(horizon) % period]",
            "season[:, [-1] * horizon]",
            "An argument has no effect on your answer: period.",
            "The forecast for next January is this year's January.",
            SEASON,
        ),
        Mistake(
            "first_season",
            "past[:, -period:]",
            "past[:, :period]",
            "You repeat the oldest season.",
            "past goes from the oldest value to the newest.",
            SEASON,
        ),
        Mistake(
            "late",
            "np.arange(horizon) % period",
            "np.arange(1, horizon + 1) % period",
            "Your season is shifted by one step.",
            "Which value of the past stands one period before the first forecast?",
            SEASON,
        ),
        Mistake(
            "early",
            "np.arange(horizon) % period",
            "np.arange(-1, horizon - 1) % period",
            "Your season is shifted by one step.",
            "Which value of the past stands one period before the first forecast?",
            SEASON,
        ),
        Mistake(
            "period_too_long",
            "past[:, -period:]",
            "past[:, -period - 1 :]",
            "Your season begins one step too early.",
            "Count the values of one season.",
            SEASON,
        ),
        Mistake(
            "mirrored",
            "past[:, -period:]",
            "past[:, -period:][:, ::-1]",
            "Your season runs backwards in time.",
            "Look at the order of the values that you repeat.",
            SEASON,
        ),
        Mistake(
            "season_mean",
            "season[:, np.arange(horizon) % period]",
            "season.mean(axis=1, keepdims=True).repeat(horizon, 1)",
            "You forecast the mean of the last season.",
            "Each step of the season has its own value.",
            SEASON,
        ),
    ),
)


def mase(y: Array, forecast: Array, train: Array, period: int) -> float:
    error = np.abs(y - forecast).mean()
    naive = np.abs(train[period:] - train[:-period]).mean()
    return error / naive


MASE = Recipe(
    solve=mase,
    sizes={"K": 5, "T": 17},
    arguments={"y": "K", "forecast": "K", "train": "T", "period": ""},
    outputs={"mase": ""},
    equations=SCALED,
    prepare=lambda rng, drawn: {**drawn, "period": 3},
    cases={"a season of 3": {}, "another series": {"T": 19}, "a longer forecast": {"K": 8}},
    mistakes=(
        Mistake(
            "squared",
            "np.abs(y - forecast).mean()",
            "((y - forecast) ** 2).mean()",
            "Your errors are squared.",
            "Look at the numerator: MASE has absolute errors.",
            SCALED,
        ),
        Mistake(
            "root_mean_square",
            "np.abs(y - forecast).mean()",
            "np.sqrt(((y - forecast) ** 2).mean())",
            "Your errors are squared, averaged and rooted.",
            "Look at the numerator: MASE has absolute errors.",
            SCALED,
        ),
        Mistake(
            "signed",
            "np.abs(y - forecast).mean()",
            "(y - forecast).mean()",
            "Your errors cancel each other.",
            "Look at the numerator: something happens to each error before the mean.",
            SCALED,
        ),
        Mistake(
            "median",
            "np.abs(y - forecast).mean()",
            "np.median(np.abs(y - forecast))",
            "You take the middle error.",
            "Look at the numerator: a mean is asked for.",
            SCALED,
        ),
        Mistake(
            "period_ignored",
            "train[period:] - train[:-period]",
            "train[1:] - train[:-1]",
            "An argument has no effect on your answer: period.",
            "The forecast to beat repeats the last season, not the last value.",
            SCALED,
        ),
        Mistake(
            "scaled_by_the_test",
            "train[period:] - train[:-period]",
            "y[period:] - y[:-period]",
            "An argument has no effect on your answer: train.",
            "The scale comes from data that were known when the forecast was made.",
            SCALED,
        ),
        Mistake(
            "not_scaled",
            "    return error / naive",
            "    return error",
            "You return an error in the units of the series.",
            "The S in MASE: divide by what the naive forecast errs in training.",
            SCALED,
        ),
        Mistake(
            "inverted",
            "error / naive",
            "naive / error",
            "Your score is large where the forecast is good.",
            "Look at which of the two errors you divide by.",
            SCALED,
        ),
        Mistake(
            "scaled_by_size",
            "np.abs(train[period:] - train[:-period]).mean()",
            "np.abs(train).mean()",
            "You divide by the size of the values.",
            "The scale is the error of a forecast: the seasonal naive one.",
            SCALED,
        ),
        Mistake(
            "scaled_by_spread",
            "np.abs(train[period:] - train[:-period]).mean()",
            "train.std()",
            "You divide by the standard deviation.",
            "The scale is the error of a forecast: the seasonal naive one.",
            SCALED,
        ),
        Mistake(
            "sum_above",
            "np.abs(y - forecast).mean()",
            "np.abs(y - forecast).sum()",
            "Your score grows with the length of the forecast.",
            "Look at the numerator: a mean is asked for.",
            SCALED,
        ),
        Mistake(
            "wrong_divisor",
            "np.abs(train[period:] - train[:-period]).mean()",
            "np.abs(train[period:] - train[:-period]).sum() / len(train)",
            "Your scale is a little too small.",
            "How many differences are there? Fewer than values.",
            SCALED,
        ),
    ),
)

RECIPES = (PERSISTENCE, SEASONAL_NAIVE, MASE)
