"""Python source with a class for each character: many-to-many, aligned."""

from __future__ import annotations

import io
import keyword
import tokenize
from typing import NamedTuple

import numpy as np

from ..ops import Array
from .parts import check_text, documents

CLASSES = ("space", "keyword", "name", "number", "string", "comment", "operator")
PRINTABLE = "\n" + "".join(map(chr, range(32, 127)))  # every character that occurs, and more
PARTS = {
    "validation": ("rlcompleter", "sched"),
    "test": ("shelve", "stat", "types"),
}
KINDS = {
    tokenize.NAME: "name",
    tokenize.NUMBER: "number",
    tokenize.STRING: "string",
    tokenize.COMMENT: "comment",
    tokenize.OP: "operator",
}


class Source(NamedTuple):
    """Modules one after the other, and the class of each character."""

    text: str
    labels: Array  # (len(text),) index into CLASSES


class Stdlib(NamedTuple):
    """Whole modules in three parts that share none."""

    train: Source
    validation: Source
    test: Source
    alphabet: str
    classes: tuple[str, ...]


def load_stdlib() -> Stdlib:
    """23 short modules of Python's standard library, 182,000 characters, 79/8/13.

    Source: Python 3.11.7 (licence PSF-2.0), copied into stdlib.txt beside this file. The modules
    hold no f-string, so that `tokenize` says the same of them in every Python.
    """
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for name, source in documents("stdlib.txt"):
        part = next((p for p, names in PARTS.items() if name in names), "train")
        parts[part].append(source)
    sources = [
        Source("".join(modules), np.concatenate([label_source(m) for m in modules]))
        for modules in parts.values()
    ]
    return Stdlib(*sources, PRINTABLE, CLASSES)


def label_source(source: str) -> Array:
    """The class of each character of a Python source, by the standard library's own `tokenize`.

    Returns (len(source),) indices into CLASSES; what is no token is "space".
    Raises tokenize.TokenError or SyntaxError (IndentationError) if it cannot be read as Python.
    """
    check_text("source", source)
    labels = np.full(len(source), CLASSES.index("space"))
    starts = np.cumsum([0, *(len(line) for line in source.splitlines(keepends=True))])
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in KINDS:
            kind = "keyword" if keyword.iskeyword(token.string) else KINDS[token.type]
            (first, left), (last, right) = token.start, token.end
            labels[starts[first - 1] + left : starts[last - 1] + right] = CLASSES.index(kind)
    return labels
