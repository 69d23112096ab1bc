"""Handwritten digits of 8 x 8 pixels: one picture at once, row by row, or pixel by pixel."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from ..ops import Array, check_array


class DigitSplit(NamedTuple):
    """A part of the data."""

    images: Array  # (N, 8, 8), 0 is paper and 1 is ink
    labels: Array  # (N,) integers, 0 to 9


class Digits(NamedTuple):
    """1,797 pictures in three parts that share none, each with as many of every digit."""

    train: DigitSplit
    validation: DigitSplit
    test: DigitSplit
    sha256: str  # of every picture with its label, so that a changed source is noticed


def load_digits() -> Digits:
    """Digits that thirteen people wrote, 80/10/10 of each digit, mixed by SHA-256.

    Who wrote which is not recorded, so all three parts show the same hands.
    Source: Alpaydin and Kaynak (1998), "Optical recognition of handwritten digits", UCI; the
    test part as scikit-learn (BSD-3-Clause) ships it, read where it is installed.
    Raises ModuleNotFoundError with the line to type if scikit-learn is missing.
    """
    images, labels = _installed()
    keys = [hashlib.sha256(image.astype(np.uint8).tobytes()).hexdigest() for image in images]
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__))  # fixed, and mixed
    place = np.empty(len(order))  # of each picture among those of its digit, from 0 to 1
    for digit in range(10):
        those = order[labels[order] == digit]
        place[those] = np.arange(len(those)) / len(those)
    parts = np.digitize(place, [0.8, 0.9])
    splits = []
    for part in range(3):
        those = order[parts[order] == part]
        splits.append(DigitSplit(images[those] / 16, labels[those]))
    text = "\n".join(sorted(f"{key} {label}" for key, label in zip(keys, labels, strict=True)))
    return Digits(*splits, hashlib.sha256(text.encode()).hexdigest())


def as_rows(images: Array) -> Array:
    """A row of pixels per time step, from the top: T = 8 steps of D = 8 numbers.

    images: (N, 8, 8). Returns (8, N, 8).
    """
    return np.ascontiguousarray(_checked(images).transpose(1, 0, 2))


def as_pixels(images: Array) -> Array:
    """A pixel per time step, as one reads a page: T = 64 steps of D = 1 number.

    images: (N, 8, 8). Returns (64, N, 1).
    """
    images = _checked(images)
    return np.ascontiguousarray(images.reshape(len(images), -1).T[..., None])


def _checked(images: Array) -> Array:
    return check_array("images", images, ("N", 8, 8))


def _installed() -> tuple[Array, Array]:
    """Pictures as (N, 8, 8) of whole numbers from 0 to 16, and labels (N,)."""
    try:
        from sklearn import datasets
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the digits come with the package scikit-learn: pip install -r requirements.txt"
        ) from error
    found = datasets.load_digits()
    return found.images, found.target
