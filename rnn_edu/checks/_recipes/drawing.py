"""A4: the nucleus, and the draw."""

from __future__ import annotations

import numpy as np

from ...ops import Array, softmax
from .recipe import Arguments, Mistake, Recipe
from .sampling import ONE_ROW, ROWS

NUCLEUS = (
    "sort p downwards and keep p_(1), ..., p_(m), m the smallest with p_(1) + ... + p_(m) >= p\n"
    "divide by their sum"
)
DRAW = "the first token v with p_0 + ... + p_v > u"


def top_p(logits: Array, p: float) -> Array:
    probs = softmax(logits)
    order = np.argsort(-probs, axis=-1)
    falling = np.take_along_axis(probs, order, axis=-1)
    before = falling.cumsum(axis=-1) - falling
    keep = before < p
    out = np.zeros_like(probs)
    np.put_along_axis(out, order, np.where(keep, falling, 0), axis=-1)
    return out / out.sum(axis=-1, keepdims=True)


def even_and_sharp(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Rows of which the first is nearly even and the last is decided by one token."""
    sharpness = np.linspace(0.3, 3, len(drawn["logits"]))[:, None]
    return {"logits": sharpness * drawn["logits"], "p": 0.6}


TOP_P = Recipe(
    solve=top_p,
    sizes={"N": 12, "V": 8},
    arguments={"logits": "N V", "p": ""},
    outputs={"probs": "N V"},
    equations=NUCLEUS,
    prepare=even_and_sharp,
    cases={ROWS: {}, ONE_ROW: {"N": 1}},
    mistakes=(
        Mistake(
            "stops_short",
            "before = falling.cumsum(axis=-1) - falling\n    keep = before < p",
            "before = falling.cumsum(axis=-1)\n    keep = (before < p) | (order == order[:, :1])",
            "The tokens that you keep do not reach p.",
            "The token at which the sum passes p belongs to the nucleus.",
            NUCLEUS,
        ),
        Mistake(
            "one_more",
            "before < p",
            "before - np.roll(falling, 1, axis=-1) * (before > 0) < p",
            "You keep one token more than needed.",
            "Is p reached before the last token that you keep?",
            NUCLEUS,
        ),
        Mistake(
            "not_renormalised",
            "    return out / out.sum(axis=-1, keepdims=True)",
            "    return out",
            "Your rows do not add up to 1.",
            "The kept tokens share what the cut ones had.",
            NUCLEUS,
        ),
        Mistake(
            "left_sorted",
            "np.put_along_axis(out, order, np.where(keep, falling, 0), axis=-1)",
            "out = np.where(keep, falling, 0)",
            "Your probabilities stand in falling order, no longer at their tokens.",
            "After cutting, put each probability back to where it came from.",
            NUCLEUS,
        ),
        Mistake(
            "unlikeliest_first",
            "np.argsort(-probs,",
            "np.argsort(probs,",
            "You begin with the unlikeliest tokens.",
            "argsort goes from small to large.",
            NUCLEUS,
        ),
        Mistake(
            "threshold",
            "before < p",
            "falling >= p * falling[:, :1]",
            "You compare each token with the likeliest one: that is another rule, min-p.",
            "p is compared with a sum of probabilities, not with one of them.",
            NUCLEUS,
        ),
        Mistake(
            "not_sorted",
            "np.argsort(-probs, axis=-1)",
            "np.argsort(0 * probs, axis=-1, kind='stable')",
            "You sum the probabilities in the order of the alphabet.",
            "The nucleus begins with the likeliest token.",
            NUCLEUS,
        ),
        Mistake(
            "inverted",
            "before < p",
            "before < 1 - p",
            "You keep what reaches 1 - p.",
            "Look at the number that the sum is compared with.",
            NUCLEUS,
        ),
        Mistake(
            "nothing_cut",
            "before < p",
            "before < 2",
            "An argument has no effect on your answer: p.",
            "Count the tokens that have a positive probability.",
            NUCLEUS,
        ),
        Mistake(
            "uniform",
            "np.where(keep, falling, 0)",
            "np.where(keep, 1.0, 0)",
            "The kept tokens are all equally likely.",
            "Among the kept, the probabilities still decide.",
            NUCLEUS,
        ),
    ),
)


def sample(probs: Array, u: Array) -> Array:
    sums = probs.cumsum(axis=-1)
    return (sums > u[:, None]).argmax(axis=-1)


def distribution(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Rows that add up to 1, and one uniform number for each, away from every boundary."""
    probs = softmax(drawn["probs"])
    sums = np.hstack([np.zeros((len(probs), 1)), probs.cumsum(axis=-1)])
    token = rng.integers(0, probs.shape[1], len(probs))
    rows = np.arange(len(probs))
    share = rng.uniform(0.2, 0.8, len(probs))
    return {"probs": probs, "u": sums[rows, token] + share * probs[rows, token]}


SAMPLE = Recipe(
    solve=sample,
    sizes={"N": 24, "V": 6},
    arguments={"probs": "N V", "u": "N"},
    outputs={"tokens": "N"},
    equations=DRAW,
    prepare=distribution,
    cases={ROWS: {}, "other rows": {}, ONE_ROW: {"N": 1}},
    mistakes=(
        Mistake(
            "greedy",
            "(sums > u[:, None]).argmax(axis=-1)",
            "probs.argmax(axis=-1)",
            "An argument has no effect on your answer: u.",
            "You take the likeliest token; a draw takes another one now and then.",
            DRAW,
        ),
        Mistake(
            "one_late",
            ".argmax(axis=-1)",
            ".argmax(axis=-1) + 1",
            "Your tokens are all one too large.",
            "Tokens are counted from 0.",
            DRAW,
        ),
        Mistake(
            "one_early",
            ".argmax(axis=-1)",
            ".argmax(axis=-1) - 1",
            "Your tokens are all one too small.",
            "You take the last token before the sum passes u.",
            DRAW,
        ),
        Mistake(
            "no_sum",
            "probs.cumsum(axis=-1)",
            "probs",
            "u is compared with single probabilities.",
            "Something must grow from token to token until it passes u.",
            DRAW,
        ),
        Mistake(
            "from_the_end",
            "probs.cumsum(axis=-1)",
            "np.cumsum(probs[:, ::-1], axis=-1)",
            "You count the tokens from the end.",
            "Look at the direction of the running sum.",
            DRAW,
        ),
        Mistake(
            "other_side",
            "u[:, None]",
            "1 - u[:, None]",
            "Your draws are right in the mean and different one by one: u is turned round.",
            "Compare the running sum with u itself.",
            DRAW,
        ),
        Mistake(
            "one_u_for_all",
            "u[:, None]",
            "u[0]",
            "All rows are drawn with the first number of u.",
            "Each row has its own u.",
            DRAW,
        ),
        Mistake(
            "sorted",
            "probs.cumsum(axis=-1)",
            "np.sort(probs, axis=-1).cumsum(axis=-1)",
            "You sort the probabilities; then a place no longer is a token.",
            "The running sum goes through the tokens in their own order.",
            DRAW,
        ),
        Mistake(
            "counts_all_above",
            "(sums > u[:, None]).argmax(axis=-1)",
            "(sums > u[:, None]).sum(axis=-1)",
            "You count the tokens behind the draw.",
            "How many running sums lie at or below u, and how many above?",
            DRAW,
        ),
    ),
)

RECIPES = (TOP_P, SAMPLE)
