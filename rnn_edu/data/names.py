"""Surnames and the country list that each comes from: many-to-one, one letter per step."""

from __future__ import annotations

import hashlib
import importlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..ops import Array, one_hot
from .parts import check_text, check_texts, key_of, part_of

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
LANGUAGES = {
    "Croatian": ("hr_HR",),
    "Dutch": ("nl_NL", "nl_BE"),
    "English": ("en_US", "en_GB", "en_NZ"),
    "Finnish": ("fi_FI",),
    "French": ("fr_FR", "fr_BE", "fr_CA"),
    "German": ("de_DE", "de_AT"),
    "Italian": ("it_IT",),
    "Kenyan": ("en_KE",),
    "Polish": ("pl_PL",),
    "Slovak": ("sk_SK",),
    "Spanish": ("es_ES", "es_MX", "es_CL"),
    "Swedish": ("sv_SE",),
}
AT_MOST = 1200  # of one language: Polish alone has three times as many


class Split(NamedTuple):
    """A part of the data."""

    names: tuple[str, ...]
    labels: Array  # (len(names),) index into Names.languages


class Names(NamedTuple):
    """All surnames, in three parts that share none."""

    train: Split
    validation: Split
    test: Split
    languages: tuple[str, ...]
    sha256: str  # of every name with its language, so that a changed source is noticed


def load_names() -> Names:
    """Surnames in twelve languages, folded to the letters a to z, 80/10/10.

    A name that stands in the lists of two languages is left out: nobody could tell. The part that
    a name belongs to follows from its own SHA-256, so no name is in two parts, and none moves
    when others are added.
    Source: the surname lists of the package Faker (MIT licence), read where it is installed.
    Raises ModuleNotFoundError with the line to type if Faker is missing.
    """
    found: dict[str, set[str]] = {}
    for language, locales in LANGUAGES.items():
        for name in (n for locale in locales for n in _surnames(locale)):
            folded = fold(name)
            if re.fullmatch("[a-z]{2,}", folded):
                found.setdefault(folded, set()).add(language)
    languages = tuple(LANGUAGES)
    kept = [
        (key_of(n), n, language)
        for language in languages
        for n in sorted((n for n, of in found.items() if of == {language}), key=key_of)[:AT_MOST]
    ]
    kept.sort()  # by hash: a fixed, mixed order
    parts: tuple[list, list, list] = ([], [], [])
    for _, name, language in kept:
        parts[part_of(name)].append((name, languages.index(language)))
    splits = [Split(tuple(n for n, _ in p), np.array([k for _, k in p])) for p in parts]
    text = "\n".join(f"{n} {language}" for _, n, language in kept)
    return Names(*splits, languages, hashlib.sha256(text.encode()).hexdigest())


def encode_names(names: Sequence[str]) -> tuple[Array, Array]:
    """Letters as one-hot rows, one per time step, zeros behind a name's end.

    names: strings over a to z (capitals and accents are folded away).
    Returns (x, lengths): x: (T, N, D=26), T the longest name; lengths: (N,) integers.
    Raises TypeError or ValueError naming the name and the character that cannot be read.
    """
    check_texts("names", names)
    folded = [fold(n) for n in names]
    for name, f in zip(names, folded, strict=True):
        if not f or (bad := next((c for c in f if c not in ALPHABET), None)):
            raise ValueError(f"names must use the letters a to z, got {bad or ''!r} in {name!r}")
    lengths = np.array([len(f) for f in folded])
    x = np.zeros((lengths.max(), len(folded), len(ALPHABET)))
    for n, f in enumerate(folded):
        x[: len(f), n] = one_hot(np.array([ALPHABET.index(c) for c in f]), len(ALPHABET))
    return x, lengths


def fold(name: str) -> str:
    """Lower case without accents: "Kovačić" becomes "kovacic", "Größ" becomes "gross"."""
    check_text("name", name)
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(
        str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})
    )


def _surnames(locale: str) -> Iterator[str]:
    try:
        module = importlib.import_module(f"faker.providers.person.{locale}")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the surnames come with the package Faker: pip install -r requirements.txt"
        ) from error
    for attribute in ("last_names", "unisex_last_names", "male_last_names"):
        yield from vars(module.Provider).get(attribute, ())
