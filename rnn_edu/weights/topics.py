"""A GRU that writes Python's documentation: one character after another, from those before."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ..data import encode_text, load_topics
from ..gru import GRUCell
from ..losses import cross_entropy
from ..ops import Array, log_softmax, one_hot
from ..optim import Adam, clip_by_global_norm
from ..sequence import unroll, unroll_backward
from ..topologies import Network

SEEDS = (0, 1, 2)
DTYPE = "float16"
H, ROWS, WINDOW, EPOCHS, LR, DROP = 128, 16, 64, 24, 0.005, 0.3


def build(rng: np.random.Generator) -> Network:
    """The untrained network over the 94 characters of `load_topics().alphabet`."""
    V = len(load_topics().alphabet)
    return Network.init(GRUCell.init(V, H, rng, np.float32), V, rng)


def train(seed: int) -> Network:
    """Read the training pages in 16 places at once, the state carried, as in lesson 06.

    Each epoch cuts the text elsewhere. At each step the readout misses three tenths of the state
    (dropout: Srivastava et al., JMLR 15, 2014), and the learning rate falls along half a cosine.
    Returns the network of the epoch that did best on the validation pages.
    """
    rng = np.random.default_rng(seed)
    model = best = build(rng)
    codes = encode("train")
    steps = (len(codes) - 1) // ROWS
    now, after = (codes[k : k + ROWS * steps].reshape(ROWS, steps).T for k in (0, 1))
    state, fewest = Adam(LR).init(model), np.inf
    updates = EPOCHS * (steps // WINDOW + 1)
    for _ in range(EPOCHS):
        cuts = [0, *range(int(rng.integers(1, WINDOW)), steps, WINDOW), steps]
        h = None
        for start, stop in pairwise(cuts):
            piece = now[start:stop], after[start:stop]
            grads, h = _gradient(model, *piece, h, rng)
            lr = LR / 2 * (1 + np.cos(np.pi * min(1, state.count / updates))) + LR / 50
            model, state = Adam(lr).update(model, clip_by_global_norm(grads, 1.0)[0], state)
        if (bits := score(model, "validation")["bits"]) < fewest:
            best, fewest = model, bits
    return best


def score(model: Network, part: str) -> dict[str, float]:
    """Bits per character of the pages of a part, read in a row; and the share guessed right."""
    codes = encode(part)
    h, _, _ = unroll(model.cell, one_hot(codes[:-1, None], model.cell.D, np.float32))
    logits = h[:, 0] @ model.W_hy + model.b_y
    log_p = np.take_along_axis(log_softmax(logits.astype(float)), codes[1:, None], axis=1)
    right = logits.argmax(axis=1) == codes[1:]
    return {"bits": float(-log_p.mean() / np.log(2)), "right": float(right.mean())}


def encode(part: str) -> Array:
    """All pages of a part, one after the other: (T,) integers."""
    topics = load_topics()
    return encode_text("".join(getattr(topics, part)), topics.alphabet)


def _gradient(
    model: Network, x: Array, y: Array, state: Any, rng: np.random.Generator
) -> tuple[Network, Any]:
    """Of the cross-entropy of one window, under dropout; and the state behind it."""
    V = model.cell.D
    h, state, caches = unroll(model.cell, one_hot(x, V, np.float32), state)
    seen = ((rng.random(h.shape) >= DROP) / (1 - DROP)).astype(np.float32)
    h = h * seen
    _, dlogits = cross_entropy(h @ model.W_hy + model.b_y, y)
    cell_grads, _, _ = unroll_backward(model.cell, dlogits @ model.W_hy.T * seen, caches)
    dW_hy = h.reshape(-1, H).T @ dlogits.reshape(-1, V)
    return Network(cell_grads, dW_hy, dlogits.sum(axis=(0, 1))), state
