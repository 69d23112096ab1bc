"""Three readers of Python's documentation, of one size: a GRU, a minGRU and a diagonal layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..cell import Cell
from ..data import load_topics
from ..diagonal import DiagonalCell
from ..gru import GRUCell
from ..mingru import MinGRUCell
from ..ops import one_hot
from ..optim import Adam, clip_by_global_norm
from ..topologies import Network
from ..train import Batch, classify
from . import topics
from .topics import encode

SEEDS = (0, 1, 2)
DTYPE = "float16"
SIZES: dict[str, tuple[type[Cell], int]] = {  # H for about 36,000 numbers each
    "gru": (GRUCell, 64),
    "mingru": (MinGRUCell, 128),
    "diagonal": (DiagonalCell, 80),
}
UPDATES, T, N, LR = 600, 64, 32, 0.03
LOUD = 8  # what W_xh is drawn times: a character is one 1 among 93 zeros


@dataclass(frozen=True, eq=False)
class Readers:
    """Three networks that say which of V characters comes next."""

    gru: Network
    mingru: Network
    diagonal: Network


def build(rng: np.random.Generator) -> Readers:
    """The untrained networks over the 94 characters of `load_topics().alphabet`."""
    V = len(load_topics().alphabet)
    networks = []
    for kind, H in SIZES.values():
        cell = kind.init(V, H, rng, np.float32)
        networks.append(Network.init(replace(cell, W_xh=LOUD * cell.W_xh), V, rng))
    return Readers(*networks)


def train(seed: int) -> Readers:
    """Each on the same windows, the same number of times, with the same falling rate."""
    untrained = build(np.random.default_rng(seed))
    return Readers(*(_train(network, seed) for network in vars(untrained).values()))


def score(model: Readers, part: str) -> dict[str, float]:
    """Bits per character of the pages of a part, read in a row, by each of the three."""
    return {name: bits(network, part) for name, network in vars(model).items()}


def bits(network: Network, part: str) -> float:
    """Bits per character of the pages of a part, read in a row."""
    return topics.score(network, part)["bits"]


def _train(network: Network, seed: int) -> Network:
    rng, codes, V = np.random.default_rng(seed), encode("train"), network.cell.D
    state = Adam(LR).init(network)
    for update in range(UPDATES):
        places = rng.integers(0, len(codes) - T, N) + np.arange(T + 1)[:, None]
        window = codes[places]
        batch = Batch(one_hot(window[:-1], V, np.float32), window[1:])
        _, grads = classify(network, batch, read="every")
        lr = LR * min(1, (update + 1) / 50) * (1 + np.cos(np.pi * update / UPDATES)) / 2
        network, state = Adam(lr).update(network, clip_by_global_norm(grads, 1.0)[0], state)
    return network
