"""Short texts, each with a label: film reviews, or one's own. Many-to-one, one word per step."""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..ops import Array
from .parts import key_of, part_of

FILE = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
LEAST_RATING = 1.0


class LabelledSplit(NamedTuple):
    """A part of the data."""

    texts: tuple[str, ...]
    labels: Array  # (len(texts),) index into Labelled.classes


class Labelled(NamedTuple):
    """All texts, in three parts that share none."""

    train: LabelledSplit
    validation: LabelledSplit
    test: LabelledSplit
    classes: tuple[str, ...]


def load_reviews() -> Labelled:
    """9,171 sentences from film reviews, negative or positive: 7,328, 963 and 880, half of each.

    Of 10,605 snippets those are taken whose mean rating, by about 20 people on a scale from -4 to
    4, is at least 1 from zero; its sign is the label. The part that a text belongs to follows from
    its own SHA-256.
    Source: the sentences of Pang and Lee (ACL 2005) with the ratings of Hutto and Gilbert (ICWSM
    2014), in the source archive of the package vaderSentiment 3.3.2 (MIT licence). It is fetched
    the first time, see `rnn_edu.data.fetch`, and not part of this course.
    Raises FetchError, saying what to do, where it is not here and cannot be had.
    """
    from .fetch import REVIEWS, fetch  # here, so that `python -m` can run that module

    with tarfile.open(fetch(REVIEWS)) as archive:
        file = archive.extractfile(FILE)
        assert file is not None  # the archive is the one that was pinned
        lines = file.read().decode("utf-8").splitlines()
    rated = (line.split("\t") for line in lines)
    strong = [
        (text, float(rating)) for _, rating, text in rated if abs(float(rating)) >= LEAST_RATING
    ]
    return _split((text, "positive" if rating > 0 else "negative") for text, rating in strong)


def read_labelled(path: str | Path) -> Labelled:
    """One's own texts: a CSV file in UTF-8 with the columns `text` and `label`, in any order.

    A text that stands there twice is kept once. The part that a text belongs to follows from its
    own SHA-256, about 80/10/10, so none is in two parts and none moves when others are added.
    The classes are the labels of the training part, in alphabetical order.
    Raises ValueError naming the line: of a missing column, an empty field, a text that has two
    labels; and where a part or a class is left without texts.
    """
    path, found = Path(path), dict[str, tuple[str, int]]()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        if missing := {"text", "label"} - set(columns):
            raise ValueError(
                f"{path.name}, line 1: the columns must be text and label,"
                f" {sorted(missing)} missing in {list(columns)}"
            )
        for row in rows:
            where = f"{path.name}, line {rows.line_num}"
            if None in row or None in row.values():
                raise ValueError(
                    f"{where}: must have {len(columns)} fields; a comma in a text needs quotes"
                )
            text, label = row["text"].strip(), row["label"].strip()
            if not (text and label):
                raise ValueError(f"{where}: {'label' if text else 'text'} must not be empty")
            before, line = found.setdefault(text, (label, rows.line_num))
            if before != label:
                raise ValueError(
                    f"{where}: a text must have one label, got {label!r}, in line {line} {before!r}"
                )
    try:
        return _split((text, label) for text, (label, _) in found.items())
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def _split(labelled: Iterable[tuple[str, str]]) -> Labelled:
    """Each text once, to the part that it belongs to, in the mixed order of its hash."""
    parts: tuple[list, list, list] = ([], [], [])
    for text, label in sorted(dict(labelled).items(), key=lambda pair: key_of(pair[0])):
        parts[part_of(text)].append((text, label))
    classes = tuple(sorted({label for _, label in parts[0]}))
    named = list(zip(Labelled._fields[:3], parts, strict=True))
    if empty := [name for name, part in named if not part]:
        raise ValueError(f"the {empty[0]} part must hold a text, got none: more texts are needed")
    for name, part in named:
        found = sorted({label for _, label in part})
        if len(classes) < 2 or found != list(classes):
            raise ValueError(f"the {name} part must hold each of two or more labels, got {found}")
    return Labelled(
        *(
            LabelledSplit(tuple(t for t, _ in p), np.array([classes.index(k) for _, k in p]))
            for p in parts
        ),
        classes,
    )
