"""The caption: a picture, the words a network writes about it, and where it looks for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets

from .base import TimeFigure, first_largest, in_range, pack, script, style


class Reading(NamedTuple):
    """What a network wrote about a picture."""

    words: Sequence[str]  # S of them
    weights: np.ndarray  # (S, P), each row sums to 1: where it looked before each word


class Caption(TimeFigure):
    """Attention over a picture: step through the words, and cover a place to see them change.

    pictures: (L, height, width, 3) uint8, red, green and blue.
    readings: for each picture one Reading; or 1 + P of them, of the picture as it is and with each
    place covered. grid: rows and columns of the P places, read as a page is.
    places: names of the P places. names: of the L pictures.
    Its state is t, picture and covered (-1: nothing is): Python can read and set them.
    Raises ValueError naming the argument.
    Source: Xu et al. (2015), "Show, attend and tell", figure 2; covering: Zeiler and Fergus (2014).
    """

    _esm = script("caption.js")
    _css = style("caption.css")

    picture = traitlets.Int().tag(sync=True)
    covered = traitlets.Int(-1).tag(sync=True)

    pixels = traitlets.Bytes().tag(sync=True)  # (L, height, width, 3)
    size = traitlets.List(traitlets.Int()).tag(sync=True)  # height, width, rows, columns
    texts = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)  # L (1 or 1 + P)
    weights = traitlets.Bytes().tag(sync=True)  # (words of all texts, P)
    places = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        pictures: np.ndarray,
        readings: Sequence[Sequence[Reading]],
        grid: tuple[int, int],
        *,
        places: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        title: str = "caption",
        **traits: Any,
    ) -> None:
        rows, columns = grid
        if places is None:
            places = [
                f"at row {r + 1}, column {c + 1}" for r in range(rows) for c in range(columns)
            ]
        names = [str(k) for k in range(len(pictures))] if names is None else names
        _check(pictures, readings, rows * columns, places, names)
        flat = [reading for of_one in readings for reading in of_one]
        steps = max(len(reading.words) for reading in flat)
        lines = -(-sum(len(word) + 4 for word in max((r.words for r in flat), key=len)) // 40)
        menus = 44 if len(names) > 1 else 0
        self.heights = 470, 534 + menus + 34 * lines
        super().__init__(
            steps=steps,
            pixels=pictures.tobytes(),
            size=[*pictures.shape[1:3], rows, columns],
            texts=[list(reading.words) for reading in flat],
            weights=pack("weights", np.concatenate([reading.weights for reading in flat])),
            places=list(places),
            names=list(names),
            title=title,
            words=_words(title, readings, places, names),
            **traits,
        )

    @traitlets.validate("picture")
    def _picture_in_range(self, proposal: Any) -> int:
        return in_range("picture", proposal["value"], len(self.names))

    @traitlets.validate("covered")
    def _covered_in_range(self, proposal: Any) -> int:
        if proposal["value"] == -1:
            return -1
        return in_range("covered", proposal["value"], self._coverable())

    def _coverable(self) -> int:
        return len(self.texts) // max(len(self.names), 1) - 1


def _check(
    pictures: np.ndarray,
    readings: Sequence[Sequence[Reading]],
    P: int,
    places: Sequence[str],
    names: Sequence[str],
) -> None:
    shape = getattr(pictures, "shape", ())
    if getattr(pictures, "dtype", None) != np.uint8 or len(shape) != 4 or shape[3] != 3:
        raise ValueError(f"pictures must be (L, height, width, 3) uint8, got {shape}")
    if not pictures.size:
        raise ValueError(f"pictures must hold at least one, got {shape}")
    for name, value, size in (
        ("readings", readings, len(pictures)),
        ("names", names, len(pictures)),
        ("places", places, P),
    ):
        if len(value) != size:
            raise ValueError(f"{name} must be {size}, got {len(value)}")
    many = {len(of_one) for of_one in readings}
    if many not in ({1}, {1 + P}):
        raise ValueError(f"readings must be 1 or {1 + P} a picture, got {sorted(many)}")
    for of_one in readings:
        for words, weights in of_one:
            if not words or np.shape(weights) != (len(words), P):
                raise ValueError(
                    f"weights must be (S={len(words)}, P={P}) with a word at least, "
                    f"got {np.shape(weights)}"
                )
            if not (np.abs(weights.sum(axis=1) - 1) < 1e-3).all() or (weights < 0).any():
                raise ValueError("weights must be 0 or above and sum to 1 for each word")


def _words(
    title: str,
    readings: Sequence[Sequence[Reading]],
    places: Sequence[str],
    names: Sequence[str],
) -> str:
    lines = [f"{title}: where each word looks"]
    for name, (first, *covered) in zip(names, readings, strict=True):
        looks = [
            f"{word!r} {places[first_largest(row)[0]]} {row.max():.2f}"
            for word, row in zip(first.words, first.weights, strict=True)
        ]
        lines.append(f"{name}: {', '.join(looks)}")
        moved = [p for p, other in zip(places, covered, strict=False) if other.words != first.words]
        if covered:
            lines.append(f"covering changes the words at: {'; '.join(moved) or 'no place'}")
    return "\n".join(lines)
