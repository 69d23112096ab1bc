"""Readers of film reviews: what `load("reviews")` gives, and how they were trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..data.reviews import LabelledSplit, load_reviews
from ..data.words import Vocabulary
from ..embedding import Reader, WordBatch, WordBatches
from ..gru import GRUCell
from ..losses import cross_entropy
from ..optim import Adam
from ..train import History, fit

SEEDS = (0, 1, 2)
DTYPE = "float16"
WORDS = Path(__file__).with_suffix(".txt")
LEAST, D, H = 3, 16, 32  # a word must occur so often in training; sizes of embedding and state
WAYS = ("last", "mean", "column")


@dataclass(frozen=True, eq=False)
class Readers:
    """Three readers that differ in what they answer from: the field says what."""

    last: Reader  # the state after the last word
    mean: Reader  # the mean of the states after each word
    column: Reader  # the state after the last column of its batch, a bug


def vocabulary() -> Vocabulary:
    """The words of the readers: those that occur at least three times in the training part.

    They ship beside the weights, so that a reader can read without the reviews.
    """
    return Vocabulary(tuple(WORDS.read_text(encoding="utf-8").split("\n")))


def build(rng: np.random.Generator) -> Readers:
    """Untrained readers."""
    return Readers(*(_reader(rng) for _ in WAYS))


def train(seed: int) -> Readers:
    """Each of the readers from the same first weights, on the same batches."""
    return Readers(*(train_reader(seed, way)[0] for way in WAYS))


def train_reader(seed: int, way: str) -> tuple[Reader, History]:
    """One reader: two epochs in batches of 32. way: one of WAYS."""
    tokens, lengths, labels = encoded("train")
    batches = WordBatches(tokens, lengths, labels, size=32, epochs=2, seed=seed)

    def loss_and_grads(reader: Reader, batch: WordBatch) -> tuple[float, Reader]:
        logits, cache = reader.forward(batch.tokens, *answer_from(way, batch.lengths))
        loss, dlogits = cross_entropy(logits, batch.labels)
        return loss, reader.backward(dlogits, cache)

    return fit(_reader(np.random.default_rng(seed)), batches, Adam(lr=0.003), loss_and_grads)


def answer_from(way: str, lengths: np.ndarray) -> tuple:
    """What `Reader.forward` is given behind the tokens. way: one of WAYS. lengths: (N,)."""
    return {"last": (lengths,), "mean": (lengths, "mean"), "column": (None,)}[way]


def score(model: Readers, part: str) -> dict[str, float]:
    """Shares of right answers. The first is that of `last`.

    "mean" and "column" are the other two; "last, read at the column" is `last` with the bug at
    reading alone. The bug makes an answer depend on the batch: it is scored in batches of 32.
    """
    tokens, lengths, labels = encoded(part)

    def right(reader: Reader, way: str) -> float:
        hits = 0
        for start in range(0, len(labels), 32):
            n = slice(start, start + 32)
            batch = tokens[: lengths[n].max(), n]
            answers = reader(batch, *answer_from(way, lengths[n])).argmax(axis=1)
            hits += int((answers == labels[n]).sum())
        return round(hits / len(labels), 4)

    own = {way: right(getattr(model, way), way) for way in WAYS}
    return own | {"last, read at the column": right(model.last, "column")}


@cache
def encoded(part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """tokens (T, N), lengths (N,) and labels (N,) of "train", "validation" or "test"."""
    split: LabelledSplit = getattr(load_reviews(), part)
    return *vocabulary().encode(split.texts), split.labels


def _reader(rng: np.random.Generator) -> Reader:
    return Reader.init(len(vocabulary()), GRUCell.init(D, H, rng, np.float32), 2, rng)


if __name__ == "__main__":  # the words, once, before any training
    words = Vocabulary.of(load_reviews().train.texts, LEAST).words
    WORDS.write_text("\n".join(words), encoding="utf-8")
