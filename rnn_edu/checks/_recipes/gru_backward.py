"""A3: the GRU's step, backwards."""

from __future__ import annotations

import numpy as np

from ...ops import Array, sigmoid
from .gru import CASES, ORDER
from .recipe import Arguments, Mistake, Recipe

SHARES = "dn = dh * (1 - z)\ndz = dh * (h_{t-1} - n)"
SLOPES = "da_n = dn * (1 - n^2)\nda_r = dr * r (1 - r)\nda_z = dz * z (1 - z)"
RESET = "n = tanh(a_xn + r * hn):  dr = da_n * hn\ndhn = da_n * r"
BACK = "dh_{t-1} = dh * z + [da_r, da_z, dhn] W_hh^T\ndx_t = [da_r, da_z, da_n] W_xh^T"
SUMS = (
    "dW_xh = x_t^T [da_r, da_z, da_n]\ndW_hh = h_{t-1}^T [da_r, da_z, dhn]\n"
    "db_h = sum_n [da_r, da_z, da_n]\ndb_hn = sum_n dhn"
)


def gru_backward(
    dh: Array,
    x_t: Array,
    h_prev: Array,
    r: Array,
    z: Array,
    n: Array,
    hn: Array,
    W_xh: Array,
    W_hh: Array,
) -> tuple[Array, ...]:
    dn, dz = dh * (1 - z), dh * (h_prev - n)
    da_n = dn * (1 - n**2)
    dr = da_n * hn
    da_r, da_z, dhn = dr * r * (1 - r), dz * z * (1 - z), da_n * r
    da = np.hstack([da_r, da_z, da_n])
    da_h = np.hstack([da_r, da_z, dhn])
    dx_t = da @ W_xh.T
    dh_prev = dh * z + da_h @ W_hh.T
    dW_xh, dW_hh = x_t.T @ da, h_prev.T @ da_h
    return dx_t, dh_prev, dW_xh, dW_hh, da.sum(axis=0), dhn.sum(axis=0)


def gates(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Gates between 0 and 1, a candidate between -1 and 1."""
    return {
        **drawn,
        "r": sigmoid(drawn["r"]),
        "z": sigmoid(drawn["z"]),
        "n": np.tanh(drawn["n"]),
    }


GRU_BACKWARD = Recipe(
    solve=gru_backward,
    sizes={"N": 3, "D": 2, "H": 4},
    arguments={
        "dh": "N H",
        "x_t": "N D",
        **dict.fromkeys(("h_prev", "r", "z", "n", "hn"), "N H"),
        "W_xh": "D r|z|n",
        "W_hh": "H r|z|n",
    },
    outputs={
        "dx_t": "N D",
        "dh_prev": "N H",
        "dW_xh": "D r|z|n",
        "dW_hh": "H r|z|n",
        "db_h": "r|z|n",
        "db_hn": "H",
    },
    equations=f"{SHARES}\n{SLOPES}\n{RESET}\n{BACK}\n{SUMS}",
    prepare=gates,
    cases=CASES,
    mistakes=(
        Mistake(
            "z_takes_new",
            "dh * (1 - z), dh * (h_prev - n)",
            "dh * z, dh * (n - h_prev)",
            "Your gradients belong to a cell in which z takes the new state.",
            "Textbooks differ: here, as in torch, z keeps the old state.",
            SHARES,
        ),
        Mistake(
            "candidate_through_z",
            "dh * (1 - z)",
            "dh * z",
            "The candidate gets the share of the old state.",
            "Differentiate h by n.",
            SHARES,
        ),
        Mistake(
            "dz_sign",
            "h_prev - n",
            "n - h_prev",
            "The update gate gets a gradient of the wrong sign.",
            "Differentiate (1 - z) * n + z * h_prev by z.",
            SHARES,
        ),
        Mistake(
            "dz_without_candidate",
            "dh * (h_prev - n)",
            "dh * h_prev",
            "The update gate gets one of its two terms.",
            "z stands twice in the equation of h.",
            SHARES,
        ),
        Mistake(
            "candidate_slope_missing",
            "dn * (1 - n**2)",
            "dn",
            "The gradient passes the candidate as if its tanh were not there.",
            "Look at the step from dn to da_n.",
            SLOPES,
        ),
        Mistake(
            "slope_not_squared",
            "n**2",
            "n",
            "The slope of the candidate's tanh is wrong.",
            "tanh' written with n = tanh(a) contains a square.",
            SLOPES,
        ),
        Mistake(
            "reset_from_dn",
            "dr = da_n",
            "dr = dn",
            "The gradient of the reset gate has not passed the candidate's tanh.",
            "r stands inside tanh.",
            RESET,
        ),
        Mistake(
            "reset_with_h_prev",
            "da_n * hn",
            "da_n * h_prev",
            "The reset gate is paired with the wrong array.",
            "What did r multiply in the step: the state, or what W_hn made of it?",
            RESET,
        ),
        Mistake(
            "reset_slope_missing",
            "dr * r * (1 - r)",
            "dr",
            "The gradient passes a gate as if its sigmoid were not there: the reset gate.",
            "Look at the step from dr to da_r.",
            SLOPES,
        ),
        Mistake(
            "update_slope_missing",
            "dz * z * (1 - z)",
            "dz",
            "The gradient passes a gate as if its sigmoid were not there: the update gate.",
            "Look at the step from dz to da_z.",
            SLOPES,
        ),
        Mistake(
            "reset_ignored",
            "da_n * r\n",
            "da_n\n",
            "On the way back to the state the reset gate is left out.",
            "Only r times h W_hn entered the candidate.",
            RESET,
        ),
        Mistake(
            "order_zrn",
            "[da_r, da_z, da_n])\n    da_h = np.hstack([da_r, da_z, dhn])",
            "[da_z, da_r, da_n])\n    da_h = np.hstack([da_z, da_r, dhn])",
            "Two gates are exchanged.",
            "Some libraries stack z, r, n; here the order is another.",
            ORDER,
        ),
        Mistake(
            "dW_hh_as_dW_xh",
            "h_prev.T @ da_h",
            "h_prev.T @ da",
            "dW_hh is wrong for one of the three gates.",
            "The candidate's part of h W_hh was scaled before it was added.",
            SUMS,
        ),
        Mistake(
            "db_hn_as_db_h",
            "dhn.sum(axis=0)",
            "da_n.sum(axis=0)",
            "db_hn is wrong: it is that of the other bias.",
            "b_hn stands inside the brackets that r scales.",
            SUMS,
        ),
        Mistake(
            "nothing_kept",
            "dh * z + ",
            "",
            "One way back to the old state is missing.",
            "h_prev reaches h by two ways: through the gates, and directly.",
            BACK,
        ),
        Mistake(
            "dh_prev_kept_whole",
            "dh * z +",
            "dh +",
            "The direct way back to the old state is too wide.",
            "How much of the old state was kept?",
            BACK,
        ),
        Mistake(
            "dh_prev_as_dx",
            "da_h @ W_hh.T",
            "da @ W_hh.T",
            "dh_prev leaves the reset gate out.",
            "Through W_hh the gradients of h W_hh go back, not those of x W_xh.",
            BACK,
        ),
        Mistake(
            "dx_as_dh_prev",
            "da @ W_xh.T",
            "da_h @ W_xh.T",
            "dx_t is scaled by the reset gate.",
            "The input entered the candidate whole.",
            BACK,
        ),
        Mistake(
            "db_h_mean",
            "da.sum(axis=0)",
            "da.mean(axis=0)",
            "db_h is too small by a constant factor.",
            "The bias was added to each of the N rows: their gradients are added.",
            SUMS,
        ),
    ),
)

RECIPES = (GRU_BACKWARD,)
