"""Handwritten digits in scenes of 3 x 3 places, each with a sentence that says what is where."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from ..ops import Array, check_array, check_integers
from .digits import DigitSplit, load_digits

SIDE = 24  # pixels
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLACES = (
    "at the top left",
    "at the top",
    "at the top right",
    "on the left",
    "in the middle",
    "on the right",
    "at the bottom left",
    "at the bottom",
    "at the bottom right",
)
SIZES = {"train": 20_000, "validation": 500, "test": 1000}


class SceneSplit(NamedTuple):
    """A part of the data."""

    pictures: Array  # (N, 24, 24) float32, 0 is paper and 1 is ink
    captions: tuple[str, ...]
    digits: Array  # (N, 9) integers, which digit is at each place, -1 for none


class Scenes(NamedTuple):
    """21,500 scenes in three parts; no handwritten digit of one part is in another."""

    train: SceneSplit
    validation: SceneSplit
    test: SceneSplit
    sha256: str  # of every picture with its caption, so that a changed source is noticed


def load_scenes() -> Scenes:
    """Two or three digits in a picture of 24 x 24 pixels, and a caption that names them in order.

    "at the top left three, in the middle eight and on the right seven": 84,000
    sentences with three digits, and nearly nine in ten of those in the test part are in no other;
    each of their words is known. Which digits stand where is drawn with a fixed seed.
    Source: the digits of `load_digits` (Alpaydin and Kaynak 1998), whose parts are these parts;
    the captions are made by `compose`.
    Raises ModuleNotFoundError with the line to type if scikit-learn is missing.
    """
    digits = load_digits()
    rng = np.random.default_rng(0)
    splits = [_draw(getattr(digits, part), n, rng) for part, n in SIZES.items()]
    found = hashlib.sha256()
    for split in splits:
        found.update(np.round(split.pictures * 16).astype(np.uint8).tobytes())
        found.update("\n".join(split.captions).encode())
    return Scenes(*splits, found.hexdigest())


def compose(images: Array, labels: Array, places: Array) -> tuple[Array, str]:
    """A picture with these digits at these places, and its caption.

    images: (K, 8, 8). labels: (K,) integers, the digits. places: (K,) integers, different ones
    in 0..8, in any order. Returns (picture, caption), picture: (24, 24) float32.
    Raises TypeError or ValueError naming the argument.
    """
    images = check_array("images", images, ("K", 8, 8))
    labels = check_integers("labels", labels, len(DIGITS), (len(images),))
    places = check_integers("places", places, len(PLACES), (len(images),))
    if len(set(places.tolist())) < len(places):
        raise ValueError(f"places must be different, got {places.tolist()}")
    picture = np.zeros((SIDE, SIDE), np.float32)
    for image, place in zip(images, places, strict=True):
        row, column = divmod(int(place), 3)
        picture[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = image
    order = np.argsort(places)
    return picture, _caption(labels[order], places[order])


def _caption(labels: Array, places: Array) -> str:
    """The digits in the order in which one reads a page."""
    things = [
        f"{PLACES[place]} {DIGITS[label]}" for label, place in zip(labels, places, strict=True)
    ]
    *others, last = things
    return f"{', '.join(others)} and {last}" if others else last


def _draw(digits: DigitSplit, n: int, rng: np.random.Generator) -> SceneSplit:
    """n scenes: two digits, three digits, two digits, and so on."""
    many = 2 + np.arange(n) % 2
    there = rng.random((n, len(PLACES))).argsort(axis=1).argsort(axis=1) < many[:, None]
    some = rng.integers(len(digits.labels), size=there.shape)
    at = np.where(there, digits.labels[some], -1)
    images = digits.images[some].astype(np.float32) * there[..., None, None]  # (n, 9, 8, 8)
    rows = images.reshape(n, 3, 3, 8, 8).swapaxes(2, 3)  # (n, 3, 8, 3, 8)
    captions = tuple(_caption(of[on], np.flatnonzero(on)) for of, on in zip(at, there, strict=True))
    return SceneSplit(rows.reshape(n, SIDE, SIDE), captions, at)
