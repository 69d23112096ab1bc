"""Surnames read and spelled back: through one state, and with attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..attention import AttentionDecoder
from ..data import encode_names, load_names
from ..decode import generate, greedy
from ..gru import GRUCell
from ..ops import Array
from ..optim import Adam
from ..train import Pairs, fit, translate
from ..translator import Translator, writing

SEEDS = (0, 1, 2)
LETTERS = "abcdefghijklmnopqrstuvwxyz."  # the dot: nothing more
DOT = LETTERS.index(".")


@dataclass(frozen=True, eq=False)
class Spellers:
    """Twins but for one thing."""

    looking: Translator
    squeezed: Translator  # without attention


def build(rng: np.random.Generator) -> Spellers:
    """Both, untrained, in float64."""
    return Spellers(new_speller(True, rng), new_speller(False, rng))


def new_speller(looks_back: bool, rng: np.random.Generator, H: int = 32) -> Translator:
    """A GRU that reads letters and one that writes them; looks_back gives it attention."""
    D, K = len(LETTERS) - 1, len(LETTERS)
    reads, writes = (GRUCell.init(size, H, rng) for size in (D, K))
    return Translator(reads, AttentionDecoder.init(writes, K, rng, M=H if looks_back else None))


def to_spell(names: Sequence[str]) -> Pairs:
    """Names as what is read and what is to be answered: the letters, and a dot."""
    x, lengths = encode_names(names)  # x: (T, N, D=26)
    letters = np.where(x.any(axis=2), x.argmax(axis=2), DOT)
    targets = np.vstack([letters, np.full((1, len(names)), DOT)])  # (S=T+1, N)
    mask = np.arange(len(targets))[:, None] <= lengths  # the dot counts, what is behind it does not
    return Pairs(x, targets, lengths, mask)


def learn(
    model: Translator, pairs: Pairs, rng: np.random.Generator, updates: int = 450
) -> Translator:
    """Train on random batches of 64 names."""

    def batches() -> Iterator[Pairs]:
        for _ in range(updates):
            n = rng.choice(len(pairs.lengths), 64, replace=False)
            T = pairs.lengths[n].max()
            yield Pairs(
                pairs.x[:T, n], pairs.targets[: T + 1, n], pairs.lengths[n], pairs.mask[: T + 1, n]
            )

    return fit(model, batches(), Adam(lr=0.01), translate)[0]


def train(seed: int) -> Spellers:
    """Each on its own 450 batches of the training names."""
    spellers, pairs = build(np.random.default_rng(seed)), to_spell(load_names().train.names)
    return Spellers(
        *(learn(m, pairs, np.random.default_rng(seed)) for m in vars(spellers).values())
    )


def spell(model: Translator, names: Sequence[str]) -> Array:
    """The likeliest letter each time, until the dot: (S, N) places in LETTERS."""
    pairs = to_spell(names)
    step, state, first = writing(model, pairs.x.argmax(axis=2), pairs.lengths)
    return generate(step, state, first, len(pairs.targets), greedy, end=DOT)


def right(model: Translator, names: Sequence[str]) -> Array:
    """Which names come back without a mistake: (N,) booleans."""
    pairs = to_spell(names)
    return ((spell(model, names) == pairs.targets) | ~pairs.mask).all(axis=0)


def score(spellers: Spellers, part: str) -> dict[str, float]:
    """The share of names that come back without a mistake."""
    names = getattr(load_names(), part).names
    return {name: float(right(model, names).mean()) for name, model in vars(spellers).items()}
