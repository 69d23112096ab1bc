"""Three years of sunspots from the last eleven: a GRU that answers 36 months at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..data import load_sunspots
from ..forecast import Windows, cut_windows
from ..gru import GRUCell
from ..ops import Array, map_params
from ..optim import Adam
from ..topologies import Network
from ..train import fit, regress

SEEDS = (0, 1, 2)
PAST, HORIZON, H = 132, 36, 32
MONTHS = 3  # a step reads a quarter: 44 steps are easier to learn through than 132
ENDS = 2496, 2808  # of the training and the validation part: December 1956, December 1982
MEAN, SCALE = 6.2, 3.1  # of the training part, rounded
UPDATES, BATCH = 400, 64


class Part(NamedTuple):
    """What `regress` reads."""

    x: Array  # (T=44, N, D=3)
    targets: Array  # (N, K=36), the change since the last month seen


def build(rng: np.random.Generator) -> Network:
    """The untrained network."""
    return Network.init(GRUCell.init(MONTHS, H, rng, np.float32), HORIZON, rng)


def train(seed: int) -> Network:
    """400 updates of 64 windows; the mean of the parameters over the last 250 of them.

    Source of the mean: Polyak and Juditsky, SIAM J. Control and Optimization 30 (1992).
    """
    rng = np.random.default_rng(seed)
    part, mean, count = inputs(parts()["train"]), None, 0

    def batches() -> Iterator[Part]:
        for _ in range(UPDATES):
            n = rng.choice(len(part.targets), BATCH)
            yield Part(part.x[:, n], part.targets[n])

    def average(update: int, loss: float, network: Any, norm: float) -> None:
        nonlocal mean, count
        if update > 150:
            count += 1
            mean = map_params(lambda m, p: m + (p - m) / count, mean or network, network)

    fit(build(rng), batches(), Adam(lr=0.005), regress, on_update=average)
    return mean


def score(network: Network, part: str) -> dict[str, float]:
    """Mean absolute error in square roots of sunspots: over all 36 months, over each year."""
    windows = parts()[part]
    error = np.abs(forecast(network, windows.past) - windows.future)
    years = {f"year {k}": error[:, 12 * k - 12 : 12 * k] for k in (1, 2, 3)}
    return {name: round(float(a.mean()), 4) for name, a in {"error": error, **years}.items()}


def series() -> Array:
    """The square root of each month's sunspot number: (3120,). It makes the errors of quiet and
    busy years alike in size."""
    return np.sqrt(load_sunspots().values[:, 0])


def parts() -> dict[str, Windows]:
    """Windows for training, validation and test, 80/10/10 in time; no future is in two parts."""
    windows, (first, second) = cut_windows(series(), PAST, HORIZON), ENDS
    return {
        "train": windows.before(first),
        "validation": windows.since(first).before(second),
        "test": windows.since(second),
    }


def inputs(windows: Windows) -> Part:
    """Windows as the network reads them."""
    change = (windows.future - windows.past[:, -1:]) / SCALE
    return Part(quarters(windows.past), change.astype(np.float32))


def quarters(past: Array) -> Array:
    """past: (N, 132). Returns (44, N, 3): the past as steps of three months, standardised."""
    x = ((past - MEAN) / SCALE).reshape(len(past), -1, MONTHS)
    return np.ascontiguousarray(x.transpose(1, 0, 2), np.float32)


def forecast(network: Network, past: Array) -> Array:
    """past: (N, 132) square roots of sunspot numbers. Returns the next 36 of each: (N, 36)."""
    return past[:, -1:] + SCALE * network(quarters(past))
