"""A random bigram model over a few letters, and a beam search in it: trees for tests to draw."""

from __future__ import annotations

import math

import numpy as np

from rnn_edu.widgets.beam import BeamNode

END = 0  # the token that ends an output, and the state at the start

# Greedy starts with a (0.6); b (0.4) and then d (0.9) is likelier in all: 0.36 against 0.3.
TREE = [
    BeamNode(-1, "a", math.log(0.6), "kept"),
    BeamNode(-1, "b", math.log(0.4), "kept"),
    BeamNode(0, "c", math.log(0.5), "pruned"),
    BeamNode(0, "d", math.log(0.4), "pruned"),
    BeamNode(1, "d", math.log(0.9), "finished"),
    BeamNode(1, "e", math.log(0.1), "pruned"),
]


def bigrams(V: int, seed: int) -> np.ndarray:
    """(V, V) log-probabilities of the next token; rows: the last."""
    p = np.random.default_rng(seed).dirichlet(np.full(V, 0.7), size=V)
    return np.log(np.maximum(p, 1e-6) / np.maximum(p, 1e-6).sum(axis=1, keepdims=True))


def beam_search(log_p: np.ndarray, width: int, steps: int) -> list[BeamNode]:
    """Every candidate, in the order of its step; ended outputs leave the beam."""
    nodes: list[BeamNode] = []
    beam = [(-1, END, 0.0)]  # index, token, sum
    for _ in range(steps):
        found = [
            (parent, token, total, float(log_p[last, token]))
            for parent, last, total in beam
            for token in range(len(log_p))
        ]
        found.sort(key=lambda c: -c[2] - c[3])
        beam = []
        for rank, (parent, token, total, value) in enumerate(found):
            status = "pruned" if rank >= width else "finished" if token == END else "kept"
            if status == "kept":
                beam.append((len(nodes), token, total + value))
            nodes.append(BeamNode(parent, "abcdefgh"[token], value, status))
        if not beam:
            break
    return nodes
