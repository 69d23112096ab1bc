"""Dates as people write them in ten languages, and the one way in which ISO 8601 does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from ..ops import Array, check_type
from .parts import check_texts, key_of, part_of

LOCALES = {
    "de_DE": "German",
    "en_US": "English",
    "es_ES": "Spanish",
    "fi_FI": "Finnish",
    "fr_FR": "French",
    "hu_HU": "Hungarian",
    "it_IT": "Italian",
    "nl_NL": "Dutch",
    "pl_PL": "Polish",
    "pt_PT": "Portuguese",
}
STYLES = ("full", "long", "medium")  # Unicode's "short" has years of two digits: which century?
FIRST, LAST = date(1980, 1, 1), date(2019, 12, 31)
ALPHABET = " ,-./0123456789ADFJMNOSTWabcdefghijklmnopqrstuvwxyzáäçéìóöúûüąłőśź"
ISO_SIGNS = "0123456789-"


class DatePart(NamedTuple):
    """A part of the data."""

    texts: tuple[str, ...]  # "jeudi 5 mars 1987"
    iso: tuple[str, ...]  # "1987-03-05"
    locales: tuple[str, ...]  # "fr_FR"


class Dates(NamedTuple):
    """Forty years of days in three parts that share no day."""

    train: DatePart
    validation: DatePart
    test: DatePart
    sha256: str  # of every text with its date, so that a changed source is noticed


def load_dates() -> Dates:
    """Each day from 1980 to 2019 once, in one of ten languages and three styles, 80/10/10.

    The part, the language and the style follow from the SHA-256 of the ISO date, so a day of the
    test part was never read in training, in any language.
    Source: Babel (BSD-3-Clause), with the patterns and names of Unicode CLDR (Unicode-3.0), read
    where it is installed.
    Raises ModuleNotFoundError with the line to type if Babel is missing.
    """
    parts: tuple[list, list, list] = ([], [], [])
    locales = list(LOCALES)
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(n)
        key = key_of(day.isoformat()) // 10  # the last digit has chosen the part
        locale, style = locales[key % 10], STYLES[key // 10 % 3]
        row = (write_date(day, locale, style), day.isoformat(), locale)
        parts[part_of(day.isoformat())].append((key, row))
    mixed = [[row for _, row in sorted(part)] for part in parts]
    text = "\n".join(f"{said} {iso} {locale}" for part in mixed for said, iso, locale in part)
    splits = (DatePart(*zip(*part, strict=True)) for part in mixed)
    return Dates(*splits, hashlib.sha256(text.encode()).hexdigest())


def write_date(day: date, locale: str, style: str = "long") -> str:
    """A day as it is written in a language: "Thursday, March 5, 1987".

    locale: "en_US" and the like, any that Babel knows. style: "full" names the day of the week,
    "long" does not, "medium" may be all numbers.
    Raises ValueError naming the style, ModuleNotFoundError if Babel is missing.
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    check_type("day", day, date)
    try:
        from babel.dates import format_date
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the dates come with the package Babel: pip install -r requirements.txt"
        ) from error
    return format_date(day, style, locale=locale)


def encode_dates(texts: Sequence[str]) -> tuple[Array, Array]:
    """Characters as their places in ALPHABET, zeros behind a text's end.

    texts: N strings over ALPHABET.
    Returns (signs, lengths), signs: (T, N) integers, T the longest text; lengths: (N,).
    Raises TypeError or ValueError naming the text and the character that cannot be read.
    """
    rows = _places("texts", texts, ALPHABET)
    lengths = np.array([len(row) for row in rows])
    signs = np.zeros((lengths.max(), len(rows)), int)
    for n, row in enumerate(rows):
        signs[: len(row), n] = row
    return signs, lengths


def encode_iso(iso: Sequence[str]) -> Array:
    """The ten signs of each ISO date, as their places in ISO_SIGNS: (10, N) integers.

    Raises TypeError or ValueError naming the date that is not of the form 1987-03-05.
    """
    rows = _places("iso", iso, ISO_SIGNS)
    if wrong := [n for n, row in enumerate(rows) if len(row) != 10]:
        raise ValueError(f"iso must have 10 signs each, got {iso[wrong[0]]!r}")
    return np.stack(rows, axis=1)


def _places(name: str, texts: Sequence[str], alphabet: str) -> list[Array]:
    """Where in the alphabet each character of each text stands."""
    check_texts(name, texts)
    for text in texts:
        if not text or (bad := next((c for c in text if c not in alphabet), None)):
            raise ValueError(
                f"{name} must use {alphabet!r}, got {bad if text else ''!r} in {text!r}"
            )
    return [np.array([alphabet.index(c) for c in text]) for text in texts]
