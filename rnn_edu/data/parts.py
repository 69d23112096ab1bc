"""Which part of the data a thing belongs to, and texts that stand one after the other in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any


def key_of(name: str) -> int:
    """A number that follows from the name alone: the start of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def part_of(name: str) -> int:
    """0, 1 or 2, for train, validation and test, 80/10/10: none moves when others are added."""
    return max(0, key_of(name) % 10 - 7)


def documents(file: str) -> Iterator[tuple[str, str]]:
    """(name, text) of each document in a file beside this one, a form feed and its name before."""
    whole = Path(__file__).with_name(file).read_text(encoding="utf-8")
    for document in whole.split("\f")[1:]:
        name, _, text = document.partition("\n")
        yield name, text


def check_text(name: str, text: Any) -> None:
    """Raise TypeError unless `text` is a string."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")


def check_texts(name: str, texts: Any) -> None:
    """Raise TypeError unless `texts` holds strings, and is none itself; ValueError if empty."""
    if isinstance(texts, str) or not isinstance(texts, Collection):
        raise TypeError(f"{name} must be a sequence of strings, got {texts!r}")
    if not len(texts):
        raise ValueError(f"{name} must hold at least one string, got {texts!r}")
    for text in texts:
        check_text(f"each of {name}", text)
