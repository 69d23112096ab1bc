"""Names of emoji from their pictures: one network for new combinations, one for new nouns."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from ..data import load_emoji
from ..data.words import Vocabulary, split_words
from ..fast.captions import Captioner, fit_captions
from ..fast.descend import descend
from ..ops import Array

SEEDS = (0, 1, 2)
DTYPE = "float16"
CHANNELS, SIDE, H = (3, 16, 32, 64), 24, 96
UPDATES = {"eyes": 600, "decoder": 350}
BOTH = {"name": 700, "noun": 200}  # updates of eyes and decoder together, for each split


@cache
def vocabulary(by: str) -> Vocabulary:
    """The words of the training names."""
    return Vocabulary.of(load_emoji(by).train.names["en"])


def build(rng: np.random.Generator) -> nn.ModuleDict:
    """A captioner with attention for each way to divide the emoji."""
    return nn.ModuleDict(
        {by: Captioner.init(CHANNELS, SIDE, len(vocabulary(by)), H, rng) for by in BOTH}
    )


def train(seed: int) -> nn.ModuleDict:
    """For each split: eyes that know words, a decoder that reads them, then both together."""
    rng = np.random.default_rng(seed)
    model = build(rng)
    for by, captioner in model.items():
        fit(captioner, by, rng)
    return model


def fit(captioner: Captioner, by: str, rng: np.random.Generator) -> None:
    """Train on one way to divide the emoji."""
    part, words = load_emoji(by).train, vocabulary(by)
    pictures = as_tensor(part.pictures)
    tokens, _ = words.encode(part.names["en"], end=True)

    def moved(n: Array) -> Tensor:
        """What it sees of these pictures, all moved by up to a pixel."""
        down, right = rng.integers(-1, 2, 2).tolist()
        return captioner.see(torch.roll(pictures[n], (down, right), (2, 3)))

    train_eyes(captioner, moved, tokens, UPDATES["eyes"], rng)
    with torch.no_grad():
        seen = captioner.see(pictures)
        captioner.centre(seen)
    fit_captions(captioner, lambda n: seen[n], tokens, UPDATES["decoder"], rng, begin=1)
    fit_captions(captioner, moved, tokens, BOTH[by], rng, begin=1, lr=0.003, haste=1 / 3)


def train_eyes(
    captioner: Captioner,
    moved: Callable[[Array], Tensor],
    tokens: Array,
    updates: int,
    rng: np.random.Generator,
) -> None:
    """Teach the eyes which words are in a name, in whatever order. tokens: (S, N), padded."""
    P, _, M = captioner.place.shape
    V, N = captioner.decoder.readout.out_features, tokens.shape[1]
    named = np.zeros((N, V), np.float32)
    named[np.arange(N), tokens] = 1
    named[:, :2] = 0  # the padding and the end
    head = nn.Linear(P * M, V)
    with torch.no_grad():
        weight = rng.normal(0, (P * M) ** -0.5, (V, P * M)).astype(np.float32)
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.fill_(-4)  # most words are in few names

    def next_loss() -> Tensor:
        n = rng.integers(N, size=32)
        loss = nn.functional.binary_cross_entropy_with_logits(
            head(moved(n).flatten(1)), torch.from_numpy(named[n]), reduction="sum"
        )
        return loss / len(n)

    parameters = (*captioner.eyes.parameters(), *head.parameters())
    descend(next_loss, [(p, 0.006) for p in parameters], updates)


def as_tensor(pictures: Array) -> Tensor:
    """(N, 24, 24, 3) of 0 to 255 as (N, 3, 24, 24) in float32, 0 for white."""
    return 1 - torch.from_numpy(pictures.astype(np.float32)).permute(0, 3, 1, 2) / 255


def describe(captioner: Captioner, pictures: Array, words: Vocabulary) -> list[str]:
    """What it writes about each picture, (N, 24, 24, 3): word by word, each time the likeliest."""
    tokens = captioner.write(as_tensor(pictures), 25, begin=1)
    return [" ".join(words.decode(column)) for column in tokens.T]


def score(model: nn.ModuleDict, part: str) -> dict[str, float]:
    """For each split: the share of names that are right to the last word, and BLEU."""
    from sacrebleu import corpus_bleu

    scores = {}
    for by, captioner in model.items():
        split, words = getattr(load_emoji(by), part), vocabulary(by)
        written = describe(captioner, split.pictures, words)
        right = spelled(split.names["en"])
        scores[f"exact, {by}"] = float(np.mean(np.array(written) == right))
        scores[f"BLEU, {by}"] = round(corpus_bleu(written, [right], tokenize="none").score, 2)
    return scores


def spelled(names: tuple[str, ...]) -> list[str]:
    """Names as the words that a vocabulary knows, with spaces between."""
    return [" ".join(split_words(name)) for name in names]
