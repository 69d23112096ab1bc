"""Two GRUs that colour Python, one from each end, with half the units of `tagger` each."""

from __future__ import annotations

import numpy as np

from ..bidirectional import Bidirectional
from ..data import load_stdlib
from ..gru import GRUCell
from ..optim import Adam
from ..train import classify, fit
from .tagger import PHASES, SEEDS, K, V, letters, pieces, shares

__all__ = ["SEEDS", "build", "score", "train"]


def build(rng: np.random.Generator) -> Bidirectional:
    """24 units from each end."""
    onward, reverse = (GRUCell.init(V, 24, rng, np.float32) for _ in range(2))
    return Bidirectional.init(onward, reverse, K, rng)


def train(seed: int) -> Bidirectional:
    """The pieces, the updates and the learning rates of `tagger`."""
    model, order = build(np.random.default_rng(seed)), np.random.default_rng(seed)
    for updates, lr in PHASES:
        batches = pieces(updates, order)
        model, _ = fit(model, batches, Adam(lr=lr), lambda m, b: classify(m, b, "every"))
    return model


def score(model: Bidirectional, part: str) -> dict[str, float]:
    """The shares of `shares`, when the part is read as a whole."""
    source = getattr(load_stdlib(), part)
    best = model(letters(source.text), read="every")[:, 0].argmax(axis=1)
    return shares(best, source.labels)
