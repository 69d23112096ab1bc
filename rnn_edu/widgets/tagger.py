"""The tagger: a trained network names the kind of each letter as it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import traitlets

from ..trace import record
from .base import in_range, script, style
from .letters import LettersFigure, letters_network, one_hot_text, problem_with

LONGEST = 300


class Tagger(LettersFigure):
    """A network with an answer after each letter, run by the page: type, and see each coloured.

    network: anything with a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, K),
    `b_y` (K,), trained on one-hot letters. alphabet: its D letters in order. labels: its K classes,
    at most 8; the first is left uncoloured. text: what it reads first, at most 300 letters.
    Its state is text, t (how many letters are read, 0..len(text)), unit, and show: "classes"
    colours each letter by its class, "unit" by the value of that unit after it.
    Raises TypeError or ValueError naming the argument.
    Source: Karpathy, Johnson and Li (2015), "Visualizing and understanding recurrent networks".
    """

    _esm = script("tagger.js")
    _css = style("paper.css", "tagger.css")

    unit = traitlets.Int().tag(sync=True)
    show = traitlets.Enum(("classes", "unit"), "classes").tag(sync=True)

    H = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        network: Any,
        *,
        alphabet: str,
        labels: Sequence[str],
        text: str = "",
        title: str = "",
        **traits: Any,
    ) -> None:
        weights = letters_network(network, alphabet, labels)
        if len(labels) > 8:
            raise ValueError(f"labels must be at most 8, got {len(labels)}")
        if problem := problem_with(text, alphabet, LONGEST):
            raise ValueError(problem)
        self.heights = 560, 560 + 20 * len(labels)
        H = network.cell.H
        title = title or f"{weights['cell']} of {H} units: a class for each letter"
        super().__init__(
            text=text,
            longest=LONGEST,
            H=H,
            title=title,
            words="\n".join([title, *_runs(network, text, alphabet, list(labels))]),
            **weights | {"t": len(text)} | traits,
        )

    @traitlets.validate("unit")
    def _unit_in_range(self, proposal: Any) -> int:
        return in_range("unit", proposal["value"], self.H)


def _runs(network: Any, text: str, alphabet: str, labels: list[str]) -> list[str]:
    """Each stretch of letters of one class: "keyword 'def'"."""
    if not text:
        return ["no text yet"]
    h = record(network.cell, one_hot_text(text, alphabet)).h[:, 0]  # (T, H)
    best = (h @ network.W_hy + network.b_y).argmax(axis=1)
    stretches = groupby(range(len(text)), key=lambda t: best[t])
    return [f"{labels[k]} {''.join(text[t] for t in steps)!r}" for k, steps in stretches]
