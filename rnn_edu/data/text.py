"""Pages of Python's documentation as one stream of characters after another: language."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..ops import Array
from .parts import check_text, documents, part_of


class Topics(NamedTuple):
    """All pages, in three parts that share none; each page is one string."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    alphabet: str  # every character that occurs, in code point order


def load_topics() -> Topics:
    """54 pages on the Python language, 185,000 characters, about 80/10/10.

    The part that a page belongs to follows from the SHA-256 of its name. No two pages share a
    passage of 80 characters, so nothing of the test part can be learned by heart.
    Source: the texts that Python's `help()` prints, module `pydoc_data.topics` of Python 3.13.0
    (licence PSF-2.0), a part of them in topics.txt beside this file: the same text whatever
    Python reads it. NOTICE says what was changed.
    """
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name, page in documents("topics.txt"):
        parts[part_of(name)].append(page)
    alphabet = "".join(sorted(set().union(*(page for part in parts for page in part))))
    return Topics(*map(tuple, parts), alphabet)


def encode_text(text: str, alphabet: str) -> Array:
    """Characters as their places in the alphabet.

    text: at least one character. alphabet: each of its characters once.
    Returns (len(text),) integers in 0..len(alphabet)-1; `ops.one_hot` makes rows of them.
    Raises TypeError for anything but strings, ValueError naming the first character that the
    alphabet lacks, or one that it holds twice.
    """
    for argument, value in (("text", text), ("alphabet", alphabet)):
        check_text(argument, value)
    if not text:
        raise ValueError("text must hold at least one character, got ''")
    places = {c: i for i, c in enumerate(alphabet)}
    if len(places) < len(alphabet):
        twice = next(c for i, c in enumerate(alphabet) if places[c] != i)
        raise ValueError(f"alphabet must hold each character once, got {twice!r} twice")
    for at, c in enumerate(text):
        if c not in places:
            raise ValueError(
                f"text must use the {len(alphabet)} characters of the alphabet, got {c!r} at {at}"
            )
    return np.array([places[c] for c in text])
