"""Texts as words, words as numbers, numbers as one padded array."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ..ops import Array, check_size, check_tokens, check_type
from .parts import check_text, check_texts

PAD, END, UNKNOWN = SPECIAL = ("<pad>", "<end>", "<unknown>")
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Words in lower case, an apostrophe inside one kept; every other mark is a word of its own."""
    check_text("text", text)
    return WORD.findall(text.lower())


@dataclass(frozen=True)
class Vocabulary:
    """The words that a model knows, each with its number.

    words: V different ones; the first three are "<pad>", "<end>" and "<unknown>".
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 1) -> Self:
        """All words that occur at least so often, in the order of the code points.

        Take the training part alone: a word met only in a test is unknown, as it is in life.
        """
        texts = list(texts) if isinstance(texts, Iterator) else texts
        check_texts("texts", texts)
        check_size("least", least)
        counts = Counter(word for text in texts for word in split_words(text))
        return cls((*SPECIAL, *sorted(word for word, n in counts.items() if n >= least)))

    def __post_init__(self) -> None:
        check_type("words", self.words, tuple)
        if self.words[: len(SPECIAL)] != SPECIAL:
            raise ValueError(f"words must start with {SPECIAL}, got {self.words[: len(SPECIAL)]}")
        if len(set(self.words)) < len(self.words):
            twice = next(w for w, n in Counter(self.words).items() if n > 1)
            raise ValueError(f"words must be different, got {twice!r} twice")

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, texts: Sequence[str], *, end: bool = False) -> tuple[Array, Array]:
        """Numbers for words: one column a text, padded behind its end with zeros.

        texts: N strings, each with at least one word. end: append "<end>" to each.
        Returns (tokens, lengths), tokens: (T, N) integers in 0..V-1, lengths: (N,), with "<end>".
        Raises TypeError or ValueError naming the text.
        """
        check_texts("texts", texts)
        places = {word: i for i, word in enumerate(self.words)}
        unknown, last = places[UNKNOWN], [places[END]] * end
        rows = [[places.get(w, unknown) for w in split_words(text)] + last for text in texts]
        if empty := [n for n, row in enumerate(rows) if len(row) == end]:
            raise ValueError(f"texts must hold a word each, got {texts[empty[0]]!r} at {empty[0]}")
        lengths = np.array([len(row) for row in rows], int)
        tokens = np.zeros((max(lengths, default=0), len(rows)), int)
        for n, row in enumerate(rows):
            tokens[: len(row), n] = row
        return tokens, lengths

    def decode(self, tokens: Array) -> list[str]:
        """The words of one column, up to "<end>" or the padding.

        tokens: (T,) integers in 0..V-1. Raises TypeError or ValueError.
        """
        tokens = check_tokens("tokens", tokens, ("T",), len(self))
        words = [self.words[token] for token in tokens]
        stop = next((t for t, word in enumerate(words) if word in (PAD, END)), len(words))
        return words[:stop]
