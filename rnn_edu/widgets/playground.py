"""The playground: a trained network that reads and writes in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import script, style
from .letters import LettersFigure, letters_network, one_hot_text, problem_with


class Playground(LettersFigure):
    """A network over letters, run by the page: no kernel is needed.

    A classifier (many-to-one): type a name, drag its letters about, and see the answer move.
    With generate=True (one-to-many): type, see what may come next, and let it write on.

    network: anything with a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, K),
    `b_y` (K,), trained on one-hot letters. alphabet: its D letters in order.
    labels: its K classes; with generate=True they are the letters. text: what it reads first, at
    most 24 letters for a classifier, 400 for a writer. counts: (W, b), W: (D, K), b: (K,), a linear
    layer on letter counts: a second answer, which no order of the letters can move.
    Its state is text, typed (the text before its letters were moved, or before the network wrote),
    t (how many letters are read, 0..len(text)), temperature and seed: Python can set them.
    Raises TypeError or ValueError naming the argument, also for more than 1 MB of weights.
    """

    _esm = script("playground.js")
    _css = style("playground.css")

    typed = traitlets.Unicode().tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)

    generate = traitlets.Bool().tag(sync=True)

    def __init__(
        self,
        network: Any,
        *,
        alphabet: str,
        labels: Sequence[str] = (),
        text: str = "",
        counts: tuple[np.ndarray, np.ndarray] | None = None,
        generate: bool = False,
        title: str = "",
        **traits: Any,
    ) -> None:
        if generate and (labels or counts is not None):
            raise ValueError("labels and counts must be left out with generate=True")
        more = dict(zip(("W_counts", "b_counts"), counts or (), strict=counts is not None))
        weights = letters_network(network, alphabet, alphabet if generate else labels, more)
        kind, labels, (H, K) = weights["cell"], weights["labels"], network.W_hy.shape
        expected = [(len(alphabet), K), (K,)] if more else []
        if (shapes := [np.shape(a) for a in more.values()]) != expected:
            raise ValueError(f"counts must be (W, b), {expected}, got {shapes}")
        longest = 400 if generate else 24
        if problem := problem_with(text, alphabet, longest):
            raise ValueError(problem)
        shown = [repr(letter) for letter in alphabet] if generate else labels
        title = title or f"{kind} of {H} units: " + ("what comes next" if generate else "a reader")
        self.heights = (510, 800) if generate else (462, 840)
        super().__init__(
            text=text,
            generate=generate,
            longest=longest,
            title=title,
            words="\n".join([title, *_answers(network, alphabet, shown, text, counts, generate)]),
            **weights | {"typed": text, "t": len(text)} | traits,
        )

    @traitlets.validate("typed")
    def _typed_readable(self, proposal: Any) -> str:
        return self._text_readable(proposal)

    @traitlets.validate("temperature")
    def _temperature_in_range(self, proposal: Any) -> float:
        if not 0.1 <= proposal["value"] <= 2:
            raise traitlets.TraitError(f"temperature must lie in 0.1..2, got {proposal['value']}")
        return proposal["value"]

    def _follow_text(self, change: Any) -> None:
        """A text that does not come from `typed` was typed."""
        super()._follow_text(change)
        text, typed = self.text, self.typed
        if not (text.startswith(typed) if self.generate else sorted(text) == sorted(typed)):
            self.typed = text


def _answers(
    network: Any, alphabet: str, labels: list[str], text: str, counts: Any, generate: bool
) -> list[str]:
    """What is answered to the text and, by a classifier, to the same letters sorted."""

    def answer(text: str) -> str:
        h = np.zeros(network.cell.H)
        if text:
            h = record(network.cell, one_hot_text(text, alphabet)).h[-1, 0]
        return _likely(h @ network.W_hy + network.b_y, labels)

    ordered = "".join(sorted(text, key=alphabet.index))
    lines = [f"after {text!r}: {answer(text)}"]
    lines += [] if generate else [f"sorted, {ordered!r}: {answer(ordered)}"]
    if counts is not None:
        y = sum((counts[0][alphabet.index(letter)] for letter in text), counts[1])
        lines.append(f"letter counts, in any order: {_likely(y, labels)}")
    return lines


def _likely(y: np.ndarray, labels: list[str]) -> str:
    """The three largest of softmax(y), in an order that another rounding does not change."""
    p = np.exp(y - y.max())
    p /= p.sum()
    best = np.argsort(-p.round(2), kind="stable")[:3]
    return ", ".join(f"{labels[k]} {p[k]:.2f}" for k in best)
