"""A6: training data that know nothing of the test."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import Mistake, Recipe

Z_SCORE = "(train - mean(train)) / std(train) and (test - mean(train)) / std(train)"
CUT = "past[i] = series[i : i + P]\nfuture[i] = series[i + P : i + P + K]\ni = 0, ..., T - P - K"


def standardise(train: Array, test: Array) -> tuple[Array, Array]:
    centre, scale = train.mean(), train.std()
    return (train - centre) / scale, (test - centre) / scale


STANDARDISE = Recipe(
    solve=standardise,
    sizes={"T": 9, "S": 6},
    arguments={"train": "T", "test": "S"},
    outputs={"train_scaled": "T", "test_scaled": "S"},
    equations=Z_SCORE,
    prepare=lambda rng, drawn: {"train": 2 + 3 * drawn["train"], "test": 5 + 2 * drawn["test"]},
    cases={"a series": {}, "one value to test (S = 1)": {"S": 1}},
    mistakes=(
        Mistake(
            "leak",
            "train.mean(), train.std()",
            "np.append(train, test).mean(), np.append(train, test).std()",
            "Your training data know the test: both were scaled together.",
            "Which numbers were there before the test began?",
            Z_SCORE,
        ),
        Mistake(
            "each_its_own",
            "(test - centre) / scale",
            "(test - test.mean()) / test.std()",
            "The test is scaled by its own mean and spread; nobody knows them beforehand.",
            "Look at the second array: the same two numbers serve both.",
            Z_SCORE,
        ),
        Mistake(
            "variance",
            "train.std()",
            "train.var()",
            "Your values are divided by the square of what they should be.",
            "Look at the scale: standard deviation or variance?",
            Z_SCORE,
        ),
        Mistake(
            "sample_deviation",
            "train.std()",
            "train.std(ddof=1)",
            "Your scale is a little too large.",
            "NumPy's default divides by T; you divide by T - 1.",
            "std = sqrt(mean((train - mean(train))^2))",
        ),
        Mistake(
            "not_centred",
            "centre, scale = train.mean(),",
            "centre, scale = 0,",
            "The mean of your scaled training data is not 0.",
            "Something is taken off before the division.",
            Z_SCORE,
        ),
        Mistake(
            "not_scaled",
            "train.std()",
            "1",
            "The spread of your scaled training data is not 1.",
            "Something is missing after the mean is taken off.",
            Z_SCORE,
        ),
        Mistake(
            "to_unit_interval",
            "train.mean(), train.std()",
            "train.min(), np.ptp(train)",
            "Your training data lie between 0 and 1.",
            "Smallest and largest value are another way to scale: here mean and spread are asked.",
            Z_SCORE,
        ),
        Mistake(
            "test_left",
            "(test - centre) / scale",
            "test",
            "The test is not scaled.",
            "A model that was trained on scaled data needs scaled data.",
            Z_SCORE,
        ),
        Mistake(
            "divided_first",
            "(train - centre) / scale, (test - centre) / scale",
            "train / scale - centre, test / scale - centre",
            "Your brackets are wrong: the mean is taken off in the wrong units.",
            "Which comes first, the difference or the division?",
            Z_SCORE,
        ),
    ),
)


def cut_windows(series: Array, past: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - past - horizon + 1)
    before = series[starts[:, None] + np.arange(past)]
    after = series[starts[:, None] + past + np.arange(horizon)]
    return before, after


CUT_WINDOWS = Recipe(
    solve=cut_windows,
    sizes={"T": 14},
    arguments={"series": "T", "past": "", "horizon": ""},
    outputs={"past": "N P", "future": "N K"},
    equations=CUT,
    prepare=lambda rng, drawn: {**drawn, "past": 5, "horizon": 3},
    cases={"a series": {}, "a single window (T = P + K)": {"T": 8}},
    mistakes=(
        Mistake(
            "overlap",
            "+ past + np.arange(horizon)",
            "+ past - 1 + np.arange(horizon)",
            "Your future begins with the last value of the past: the answer is given away.",
            "Look at the first index of the future.",
            CUT,
        ),
        Mistake(
            "future_is_past",
            "+ past + np.arange(horizon)",
            "+ np.arange(horizon)",
            "Your future is the beginning of the past.",
            "Look at the first index of the future.",
            CUT,
        ),
        Mistake(
            "past_reversed",
            "+ np.arange(past)]",
            "+ np.arange(past)[::-1]]",
            "Your past runs from the newest value to the oldest.",
            "Look at the order of the values in a row.",
            CUT,
        ),
        Mistake(
            "future_reversed",
            "+ past + np.arange(horizon)",
            "+ past + np.arange(horizon)[::-1]",
            "Your future runs backwards.",
            "Look at the order of the values in a row.",
            CUT,
        ),
        Mistake(
            "windows_reversed",
            "np.arange(len(series) - past - horizon + 1)",
            "np.arange(len(series) - past - horizon + 1)[::-1]",
            "Your windows stand in the wrong order: the latest first.",
            "Row i begins at place i of the series.",
            CUT,
        ),
        Mistake(
            "past_from_the_future",
            "series[starts[:, None] + np.arange(past)]",
            "series[starts[:, None] + horizon + np.arange(past)]",
            "Your past reaches into the future.",
            "Look at the first index of the past.",
            CUT,
        ),
    ),
)

RECIPES = (STANDARDISE, CUT_WINDOWS)
