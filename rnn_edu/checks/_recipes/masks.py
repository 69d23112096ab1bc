"""A4 and A5: padding that must not be read."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import ONE_SEQUENCE, Mistake, Recipe

LAST = "the result's row n is h[lengths[n] - 1, n]"


def lengths_of(rng: np.random.Generator, T: int, N: int) -> Array:
    """N different lengths from 2 to T - 1: behind each sequence there is padding."""
    return rng.permutation(np.arange(2, T))[:N]


def masked_last(h: Array, lengths: Array) -> Array:
    return h[lengths - 1, np.arange(len(lengths))]


MASKED_LAST = Recipe(
    solve=masked_last,
    sizes={"T": 6, "N": 4, "H": 3},
    arguments={"h": "T N H", "lengths": "N"},
    outputs={"last": "N H"},
    equations=LAST,
    prepare=lambda rng, drawn: {**drawn, "lengths": lengths_of(rng, *drawn["h"].shape[:2])},
    cases={"sequences of several lengths": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        Mistake(
            "last_column",
            "h[lengths - 1, np.arange(len(lengths))]",
            "h[-1]",
            "Your states are those after the padding.",
            "The last column is not the last token: each sequence has its own end.",
            LAST,
        ),
        Mistake(
            "one_late",
            "lengths - 1",
            "lengths",
            "Your states are those one step after the end.",
            "A sequence of length 3 ends at index 2.",
            LAST,
        ),
        Mistake(
            "one_early",
            "lengths - 1",
            "lengths - 2",
            "Your states are those one step before the end.",
            "A sequence of length 3 ends at index 2.",
            LAST,
        ),
        Mistake(
            "longest_for_all",
            "lengths - 1",
            "lengths.max() - 1",
            "All sequences are read where the longest ends.",
            "Look at the time index: it must differ from row to row.",
            LAST,
        ),
        Mistake(
            "shortest_for_all",
            "lengths - 1",
            "lengths.min() - 1",
            "All sequences are read where the shortest ends.",
            "Look at the time index: it must differ from row to row.",
            LAST,
        ),
        Mistake(
            "first_state",
            "lengths - 1",
            "lengths * 0",
            "Your states are those after the first token.",
            "Look at the time index.",
            LAST,
        ),
        Mistake(
            "first_sequence",
            "np.arange(len(lengths))",
            "0",
            "All your rows come from the first sequence.",
            "Look at the index of the batch: it must go with the time index, row by row.",
            LAST,
        ),
        Mistake(
            "mean_of_valid",
            "h[lengths - 1, np.arange(len(lengths))]",
            "np.stack([h[:k, n].mean(axis=0) for n, k in enumerate(lengths)])",
            "Your rows are means over the steps.",
            "One state is asked for: the one after the last token.",
            LAST,
        ),
        Mistake(
            "mean_of_all",
            "h[lengths - 1, np.arange(len(lengths))]",
            "h.mean(axis=0)",
            "Your rows are means over the steps, padding included.",
            "One state is asked for: the one after the last token.",
            LAST,
        ),
        Mistake(
            "counted_from_the_end",
            "lengths - 1",
            "-lengths",
            "The time index counts from the wrong end.",
            "Padding stands behind the tokens: -1 is the last place of the padding.",
            LAST,
        ),
    ),
)


def reverse_padded(x: Array, lengths: Array) -> Array:
    out = x.copy()
    for n, k in enumerate(lengths):
        out[:k, n] = x[:k, n][::-1]
    return out


REVERSED = "out[t, n] = x[lengths[n] - 1 - t, n] for t < lengths[n]\nout[t, n] = x[t, n] behind it"

REVERSE_PADDED = Recipe(
    solve=reverse_padded,
    sizes={"T": 6, "N": 4, "D": 3},
    arguments={"x": "T N D", "lengths": "N"},
    outputs={"out": "T N D"},
    equations=REVERSED,
    prepare=lambda rng, drawn: {**drawn, "lengths": lengths_of(rng, *drawn["x"].shape[:2])},
    cases={"sequences of several lengths": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        Mistake(
            "padding_first",
            "    for n, k in enumerate(lengths):\n        out[:k, n] = x[:k, n][::-1]\n"
            "    return out",
            "    return x[::-1]",
            "The padding stands in front: the whole array is turned round.",
            "Each sequence is reversed within its own length.",
            REVERSED,
        ),
        Mistake(
            "not_reversed",
            "[::-1]",
            "",
            "Your result is the input.",
            "Look at the order of the steps within each sequence.",
            REVERSED,
        ),
        Mistake(
            "one_short",
            "out[:k, n] = x[:k, n]",
            "out[: k - 1, n] = x[: k - 1, n]",
            "The last token of each sequence stays in its place.",
            "A slice's end is not part of it.",
            REVERSED,
        ),
        Mistake(
            "one_long",
            "out[:k, n] = x[:k, n]",
            "out[: k + 1, n] = x[: k + 1, n]",
            "One step of padding is reversed with each sequence.",
            "A slice's end is not part of it: [:k] holds k steps.",
            REVERSED,
        ),
        Mistake(
            "rolled_padding",
            "x[:k, n][::-1]",
            "x[::-1, n][:k]",
            "Your sequences begin with padding, and their first tokens are lost.",
            "Cut the sequence out before you reverse it, not after.",
            REVERSED,
        ),
        Mistake(
            "one_length_for_all",
            "enumerate(lengths)",
            "enumerate([lengths[0]] * len(lengths))",
            "All sequences are reversed as if they were as long as the first.",
            "Each sequence has its own length.",
            REVERSED,
        ),
        Mistake(
            "longest_for_all",
            "enumerate(lengths)",
            "enumerate([max(lengths)] * len(lengths))",
            "All sequences are reversed as if they were as long as the longest.",
            "Each sequence has its own length.",
            REVERSED,
        ),
        Mistake(
            "padding_dropped",
            "out = x.copy()",
            "out = np.zeros_like(x)",
            "What stands behind each sequence is replaced by zeros.",
            "Steps from lengths[n] on stay as they are.",
            REVERSED,
        ),
    ),
)

RECIPES = (MASKED_LAST, REVERSE_PADDED)
