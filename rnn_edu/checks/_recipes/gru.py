"""A3: the GRU's step."""

from __future__ import annotations

import numpy as np

from ...ops import Array, sigmoid
from .recipe import ONE_SEQUENCE, Mistake, Recipe
from .words import NO_BIAS

GATES = "r = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)\nz = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)"
CANDIDATE = "n = tanh(x_t W_xn + b_n + r * (h_{t-1} W_hn + b_hn))"
STATE = "h_t = (1 - z) * n + z * h_{t-1}"
ORDER = "the columns of W_xh, W_hh and b_h hold the gates in the order r, z, n"
WEIGHTS = {"W_xh": "D r|z|n", "W_hh": "H r|z|n", "b_h": "r|z|n", "b_hn": "H"}
CASES = {"several sequences": {}, ONE_SEQUENCE: {"N": 1}}


def gru_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, b_hn: Array) -> Array:
    x_r, x_z, x_n = np.split(x_t @ W_xh + b_h, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_hn))
    return (1 - z) * n + z * h_prev


GRU_STEP = Recipe(
    solve=gru_step,
    sizes={"N": 3, "D": 2, "H": 4},
    arguments={"x_t": "N D", "h_prev": "N H", **WEIGHTS},
    outputs={"h": "N H"},
    equations=f"{GATES}\n{CANDIDATE}\n{STATE}",
    cases=CASES,
    mistakes=(
        Mistake("no_bias", " + b_h,", ",", *NO_BIAS, f"{GATES}\n{CANDIDATE}"),
        Mistake(
            "no_b_hn",
            "(h_n + b_hn)",
            "h_n",
            "An argument has no effect on your answer: b_hn.",
            "The candidate has a second bias, on the side of the state.",
            CANDIDATE,
        ),
        Mistake(
            "b_hn_outside",
            "r * (h_n + b_hn)",
            "r * h_n + b_hn",
            "The reset gate misses one of the two terms that it should scale.",
            "Look at the brackets behind r.",
            CANDIDATE,
        ),
        Mistake(
            "z_takes_new",
            "(1 - z) * n + z * h_prev",
            "z * n + (1 - z) * h_prev",
            "Your update gate does the opposite: what it should keep it replaces.",
            "Textbooks differ: here, as in torch, z keeps the old state.",
            STATE,
        ),
        Mistake(
            "reset_before_product",
            "r * (h_n + b_hn)",
            "(r * h_prev) @ W_hh[:, 2 * len(b_hn) :] + b_hn",
            "The reset gate acts on the state; here it acts on what W_hn made of it.",
            "Cho et al. scale h before the product; here, as in torch, r scales the product.",
            CANDIDATE,
        ),
        Mistake(
            "reset_unused",
            "r * (h_n",
            "(h_n",
            "Your reset gate has no effect.",
            "Look at how the past enters the candidate.",
            CANDIDATE,
        ),
        Mistake(
            "reset_is_update",
            "r * (h_n",
            "z * (h_n",
            "The wrong gate decides how much of the past enters the candidate.",
            "One gate stands in the candidate, the other in the new state.",
            f"{CANDIDATE}\n{STATE}",
        ),
        Mistake(
            "reset_scales_input",
            "x_n + r * (h_n + b_hn)",
            "r * (x_n + h_n + b_hn)",
            "Your reset gate scales the input as well.",
            "Look at the brackets behind r: the input enters the candidate whole.",
            CANDIDATE,
        ),
        Mistake(
            "order_zrn",
            "x_r, x_z, x_n = np.split(x_t @ W_xh + b_h, 3, axis=1)\n    h_r, h_z, h_n =",
            "x_z, x_r, x_n = np.split(x_t @ W_xh + b_h, 3, axis=1)\n    h_z, h_r, h_n =",
            "Two gates are exchanged.",
            "Some libraries stack z, r, n; here the order is another.",
            ORDER,
        ),
        Mistake(
            "candidate_sigmoid",
            "np.tanh(x_n",
            "sigmoid(x_n",
            "Your candidate is never negative.",
            "Look at the activation of n.",
            CANDIDATE,
        ),
        Mistake(
            "candidate_linear",
            "np.tanh(x_n",
            "(x_n",
            "Your candidate leaves the interval from -1 to 1.",
            "Look at the activation of n.",
            CANDIDATE,
        ),
        Mistake(
            "nothing_kept",
            " + z * h_prev",
            "",
            "Your new state holds the candidate alone.",
            "What happens to the old state where z is open?",
            STATE,
        ),
        Mistake(
            "candidate_whole",
            "(1 - z) * n",
            "n",
            "Your new state can leave the interval between the old state and the candidate.",
            "The two shares must add up to 1.",
            STATE,
        ),
    ),
)

RECIPES = (GRU_STEP,)
