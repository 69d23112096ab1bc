"""Examples, in the manner of `examples`, of the data sets: what makes, reads and encodes them.

`test_fuzz` calls them. What needs a file to read is in `of_files`, a folder of its own behind it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import numpy as np

from rnn_edu import claims, data
from rnn_edu.data import emoji, names, scenes

from .examples import Example, fresh


def of_tasks() -> Iterator[Example]:
    copy = {"length": 2, "delay": 3, "N": 4, "rng": fresh(), "symbols": 5}
    recall = {"pairs": 3, "N": 4, "rng": fresh(), "keys": 6, "values": 5, "rewrites": 2}
    baseline = {"length": 2, "delay": 3, "symbols": 5}
    for function, given in (
        (data.adding_problem, {"T": 5, "N": 3, "rng": fresh()}),
        (data.copy_task, copy),
        (data.selective_copy, copy | {"rng": fresh()}),
        (data.copy_baseline, baseline),
        (data.associative_recall, recall),
        (data.recall_baseline, {"values": 5}),
    ):
        yield Example(function, function, given, "")


def of_texts() -> Iterator[Example]:
    for function, given in (
        (data.encode_dates, {"texts": ("5 mars 1987", "3 May")}),
        (data.encode_iso, {"iso": ("1987-03-05", "2001-12-31")}),
        (data.write_date, {"day": datetime.date(1987, 3, 5), "locale": "fr_FR", "style": "full"}),
        (data.encode_names, {"names": ("Ada", "Grace")}),
        (names.fold, {"name": "Größ"}),
        (emoji.noun, {"name": "woman astronaut"}),
        (data.encode_text, {"text": "abba", "alphabet": "ab"}),
        (data.label_source, {"source": "x = 1\n"}),
        (claims.claim, {"text": "one is one", "ok": True}),
        (claims.near, {"name": "one", "value": 1.0, "ref": 1.0, "tol": 0.1}),
    ):
        yield Example(function, function, given, "")


def of_pictures() -> Iterator[Example]:
    images, labels = fresh().random((3, 8, 8)), np.array([4, 0, 9])
    placed = {"images": images, "labels": labels, "places": np.array([2, 0, 7])}
    yield Example(scenes.compose, scenes.compose, placed, ("picture", "caption"))
    yield Example(data.as_rows, data.as_rows, {"images": images}, "")
    yield Example(data.as_pixels, data.as_pixels, {"images": images}, "")


EXAMPLES = [*of_tasks(), *of_texts(), *of_pictures()]
