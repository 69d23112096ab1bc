"""Captions of digits in scenes: one decoder that looks at the picture, and one that cannot."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from ..data import Digits, load_digits, load_scenes
from ..data.words import Vocabulary
from ..fast.captions import Captioner, fit_captions
from ..fast.descend import descend
from ..ops import Array

SEEDS = (0, 1, 2)
CHANNELS, SIDE, H = (1, 16, 32, 64), 24, 96
UPDATES = {"eyes": 900, "decoder": 500}


@cache
def vocabulary() -> Vocabulary:
    """The 24 words of the training captions."""
    return Vocabulary.of(load_scenes().train.captions)


def build(rng: np.random.Generator) -> nn.ModuleDict:
    """Two captioners with the same eyes, with and without attention."""
    V = len(vocabulary())
    return nn.ModuleDict(
        {
            name: Captioner.init(CHANNELS, SIDE, V, H, rng, attention=name == "looks")
            for name in ("looks", "recalls")
        }
    )


def train(seed: int) -> nn.ModuleDict:
    """First the eyes learn to name the digit at each place, then each decoder learns to write.

    As in "Show, attend and tell", where the eyes had been trained to name photographs and stayed
    as they were.
    """
    rng = np.random.default_rng(seed)
    model, scenes = build(rng), load_scenes()
    train_eyes(model["looks"].eyes, UPDATES["eyes"], rng)
    model["recalls"].eyes.load_state_dict(model["looks"].eyes.state_dict())
    pictures = as_tensor(scenes.train.pictures)
    tokens, _ = vocabulary().encode(scenes.train.captions, end=True)
    with torch.no_grad():
        seen = model["looks"].see(pictures)
        for captioner in model.values():
            captioner.centre(seen)
    for captioner in model.values():
        fit_captions(captioner, lambda n: seen[n], tokens, UPDATES["decoder"], rng, begin=1)
    return model


def train_eyes(eyes: nn.Sequential, updates: int, rng: np.random.Generator) -> None:
    """Teach convolutions to tell which digit, if any, is at each place of crowded scenes."""
    digits, M = load_digits(), CHANNELS[-1]
    head = nn.Linear(M, 11)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(rng.normal(0, M**-0.5, (11, M)).astype(np.float32)))
        head.bias.zero_()

    def next_loss() -> Tensor:
        pictures, names = crowd(digits, 32, rng)
        logits = head(eyes(as_tensor(pictures)).flatten(2).transpose(1, 2)).flatten(0, 1)
        return nn.functional.cross_entropy(logits, torch.from_numpy(names).flatten())

    descend(next_loss, [(p, 0.006) for p in (*eyes.parameters(), *head.parameters())], updates)


def crowd(digits: Digits, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Scenes with a digit of the training part at every other place, and 0 or 1 + it: (n, 9)."""
    some = rng.integers(len(digits.train.labels), size=(n, 9))
    there = rng.random((n, 9)) < 0.5
    images = digits.train.images[some] * there[..., None, None]
    rows = images.reshape(n, 3, 3, 8, 8).swapaxes(2, 3)
    return rows.reshape(n, SIDE, SIDE), np.where(there, digits.train.labels[some] + 1, 0)


def as_tensor(pictures: Array) -> Tensor:
    """(N, 24, 24) as (N, 1, 24, 24) in float32."""
    return torch.from_numpy(pictures.astype(np.float32))[:, None]


def describe(captioner: Captioner, pictures: Array, words: Vocabulary) -> list[str]:
    """What it writes about each picture, (N, 24, 24): word by word, each time the likeliest."""
    tokens = captioner.write(as_tensor(pictures), 30, begin=1)
    return [" ".join(words.decode(column)) for column in tokens.T]


def score(model: nn.ModuleDict, part: str) -> dict[str, float]:
    """The share of captions that are right to the last word, with attention and without."""
    split, words = getattr(load_scenes(), part), vocabulary()
    right = [caption.replace(",", " ,") for caption in split.captions]
    return {
        f"exact, {name}": float(np.mean(np.array(describe(c, split.pictures, words)) == right))
        for name, c in model.items()
    }
