"""A4: from logits to the next token."""

from __future__ import annotations

import numpy as np

from ...ops import Array, softmax
from .recipe import Mistake, Recipe
from .words import OVERFLOW

ROWS = "several rows"
LARGE = "large logits"
ONE_ROW = "one row (N = 1)"
SOFTMAX = "p = softmax(logits / t)"
KEPT = "p_v = exp(y_v) / sum over the k largest of exp(y); 0 for all others"


def temperature(logits: Array, t: float) -> Array:
    y = logits / t
    weights = np.exp(y - y.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


TEMPERATURE = Recipe(
    solve=temperature,
    sizes={"N": 4, "V": 5},
    arguments={"logits": "N V", "t": ""},
    outputs={"probs": "N V"},
    equations=SOFTMAX,
    prepare=lambda rng, drawn: {**drawn, "t": rng.uniform(0.5, 0.7)},
    cases={ROWS: {}, LARGE: {"scale": 1_000_000}, ONE_ROW: {"N": 1}},
    mistakes=(
        Mistake(
            "multiplied",
            "logits / t",
            "logits * t",
            "Your cold is warm: below 1 the likely must get likelier.",
            "Look at what t does to the logits.",
            SOFTMAX,
        ),
        Mistake(
            "ignored",
            "logits / t",
            "logits",
            "An argument has no effect on your answer: t.",
            "Scaling probabilities and normalising them again changes nothing: where must t act?",
            SOFTMAX,
        ),
        Mistake(
            "after_softmax",
            "y = logits / t\n"
            "    weights = np.exp(y - y.max(axis=-1, keepdims=True))\n"
            "    return weights / weights.sum(axis=-1, keepdims=True)",
            "return softmax(softmax(logits) / t)",
            "Your distribution is far too even: softmax is taken twice.",
            "t divides the logits, not the probabilities.",
            SOFTMAX,
        ),
        Mistake(
            "not_normalised",
            "    return weights / weights.sum(axis=-1, keepdims=True)",
            "    return weights",
            "Your rows do not add up to 1.",
            "Look at the last line: what makes a distribution of positive numbers?",
            "softmax(y) = exp(y) / sum(exp(y))",
        ),
        Mistake(
            "over_the_batch",
            "weights.sum(axis=-1, keepdims=True)",
            "weights.sum(axis=0, keepdims=True)",
            "Your columns add up to 1; the rows should.",
            "Look at the axis of the sum: which one holds the tokens?",
            "softmax(y) = exp(y) / sum(exp(y)) over the last axis",
        ),
        Mistake(
            "one_sum_for_all",
            "weights.sum(axis=-1, keepdims=True)",
            "weights.sum()",
            "All your rows together add up to 1; each of them should.",
            "Look at the sum: over which axis does it run?",
            "softmax(y) = exp(y) / sum(exp(y)) over the last axis",
        ),
        Mistake("overflow", "y - y.max(axis=-1, keepdims=True)", "y", *OVERFLOW),
        Mistake(
            "one_plus",
            "logits / t",
            "logits / (1 + t)",
            "Your temperature is too high by a constant.",
            "Look at what the logits are divided by.",
            SOFTMAX,
        ),
        Mistake(
            "squared",
            "logits / t",
            "logits / t**2",
            "t acts twice.",
            "Look at what the logits are divided by.",
            SOFTMAX,
        ),
        Mistake(
            "logs",
            "    return weights / weights.sum(axis=-1, keepdims=True)",
            "    return np.log(weights / weights.sum(axis=-1, keepdims=True))",
            "Your numbers are negative: they are log probabilities.",
            "Probabilities are asked for.",
            SOFTMAX,
        ),
    ),
)


def top_k(logits: Array, k: int) -> Array:
    kept = np.argsort(-logits, axis=-1)[:, :k]
    cut = np.full_like(logits, -np.inf)
    np.put_along_axis(cut, kept, np.take_along_axis(logits, kept, axis=-1), axis=-1)
    return softmax(cut)


TOP_K = Recipe(
    solve=top_k,
    sizes={"N": 4, "V": 7},
    arguments={"logits": "N V", "k": ""},
    outputs={"probs": "N V"},
    equations=KEPT,
    prepare=lambda rng, drawn: {**drawn, "k": 3},
    cases={ROWS: {}, ONE_ROW: {"N": 1}},
    mistakes=(
        Mistake(
            "not_renormalised",
            "return softmax(cut)",
            "return softmax(logits) * np.isfinite(cut)",
            "Your rows do not add up to 1.",
            "The kept tokens share what the cut ones had.",
            KEPT,
        ),
        Mistake(
            "cut_to_zero",
            "-np.inf",
            "0",
            "Tokens that you cut can still be drawn.",
            "A logit of 0 is not a probability of 0. Which logit is?",
            KEPT,
        ),
        Mistake(
            "one_more",
            "[:, :k]",
            "[:, : k + 1]",
            "You keep one token too many.",
            "Count the tokens that have a positive probability.",
            KEPT,
        ),
        Mistake(
            "one_fewer",
            "[:, :k]",
            "[:, : k - 1]",
            "You keep one token too few.",
            "Count the tokens that have a positive probability.",
            KEPT,
        ),
        Mistake(
            "least_likely",
            "np.argsort(-logits,",
            "np.argsort(logits,",
            "You keep the unlikeliest tokens.",
            "argsort goes from small to large.",
            KEPT,
        ),
        Mistake(
            "uniform",
            "np.take_along_axis(logits, kept, axis=-1)",
            "0",
            "The kept tokens are all equally likely.",
            "Among the kept, the logits still decide.",
            KEPT,
        ),
        Mistake(
            "first_row_decides",
            "np.argsort(-logits, axis=-1)[:, :k]",
            "np.argsort(-logits, axis=-1)[:1, :k].repeat(len(logits), 0)",
            "All rows keep the tokens of the first.",
            "The likeliest tokens differ from row to row.",
            KEPT,
        ),
        Mistake(
            "nothing_cut",
            "[:, :k]",
            "[:, :]",
            "An argument has no effect on your answer: k.",
            "Count the tokens that have a positive probability.",
            KEPT,
        ),
        Mistake(
            "softmax_twice",
            "np.take_along_axis(logits, kept, axis=-1)",
            "np.take_along_axis(softmax(logits), kept, axis=-1)",
            "The kept tokens are too equally likely: softmax is taken twice.",
            "To renormalise is to divide by the sum.",
            KEPT,
        ),
    ),
)

RECIPES = (TEMPERATURE, TOP_K)
