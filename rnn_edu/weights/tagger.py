"""GRUs that colour Python as it is read: one answers at once, others 1, 2, 4 or 8 letters later."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..data import encode_text, load_stdlib
from ..data.stdlib import CLASSES, PRINTABLE
from ..gru import GRUCell
from ..ops import Array, one_hot
from ..optim import Adam
from ..topologies import Network
from ..train import Batch, classify, fit

SEEDS = (0, 1, 2)
DELAYS = (0, 1, 2, 4, 8)  # how many more characters each network may see before it answers
V, K = len(PRINTABLE), len(CLASSES)
PHASES = ((240, 0.01), (60, 0.003))  # updates, learning rate


def build(rng: np.random.Generator) -> tuple[Network, ...]:
    """48 units for each delay, alike but for their random start."""
    cells = (GRUCell.init(V, 48, rng, np.float32) for _ in DELAYS)
    return tuple(Network.init(cell, K, rng) for cell in cells)


def train(seed: int) -> tuple[Network, ...]:
    """For each delay 300 updates on 32 pieces of 128 characters; all read the same pieces."""
    rng = np.random.default_rng(seed)
    trained = []
    for model, delay in zip(build(rng), DELAYS, strict=True):
        order = np.random.default_rng(seed)
        for updates, lr in PHASES:
            batches = (later(batch, delay) for batch in pieces(updates, order))
            model, _ = fit(model, batches, Adam(lr=lr), lambda m, b: classify(m, b, "every"))
        trained.append(model)
    return tuple(trained)


def score(model: tuple[Network, ...], part: str) -> dict[str, float]:
    """The shares of `shares`, for each delay, when the part is read from its start to its end."""
    source = getattr(load_stdlib(), part)
    x, found = letters(source.text), {}
    for network, delay in zip(model, DELAYS, strict=True):
        best = network(x, read="every")[delay:, 0].argmax(axis=1)  # the first answers are for none
        for name, value in shares(best, source.labels[: len(best)]).items():
            found[f"{name}, {delay} later"] = value
    return found


def shares(best: Array, labels: Array) -> dict[str, float]:
    """The share of right answers: of all, of those where a class begins, where a word begins.

    best, labels: (T,) indices into CLASSES, what was answered and what is right. Blanks do not
    count as beginnings; a word is a name or a keyword.
    """
    right = best == labels
    begins = np.concatenate([[True], labels[1:] != labels[:-1]])
    word = np.isin(labels, [CLASSES.index("name"), CLASSES.index("keyword")])
    places = {
        "all": np.ones(len(labels), bool),
        "first": begins & (labels != CLASSES.index("space")),
        "word": begins & word,
    }
    return {name: float(right[where].mean()) for name, where in places.items()}


def later(batch: Batch, delay: int) -> Batch:
    """The same letters with the classes due `delay` steps later; before that no step counts."""
    targets = np.roll(batch.targets, delay, axis=0)
    mask = np.arange(len(targets))[:, None] >= delay
    return Batch(batch.x, targets, mask=np.broadcast_to(mask, targets.shape))


def pieces(updates: int, rng: np.random.Generator, T: int = 128, N: int = 32) -> Iterator[Batch]:
    """Batches of N pieces of T characters, cut anywhere from the training part, and classes."""
    source = load_stdlib().train
    codes = encode_text(source.text, PRINTABLE)
    for _ in range(updates):
        t = rng.integers(0, len(codes) - T, N) + np.arange(T)[:, None]  # (T, N)
        yield Batch(one_hot(codes[t], V, np.float32), source.labels[t])


def letters(text: str) -> Array:
    """(T, 1, V): the characters of a text, one per step."""
    return one_hot(encode_text(text, PRINTABLE), V, np.float32)[:, None]
