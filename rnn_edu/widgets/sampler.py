"""The sampler: a trained network writes, and the page shows what each rule leaves it to choose."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import script, style
from .letters import LettersFigure, halved, letters_network, one_hot_text, problem_with

LONGEST = 400


class Sampler(LettersFigure):
    """A network over letters that writes in the page, under a rule that the reader sets.

    Bars show what may come next, what a rule cuts is drawn as cut, and a strip shows on whose
    share the next random number falls. Each letter of the text is tinted by its surprise,
    -log2 of the probability that the network gave it.
    network: anything with a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, D),
    `b_y` (D,), trained on one-hot letters; the page gets its weights rounded to float16.
    alphabet: its D letters in order. text: what it reads first, at most 400 letters.
    Its state is text, typed (the text before the network wrote), t (after how many letters the
    bars are drawn), temperature, top_k, top_p, min_p (applied in this order; 0 cuts nothing) and
    seed: Python can read and set them. The k-th number of a seed draws the k-th letter.
    Raises TypeError or ValueError naming the argument, also for more than 1 MB of float32 weights.
    Source of the rules: `rnn_edu.decode`.
    """

    _esm = script("sampler.js")
    _css = style("paper.css", "sampler.css")

    heights = (708, 1044)

    typed = traitlets.Unicode().tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    top_k = traitlets.Int().tag(sync=True)
    top_p = traitlets.Float(1.0).tag(sync=True)
    min_p = traitlets.Float(0.0).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)

    def __init__(
        self, network: Any, *, alphabet: str, text: str = "", title: str = "", **traits: Any
    ) -> None:
        weights = letters_network(network, alphabet, alphabet)
        if problem := problem_with(text, alphabet, LONGEST):
            raise ValueError(problem)
        title = title or f"{weights['cell']} of {network.cell.H} units: what it may write next"
        own = {"typed": text, "t": len(text), "top_k": len(alphabet)}
        super().__init__(
            text=text,
            longest=LONGEST,
            title=title,
            words="\n".join([title, _next(network, alphabet, text)]),
            **weights | {"weights": halved(weights["weights"])} | own | traits,
        )

    @traitlets.validate("typed")
    def _typed_readable(self, proposal: Any) -> str:
        return self._text_readable(proposal)

    @traitlets.validate("temperature")
    def _temperature_in_range(self, proposal: Any) -> float:
        return _within("temperature", proposal["value"], 0.1, 2)

    @traitlets.validate("top_k")
    def _top_k_in_range(self, proposal: Any) -> int:
        return int(_within("top_k", proposal["value"], 1, len(self.alphabet)))

    @traitlets.validate("top_p")
    def _top_p_in_range(self, proposal: Any) -> float:
        return _within("top_p", proposal["value"], 0.01, 1)

    @traitlets.validate("min_p")
    def _min_p_in_range(self, proposal: Any) -> float:
        return _within("min_p", proposal["value"], 0, 1)

    def _follow_text(self, change: Any) -> None:
        """A text that does not go on from `typed` was typed."""
        super()._follow_text(change)
        if not self.text.startswith(self.typed):
            self.typed = self.text


def _within(name: str, value: float, lo: float, hi: float) -> float:
    if not lo <= value <= hi:
        raise traitlets.TraitError(f"{name} must lie in {lo}..{hi}, got {value}")
    return value


def _next(network: Any, alphabet: str, text: str) -> str:
    """The likeliest letters after the text, and how open the network leaves it, in bits."""
    h = np.zeros(network.cell.H)
    if text:
        h = record(network.cell, one_hot_text(text, alphabet)).h[-1, 0]
    y = (h @ network.W_hy + network.b_y).astype(float)
    p = np.exp(y - y.max())
    p /= p.sum()
    entropy = -(p * np.log2(np.maximum(p, 1e-300))).sum()
    best = np.argsort(-p.round(2), kind="stable")[:3]  # in an order that rounding does not change
    likely = ", ".join(f"{alphabet[k]!r} {p[k]:.2f}" for k in best)
    return f"after {text!r}: {likely}; entropy {entropy:.2f} bits"
