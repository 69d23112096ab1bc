"""Dates as ten languages write them, sign by sign, to ISO 8601: a GRU with attention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..attention import AttentionDecoder
from ..data.dates import ALPHABET, ISO_SIGNS, DatePart, encode_dates, encode_iso, load_dates
from ..decode import generate, greedy
from ..gru import GRUCell
from ..optim import Adam
from ..train import History, fit
from ..train import translate as loss_and_grads
from ..translator import Translator, writing
from .translation import minibatches

SEEDS = (0, 1, 2)
DTYPE = "float16"
H = 48
PHASES = ((4, 0.006), (2, 0.002))  # epochs, learning rate


def build(rng: np.random.Generator) -> Translator:
    """The untrained model, in float32."""
    D, K = len(ALPHABET), len(ISO_SIGNS)
    reads, writes = (GRUCell.init(V, H, rng, np.float32) for V in (D, K))
    return Translator(reads, AttentionDecoder.init(writes, K, rng, M=H))


def train(seed: int) -> Translator:
    """Six epochs over the training dates, the last two with smaller steps."""
    rng = np.random.default_rng(seed)
    model, dates = build(rng), load_dates().train
    for epochs, lr in PHASES:
        model, _ = learn(model, dates, epochs, lr, rng)
    return model


def learn(
    model: Translator, dates: DatePart, epochs: int, lr: float, rng: np.random.Generator
) -> tuple[Translator, History]:
    """So many epochs more. All answers have ten signs: none needs an end sign."""
    targets = encode_iso(dates.iso), np.full(len(dates.iso), 10)
    batches = minibatches(encode_dates(dates.texts), targets, len(ALPHABET), epochs, rng)
    return fit(model, batches, Adam(lr=lr), loss_and_grads)


def score(model: Translator, part: str) -> dict[str, float]:
    """exact: the share of dates with ten right signs."""
    dates = getattr(load_dates(), part)
    written = to_iso(model, dates.texts)
    return {"exact": float(np.mean([a == b for a, b in zip(written, dates.iso, strict=True)]))}


def to_iso(model: Translator, texts: Sequence[str]) -> list[str]:
    """The likeliest sign each time, ten times."""
    step, state, first = writing(model, *encode_dates(texts))
    signs = generate(step, state, first, 10, greedy)
    return ["".join(ISO_SIGNS[k] for k in column) for column in signs.T]
