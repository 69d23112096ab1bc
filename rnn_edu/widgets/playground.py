"""The playground: a trained network that reads and writes in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import Figure, in_range, pack, script, style

CELLS = ("RNN", "GRU", "LSTM")
MOST_BYTES = 1_000_000  # of weights


class Playground(Figure):
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

    text = traitlets.Unicode().tag(sync=True)
    typed = traitlets.Unicode().tag(sync=True)
    t = traitlets.Int().tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)

    generate = traitlets.Bool().tag(sync=True)
    longest = traitlets.Int().tag(sync=True)
    cell = traitlets.Enum(CELLS).tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    arrays = traitlets.List().tag(sync=True)  # [name, size] of each in weights
    weights = traitlets.Bytes().tag(sync=True)

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
        kind = type(getattr(network, "cell", None)).__name__.removesuffix("Cell")
        if kind not in CELLS or not hasattr(network, "W_hy"):
            raise TypeError(
                "network must have an RNNCell, GRUCell or LSTMCell as .cell and a readout .W_hy,"
                f" got {type(network).__name__}"
            )
        D, (H, K) = network.cell.D, network.W_hy.shape
        if not len(set(alphabet)) == len(alphabet) == D:
            raise ValueError(f"alphabet must be {D} different letters, got {alphabet!r}")
        if generate and (labels or counts is not None):
            raise ValueError("labels and counts must be left out with generate=True")
        labels = list(alphabet if generate else labels)
        if len(labels) != K:
            raise ValueError(f"labels must be {K}, one per output, got {len(labels)}")
        longest = 400 if generate else 24
        if problem := _problem(text, alphabet, longest):
            raise ValueError(problem)
        arrays = {f.name: getattr(network.cell, f.name) for f in fields(network.cell)}
        arrays |= {"W_hy": network.W_hy, "b_y": network.b_y}
        if counts is not None:
            if (shapes := [np.shape(a) for a in counts]) != [(D, K), (K,)]:
                raise ValueError(f"counts must be (W, b), {[(D, K), (K,)]}, got {shapes}")
            arrays |= dict(zip(("W_counts", "b_counts"), counts, strict=True))
        weights = b"".join(pack(name, a) for name, a in arrays.items())
        if len(weights) > MOST_BYTES:
            raise ValueError(f"network must fit {MOST_BYTES} bytes of float32, got {len(weights)}")
        shown = [repr(letter) for letter in alphabet] if generate else labels
        title = title or f"{kind} of {H} units: " + ("what comes next" if generate else "a reader")
        self.heights = (510, 800) if generate else (450, 840)
        super().__init__(
            text=text,
            generate=generate,
            longest=longest,
            cell=kind,
            alphabet=alphabet,
            labels=labels,
            arrays=[[name, a.size] for name, a in arrays.items()],
            weights=weights,
            title=title,
            words="\n".join([title, *_answers(network, alphabet, shown, text, counts, generate)]),
            **{"typed": text, "t": len(text)} | traits,
        )
        self.observe(self._follow_text, "text")

    @traitlets.validate("text", "typed")
    def _text_readable(self, proposal: Any) -> str:
        if problem := _problem(proposal["value"], self.alphabet, self.longest):
            raise traitlets.TraitError(problem)
        return proposal["value"]

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        return in_range("t", proposal["value"], len(self.text) + 1)

    @traitlets.validate("temperature")
    def _temperature_in_range(self, proposal: Any) -> float:
        if not 0.1 <= proposal["value"] <= 2:
            raise traitlets.TraitError(f"temperature must lie in 0.1..2, got {proposal['value']}")
        return proposal["value"]

    def _follow_text(self, change: Any) -> None:
        """A cursor at the end stays there; a text that does not come from `typed` was typed."""
        text, typed = self.text, self.typed
        if self.t == len(change["old"]) or self.t > len(text):
            self.t = len(text)
        if not (text.startswith(typed) if self.generate else sorted(text) == sorted(typed)):
            self.typed = text


def _problem(text: str, alphabet: str, longest: int) -> str:
    """What is wrong with a text, in words; "" if nothing is."""
    if bad := next((letter for letter in text if letter not in alphabet), ""):
        return f"text must use the letters {alphabet!r}, got {bad!r} in {text!r}"
    return f"text must be at most {longest} letters, got {len(text)}" if len(text) > longest else ""


def _answers(
    network: Any, alphabet: str, labels: list[str], text: str, counts: Any, generate: bool
) -> list[str]:
    """What is answered to the text and, by a classifier, to the same letters sorted."""

    def answer(text: str) -> str:
        h = np.zeros(network.cell.H)
        if text:
            x = np.eye(len(alphabet))[[alphabet.index(letter) for letter in text], None]
            h = record(network.cell, x).h[-1, 0]  # x: (T, 1, D)
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
