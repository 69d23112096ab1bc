"""Names of emoji, English to French: one GRU reads, another writes and looks back.

`spanish` and `squeezed` follow this recipe with another language, and without attention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from ..attention import AttentionDecoder
from ..data.emoji import load_emoji
from ..data.words import END, Vocabulary, split_words
from ..decode import generate, greedy
from ..gru import GRUCell
from ..ops import Array, mask_of, one_hot, shuffled
from ..optim import Adam
from ..train import Pairs, fit
from ..train import translate as loss_and_grads
from ..translator import Translator, writing

SEEDS = (0, 1, 2)
DTYPE = "float16"
H = 64
SIZE = 64  # pairs in a batch
PHASES = ((20, 0.01), (10, 0.002))  # epochs, learning rate
LONGEST = 20  # words: the longest name in any of the languages has 18


def build(rng: np.random.Generator, language: str = "fr", attention: bool = True) -> Translator:
    """The untrained model for a language, in float32. attention: False leaves it out."""
    D, K = map(len, vocabularies(language))
    reads, writes = (GRUCell.init(V, H, rng, np.float32) for V in (D, K))
    return Translator(reads, AttentionDecoder.init(writes, K, rng, M=H if attention else None))


def train(seed: int, language: str = "fr", attention: bool = True) -> Translator:
    """Thirty epochs over the training names, the last ten with smaller steps."""
    rng = np.random.default_rng(seed)
    model, names = build(rng, language, attention), load_emoji().train.names
    english, other = vocabularies(language)
    sources, targets = english.encode(names["en"]), other.encode(names[language], end=True)
    for epochs, lr in PHASES:
        batches = minibatches(sources, targets, len(english), epochs, rng)
        model, _ = fit(model, batches, Adam(lr=lr), loss_and_grads)
    return model


def score(model: Translator, part: str, language: str = "fr") -> dict[str, float]:
    """exact: the share of names without a mistake. bleu, chrf: of all words together, 0 to 100."""
    names = getattr(load_emoji(), part).names
    return judge(translate(model, names["en"], language), names[language])


@cache
def vocabularies(language: str) -> tuple[Vocabulary, Vocabulary]:
    """The words of the training names, in English and in the other language."""
    names = load_emoji().train.names
    return Vocabulary.of(names["en"]), Vocabulary.of(names[language])


def minibatches(
    sources: tuple[Array, Array],
    targets: tuple[Array, Array],
    D: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Pairs]:
    """Every pair once an epoch, in a new order, cut to the longest of its batch.

    sources, targets: integers (T, N) and (S, N), padded behind the ends, and lengths (N,).
    """
    (x, lengths), (answers, ends) = sources, targets
    for n in shuffled(len(lengths), SIZE, epochs, rng):
        T, S = lengths[n].max(), ends[n].max()
        mask = mask_of(ends[n], S, len(n))
        yield Pairs(one_hot(x[:T, n], D, np.float32), answers[:S, n], lengths[n], mask)


def translate(model: Translator, texts: Sequence[str], language: str = "fr") -> list[str]:
    """The likeliest word each time, until the end sign: words with a space between."""
    english, other = vocabularies(language)
    step, state, first = writing(model, *english.encode(texts))
    written = generate(step, state, first, LONGEST, greedy, other.words.index(END))
    return [" ".join(other.decode(column)) for column in written.T]


def judge(outputs: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """Scores of outputs, words with a space between, against names as they are written.

    Source: Papineni et al., ACL 2002 (BLEU); Popović, WMT 2015 (chrF); Post, WMT 2018 (sacrebleu).
    """
    from sacrebleu import corpus_bleu, corpus_chrf

    wanted = [" ".join(split_words(text)) for text in references]
    return {
        "exact": float(np.mean([o == w for o, w in zip(outputs, wanted, strict=True)])),
        "bleu": corpus_bleu(outputs, [wanted], tokenize="none", force=True).score,
        "chrf": corpus_chrf(outputs, [wanted]).score,
    }
