"""A2: the gradient that needs no derivation, to check the one that does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...ops import Array
from .recipe import Mistake, Recipe

CENTRAL = "dw[k] = (f(w + eps e_k) - f(w - eps e_k)) / (2 eps), e_k zero but for a 1 at place k"


def numeric_gradient(f: Callable[[Array], float], w: Array, eps: float) -> Array:
    dw = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        moved = np.zeros_like(w)
        moved[k] = eps
        dw[k] = (f(w + moved) - f(w - moved)) / (2 * eps)
    return dw


NUMERIC_GRADIENT = Recipe(
    solve=numeric_gradient,
    sizes={"D": 3, "H": 4},
    arguments={"f": "function", "w": "D H", "eps": ""},
    outputs={"dw": "D H"},
    equations=CENTRAL,
    prepare=lambda rng, drawn: {**drawn, "w": 0.5 * drawn["w"], "eps": 0.4},
    cases={"a matrix": {}, "a single row (D = 1)": {"D": 1}},
    mistakes=(
        Mistake(
            "forward_difference",
            "(f(w + moved) - f(w - moved)) / (2 * eps)",
            "(f(w + moved) - f(w)) / eps",
            "Your gradient is off by an error that shrinks with eps, not with its square.",
            "You step to one side; go to both.",
            CENTRAL,
        ),
        Mistake(
            "backward_difference",
            "(f(w + moved) - f(w - moved)) / (2 * eps)",
            "(f(w) - f(w - moved)) / eps",
            "Your gradient is off by an error that shrinks with eps, not with its square.",
            "You step to one side; go to both.",
            CENTRAL,
        ),
        Mistake(
            "not_halved",
            "(2 * eps)",
            "eps",
            "Your gradient is twice as large as it should be.",
            "How far apart are the two places at which you call f?",
            CENTRAL,
        ),
        Mistake(
            "brackets",
            "/ (2 * eps)",
            "/ 2 * eps",
            "Your gradient is far too small.",
            "a / 2 * eps is (a / 2) * eps.",
            CENTRAL,
        ),
        Mistake(
            "not_divided",
            " / (2 * eps)",
            "",
            "Your gradient is a difference, not a slope.",
            "Divide by the distance of the two places at which you call f.",
            CENTRAL,
        ),
        Mistake(
            "sign",
            "f(w + moved) - f(w - moved)",
            "f(w - moved) - f(w + moved)",
            "Your gradient points the wrong way.",
            "Which of the two values do you take from the other?",
            CENTRAL,
        ),
        Mistake(
            "all_at_once",
            "moved[k] = eps",
            "moved[...] = eps",
            "Your entries are all the same: you move all of them at once.",
            "One partial derivative is one entry moved, the others left.",
            CENTRAL,
        ),
        Mistake(
            "not_put_back",
            "        moved = np.zeros_like(w)\n",
            "        moved = np.zeros_like(w) if k == (0, 0) else moved\n",
            "The first entry is right; at each later one those before are still moved.",
            "Put an entry back before you move the next.",
            CENTRAL,
        ),
        Mistake(
            "own_eps",
            "moved[k] = eps\n        dw[k] = (f(w + moved) - f(w - moved)) / (2 * eps)",
            "moved[k] = 1e-4\n        dw[k] = (f(w + moved) - f(w - moved)) / 2e-4",
            "An argument has no effect on your answer: eps.",
            "Your step is fixed; here the step that is given is a large one.",
            CENTRAL,
        ),
        Mistake(
            "relative_step",
            "moved[k] = eps",
            "moved[k] = eps * w[k]",
            "Your step depends on the entry that is moved, your divisor does not.",
            "Each entry is moved by eps.",
            CENTRAL,
        ),
    ),
)

RECIPES = (NUMERIC_GRADIENT,)
