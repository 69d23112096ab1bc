"""What figures share whose page runs a network over single letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import traitlets

from .base import Figure, in_range, pack

CELLS = ("RNN", "GRU", "LSTM")
MOST_BYTES = 1_000_000  # of weights


class LettersFigure(Figure):
    """A figure with a network, a text over its alphabet, and t letters of it read: 0..len(text)."""

    text = traitlets.Unicode().tag(sync=True)
    t = traitlets.Int().tag(sync=True)

    longest = traitlets.Int().tag(sync=True)
    cell = traitlets.Enum(CELLS).tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    arrays = traitlets.List().tag(sync=True)  # [name, size] of each in weights
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.observe(self._follow_text, "text")

    @traitlets.validate("text")
    def _text_readable(self, proposal: Any) -> str:
        if problem := problem_with(proposal["value"], self.alphabet, self.longest):
            raise traitlets.TraitError(problem)
        return proposal["value"]

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        return in_range("t", proposal["value"], len(self.text) + 1)

    def _follow_text(self, change: Any) -> None:
        """A cursor at the end stays there."""
        if self.t == len(change["old"]) or self.t > len(self.text):
            self.t = len(self.text)


def letters_network(
    network: Any, alphabet: str, labels: Sequence[str], more: Mapping[str, np.ndarray] | None = None
) -> dict[str, Any]:
    """The traits cell, alphabet, labels, arrays ([name, size] of each) and weights (float32).

    network: has a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, K), `b_y` (K,),
    trained on one-hot letters. alphabet: its D letters in order. labels: its K classes.
    more: further arrays to pack behind the network's own.
    Raises TypeError or ValueError naming the argument, also for more than 1 MB of weights.
    """
    kind = type(getattr(network, "cell", None)).__name__.removesuffix("Cell")
    if kind not in CELLS or not hasattr(network, "W_hy"):
        raise TypeError(
            "network must have an RNNCell, GRUCell or LSTMCell as .cell and a readout .W_hy,"
            f" got {type(network).__name__}"
        )
    D, K = network.cell.D, network.W_hy.shape[1]
    if not len(set(alphabet)) == len(alphabet) == D:
        raise ValueError(f"alphabet must be {D} different letters, got {alphabet!r}")
    if len(labels) != K:
        raise ValueError(f"labels must be {K}, one per output, got {len(labels)}")
    arrays = {f.name: getattr(network.cell, f.name) for f in fields(network.cell)}
    arrays |= {"W_hy": network.W_hy, "b_y": network.b_y} | dict(more or {})
    weights = b"".join(pack(name, a) for name, a in arrays.items())
    if len(weights) > MOST_BYTES:
        raise ValueError(f"network must fit {MOST_BYTES} bytes of float32, got {len(weights)}")
    return {
        "cell": kind,
        "alphabet": alphabet,
        "labels": list(labels),
        "arrays": [[name, a.size] for name, a in arrays.items()],
        "weights": weights,
    }


def halved(weights: bytes) -> bytes:
    """Packed float32 as float16; raises ValueError if a weight does not fit."""
    with np.errstate(over="ignore"):
        halves = np.frombuffer(weights, "<f4").astype("<f2")
    if not np.isfinite(halves).all():
        raise ValueError("network must fit float16, got weights above 65504")
    return halves.tobytes()


def problem_with(text: str, alphabet: str, longest: int) -> str:
    """What is wrong with a text, in words; "" if nothing is."""
    if bad := next((letter for letter in text if letter not in alphabet), ""):
        return f"text must use the letters {alphabet!r}, got {bad!r} in {text!r}"
    return f"text must be at most {longest} letters, got {len(text)}" if len(text) > longest else ""


def one_hot_text(text: str, alphabet: str) -> np.ndarray:
    """(T, 1, D): the letters of a text, one per step."""
    return np.eye(len(alphabet))[[alphabet.index(letter) for letter in text], None]
