"""The review reader: type a review, and see at which word the answer turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import Figure, in_range, pack, script, style
from .letters import CELLS, MOST_BYTES

LONGEST = 60  # words that are read
MOST_LETTERS = 600


class ReviewReader(Figure):
    """A reader of words with two answers, run by the page: its score after each word.

    The score is the log odds y_1 - y_0. What a word contributes is the change of the score when it
    is read: the contributions add up to the last score, less the score before the first word.
    reader: has `embedding.E` (V, D) and a `network` with a `cell` (RNNCell, GRUCell or LSTMCell)
    and a readout `W_hy` (H, 2), `b_y` (2,). vocabulary: has `words`, V of them with "<unknown>",
    and `encode`. labels: the two answers. text: what is read first, at most 600 letters, of which
    the first 60 words are read. examples: more texts, offered in a menu.
    counts: (w, b), w: (V,), b a number: the score of a linear model on the words that occur, a
    second answer that no order can move.
    Its state is text and t, the number of words read. E travels as float16.
    Raises TypeError or ValueError naming the argument, also for more than 1 MB of weights.
    """

    _esm = script("review.js")
    _css = style("review.css")
    heights = (530, 690)

    text = traitlets.Unicode().tag(sync=True)
    t = traitlets.Int().tag(sync=True)

    longest = traitlets.Int(LONGEST).tag(sync=True)
    letters = traitlets.Int(MOST_LETTERS).tag(sync=True)
    cell = traitlets.Enum(CELLS).tag(sync=True)
    vocabulary = traitlets.Unicode().tag(sync=True)  # the words, a line each
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)
    arrays = traitlets.List().tag(sync=True)  # [name, size] of each in weights
    weights = traitlets.Bytes().tag(sync=True)  # float32
    table = traitlets.Bytes().tag(sync=True)  # E, float16

    def __init__(
        self,
        reader: Any,
        vocabulary: Any,
        *,
        labels: Sequence[str] = ("negative", "positive"),
        text: str = "",
        examples: Sequence[str] = (),
        counts: tuple[np.ndarray, float] | None = None,
        title: str = "",
        **traits: Any,
    ) -> None:
        kind = type(getattr(getattr(reader, "network", None), "cell", None)).__name__
        kind = kind.removesuffix("Cell")
        if kind not in CELLS or not hasattr(reader, "embedding"):
            raise TypeError(
                "reader must have an .embedding, and a .network with an RNNCell, GRUCell or"
                f" LSTMCell as .cell, got {type(reader).__name__}"
            )
        E, network, words = reader.embedding.E, reader.network, list(vocabulary.words)
        if len(words) != len(E) or "<unknown>" not in words:
            raise ValueError(
                f"vocabulary must be {len(E)} words, '<unknown>' among them, got {len(words)}"
            )
        if not len(labels) == network.W_hy.shape[1] == 2:
            raise ValueError(
                f"labels must be 2, one an output, got {len(labels)} for {network.W_hy.shape[1]}"
            )
        if counts is not None and np.shape(counts[0]) != (len(E),):
            raise ValueError(f"counts must be (w, b), w ({len(E)},), got {np.shape(counts[0])}")
        for given in (text, *examples):
            if len(given) > MOST_LETTERS:
                raise ValueError(f"a text must be at most {MOST_LETTERS} letters, got {len(given)}")
        arrays = {f.name: getattr(network.cell, f.name) for f in fields(network.cell)}
        arrays |= {"W_hy": network.W_hy, "b_y": network.b_y}
        if counts is not None:
            arrays |= {"w_counts": counts[0], "b_counts": np.atleast_1d(counts[1])}
        weights = b"".join(pack(name, a) for name, a in arrays.items())
        table = np.ascontiguousarray(E, "<f2")
        if not np.isfinite(table).all():
            raise ValueError(f"reader must have an E that fits float16, got {np.abs(E).max():.2g}")
        if (size := len(weights) + table.nbytes) > MOST_BYTES:
            raise ValueError(f"reader must fit {MOST_BYTES} bytes, got {size}")
        self._encode = vocabulary.encode
        title = title or f"{kind} of {network.cell.H} units: a score after each word"
        said = _words(reader, vocabulary, self._tokens(text), labels, counts)
        super().__init__(
            title=title,
            words="\n".join([title, *said]),
            text=text,
            cell=kind,
            vocabulary="\n".join(words),
            labels=list(labels),
            examples=list(examples),
            arrays=[[name, int(a.size)] for name, a in arrays.items()],
            weights=weights,
            table=table.tobytes(),
            **{"t": len(self._tokens(text))} | traits,
        )
        self.observe(self._follow_text, "text")

    def _tokens(self, text: str) -> np.ndarray:
        """(T, 1): the words that are read, as numbers."""
        return self._encode([text])[0][:LONGEST] if text.strip() else np.zeros((0, 1), int)

    @traitlets.validate("text")
    def _text_short(self, proposal: Any) -> str:
        if (n := len(proposal["value"])) > MOST_LETTERS:
            raise traitlets.TraitError(f"text must be at most {MOST_LETTERS} letters, got {n}")
        return proposal["value"]

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        return in_range("t", proposal["value"], len(self._tokens(self.text)) + 1)

    def _follow_text(self, change: Any) -> None:
        """A cursor at the end stays there."""
        T = len(self._tokens(self.text))
        if self.t == len(self._tokens(change["old"])) or self.t > T:
            self.t = T


def scores(reader: Any, tokens: np.ndarray) -> np.ndarray:
    """The log odds of the second answer before the first word and after each: (T + 1,).

    tokens: (T, 1).
    """
    network = reader.network
    h = np.zeros((1, network.cell.H))
    if len(tokens):
        h = np.vstack([h, record(network.cell, reader.embedding.E[tokens]).h[:, 0]])
    y = h @ network.W_hy + network.b_y
    return y[:, 1] - y[:, 0]


def _words(
    reader: Any, vocabulary: Any, tokens: np.ndarray, labels: Sequence[str], counts: Any
) -> list[str]:
    """The words with what each contributed, and where that ended."""
    if not len(tokens):
        return ["no text yet"]
    s = scores(reader, tokens)
    parts = [
        f"{vocabulary.words[token]} {change:+.2f}"
        for token, change in zip(tokens[:, 0], np.diff(s), strict=True)
    ]
    lines = [
        f"at the start {s[0]:+.2f}",
        *parts,
        f"together {s[-1]:+.2f}: {_answer(s[-1], labels)}",
    ]
    if counts is not None:
        total = float(counts[0][np.unique(tokens)].sum() + counts[1])
        lines.append(f"words counted, in any order {total:+.2f}: {_answer(total, labels)}")
    return lines


def _answer(score: float, labels: Sequence[str]) -> str:
    p = 1 / (1 + np.exp(-score))
    return f"{labels[1]} {p:.2f}" if score > 0 else f"{labels[0]} {1 - p:.2f}"
