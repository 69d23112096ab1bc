"""Emoji of people as small pictures, each with its name in English, French and Spanish."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..ops import Array
from .parts import check_text, part_of

SHEET = Path(__file__).with_name("emoji.png")
SIDE = 24  # pixels
LANGUAGES = ("en", "fr", "es")
TONE = r"\b(light|medium-light|medium|medium-dark|dark) skin tone\b"
WHO = r"\b(man|woman|men|women|person|people|boy|girl)\b"


class EmojiSplit(NamedTuple):
    """A part of the data."""

    emoji: tuple[str, ...]
    pictures: Array  # (N, 24, 24, 3) uint8, red, green and blue on white
    names: dict[str, tuple[str, ...]]  # of each language in LANGUAGES, N names


class Emoji(NamedTuple):
    """2,234 pictures of people, faces and hands in three parts."""

    train: EmojiSplit
    validation: EmojiSplit
    test: EmojiSplit
    sha256: str  # of every emoji with its names and its picture, so that a change is noticed


def load_emoji(by: str = "name") -> Emoji:
    """Pictures and names of emoji that show people or a part of their body, about 80/10/10.

    by: what the part follows from, always in English, so that what is held out in one language is
    held out in all, and as a picture.
      "name": the SHA-256 of the whole name. No name and no picture is in two parts, but their
        words are: "woman astronaut dark skin tone" may be in test while the same woman with a
        light skin tone, and a man astronaut with a dark one, are in train. This asks for new
        combinations of known things, and no more.
      "noun": the same of `noun(name)`. Everything that says "astronaut" is in one part, whatever
        the gender and the skin tone. This asks for things never seen.
    No two emoji share a name in any of the languages, and no two share a picture.
    Source: pictures of Google's font Noto Color Emoji 2.042 (SIL OFL 1.1), drawn by
    emoji_sheet.py into emoji.png beside this file; names of Unicode's CLDR (Unicode-3.0) as the
    package emoji (BSD-3-Clause) ships them, read where it is installed.
    Raises ValueError for another `by`, ModuleNotFoundError with the line to type if emoji or
    Pillow is missing, LookupError if the installed emoji package lacks a name.
    """
    if by not in ("name", "noun"):
        raise ValueError(f'by must be "name" or "noun", got {by!r}')
    emoji, pictures = _sheet()
    names = {language: _names(emoji, language) for language in LANGUAGES}
    parts = np.array([part_of(n if by == "name" else noun(n)) for n in names["en"]])
    splits = []
    for part in range(3):
        those = np.flatnonzero(parts == part)
        of = {language: tuple(all_[i] for i in those) for language, all_ in names.items()}
        splits.append(EmojiSplit(tuple(emoji[i] for i in those), pictures[those], of))
    text = "\n".join(" | ".join(row) for row in zip(emoji, *names.values(), strict=True))
    return Emoji(*splits, hashlib.sha256(text.encode() + pictures.tobytes()).hexdigest())


def noun(name: str) -> str:
    """An English name without skin tones and without who: "woman astronaut dark skin tone"
    becomes "astronaut". Where nothing else is left, who it is: "man light skin tone", "man".
    """
    check_text("name", name)
    bare = " ".join(re.sub(TONE, "", name).split())
    return " ".join(re.sub(WHO, "", bare).split()) or bare


def _sheet() -> tuple[list[str], Array]:
    """The emoji in the order of the sheet, and their pictures (N, SIDE, SIDE, 3)."""
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the pictures are read with the package pillow: pip install -r requirements.txt"
        ) from error
    with Image.open(SHEET) as sheet:
        sheet.load()
        emoji = sheet.text["emoji"].split(" ")
        pixels = np.asarray(sheet.convert("RGB"))
    rows, columns = (side // SIDE for side in pixels.shape[:2])
    cells = pixels.reshape(rows, SIDE, columns, SIDE, 3).swapaxes(1, 2)
    return emoji, cells.reshape(-1, SIDE, SIDE, 3)[: len(emoji)]


def _names(emoji: list[str], language: str) -> list[str]:
    try:
        from emoji import EMOJI_DATA, config
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the names come with the package emoji: pip install -r requirements.txt"
        ) from error
    config.load_language(language)
    lacking = [e for e in emoji if language not in EMOJI_DATA.get(e, {})]
    if lacking:
        raise LookupError(
            f"the package emoji has no {language!r} name for {len(lacking)} pictures, the first "
            f"{lacking[0]!r}: pip install -r requirements.txt"
        )
    return [EMOJI_DATA[e][language].strip(":").replace("_", " ") for e in emoji]
