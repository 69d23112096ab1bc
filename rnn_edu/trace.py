"""One run of a model, recorded as plain arrays: what figures and widgets look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from .cell import Cell
from .ops import Array, State, check_array, check_type, softmax
from .sequence import unroll


@dataclass(frozen=True, eq=False)
class Trace:
    """What happened inside a recurrent network while it read one batch.

    arrays: name -> (T, N, H): "h" and, by cell, "c", "i", "f", "g", "o" or "r", "z", "n".
    tokens: the T input tokens of sequence 0 as text, for axes and widgets.
    probs: (T, N, K) what a readout would answer after each step, or None. labels: its K classes.
    title: one line for figures.
    """

    arrays: Mapping[str, Array]
    tokens: tuple[str, ...]
    probs: Array | None = None
    labels: tuple[str, ...] = ()
    title: str = "hidden state"

    def __post_init__(self) -> None:
        check_type("arrays", self.arrays, Mapping)
        if "h" not in self.arrays:
            raise ValueError(f'arrays must hold "h", got {sorted(self.arrays)}')
        h = check_array("h", self.arrays["h"], ("T", "N", "H"))
        for name, a in self.arrays.items():
            check_array(name, a, (("T", len(h)), ("N", h.shape[1]), "H"))
        if len(self.tokens) != len(h):
            raise ValueError(f"tokens must be {len(h)}, one per step, got {len(self.tokens)}")
        if self.probs is not None:
            check_array(
                "probs", self.probs, (("T", len(h)), ("N", h.shape[1]), ("K", len(self.labels)))
            )

    def __getitem__(self, name: str) -> Array:
        if name not in self.arrays:
            raise KeyError(f"no {name!r} in this trace; it holds {', '.join(self.arrays)}")
        return self.arrays[name]

    @property
    def h(self) -> Array:
        """(T, N, H) hidden states."""
        return self.arrays["h"]


def record(
    model: Any,
    x: Array,
    state: State | None = None,
    *,
    tokens: Sequence[str] | None = None,
    labels: Sequence[str] = (),
    title: str = "hidden state",
) -> Trace:
    """Run a model over x once and keep everything that happened inside.

    model: a cell, or anything with a `cell` and a readout `W_hy` (H, K), `b_y` (K,).
    x: (T, N, D). state: a tuple of (N, H) to start from, zeros if None.
    tokens: T strings, "1".."T" if None. labels: names of the readout's K classes.
    Raises TypeError for another kind of model (`from_torch` turns a torch module into a cell).
    """
    cell = model if isinstance(model, Cell) else getattr(model, "cell", None)
    if not isinstance(cell, Cell):
        raise TypeError(
            f"model must be a cell or have one as .cell, got {type(model).__name__}"
            " (rnn_edu.fast.from_torch turns a torch module into a cell)"
        )
    h, _, caches = unroll(cell, x, state)
    hidden = ("x", "h", "h_prev", "c_prev", "tanh_c", "hn")
    kept = caches._asdict().items()
    arrays = {"h": h}
    arrays |= {n: np.array(a) for n, a in kept if n not in hidden and a.shape == h.shape}
    probs = None
    if cell is not model:
        probs = softmax(h @ model.W_hy + model.b_y)
        K = probs.shape[-1]
        labels = tuple(labels) or tuple(str(k) for k in range(K))
        if len(labels) != K:
            raise ValueError(f"labels must be {K}, one per class, got {len(labels)}")
    names = tuple(tokens) if tokens is not None else tuple(str(t) for t in range(1, len(h) + 1))
    return Trace(MappingProxyType(arrays), names, probs, tuple(labels), title)
