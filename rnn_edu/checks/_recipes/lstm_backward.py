"""A3: the LSTM's step, backwards."""

from __future__ import annotations

import numpy as np

from ...ops import Array, sigmoid
from .lstm import ORDER
from .recipe import ONE_SEQUENCE, Arguments, Mistake, Recipe

INTO_C = "dc_t = dc + dh * o * (1 - tanh(c)^2)"
GATES = "di = dc_t * g\ndf = dc_t * c_{t-1}\ndg = dc_t * i\ndo = dh * tanh(c)"
SLOPES = (
    "da_i = di * i (1 - i)\nda_f = df * f (1 - f)\nda_g = dg * (1 - g^2)\nda_o = do * o (1 - o)"
)
BACK = "dc_{t-1} = dc_t * f\ndh_{t-1} = da W_hh^T\ndx_t = da W_xh^T"
SUMS = "dW_xh = x_t^T da\ndW_hh = h_{t-1}^T da\ndb_h = sum_n da"


def lstm_backward(
    dh: Array,
    dc: Array,
    x_t: Array,
    h_prev: Array,
    c_prev: Array,
    i: Array,
    f: Array,
    g: Array,
    o: Array,
    c: Array,
    W_xh: Array,
    W_hh: Array,
) -> tuple[Array, ...]:
    tanh_c = np.tanh(c)
    dc_t = dc + dh * o * (1 - tanh_c**2)
    di, df, dg, do = dc_t * g, dc_t * c_prev, dc_t * i, dh * tanh_c
    da_i = di * i * (1 - i)
    da_f = df * f * (1 - f)
    da_g = dg * (1 - g**2)
    da_o = do * o * (1 - o)
    da = np.hstack([da_i, da_f, da_g, da_o])
    dW_xh, dW_hh, db_h = x_t.T @ da, h_prev.T @ da, da.sum(axis=0)
    return da @ W_xh.T, da @ W_hh.T, dc_t * f, dW_xh, dW_hh, db_h


def gates(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Gates between 0 and 1, and the cell state that they lead to."""
    i, f, o = (sigmoid(drawn[gate]) for gate in "ifo")
    g = np.tanh(drawn["g"])
    return {**drawn, "i": i, "f": f, "g": g, "o": o, "c": f * drawn["c_prev"] + i * g}


STATES = ("dh", "dc", "h_prev", "c_prev", "i", "f", "g", "o", "c")

LSTM_BACKWARD = Recipe(
    solve=lstm_backward,
    sizes={"N": 3, "D": 2, "H": 4},
    arguments={
        "dh": "N H",
        "dc": "N H",
        "x_t": "N D",
        **dict.fromkeys(STATES[2:], "N H"),
        "W_xh": "D i|f|g|o",
        "W_hh": "H i|f|g|o",
    },
    outputs={
        "dx_t": "N D",
        "dh_prev": "N H",
        "dc_prev": "N H",
        "dW_xh": "D i|f|g|o",
        "dW_hh": "H i|f|g|o",
        "db_h": "i|f|g|o",
    },
    equations=f"{INTO_C}\n{GATES}\n{SLOPES}\n{BACK}\n{SUMS}",
    prepare=gates,
    cases={"several sequences": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        Mistake(
            "dc_dropped",
            "dc + dh",
            "dh",
            "An argument has no effect on your answer: dc.",
            "The cell state reaches the loss by two ways: through h_t, and through c_{t+1}.",
            INTO_C,
        ),
        Mistake(
            "dh_not_in_dc",
            "dc + dh * o * (1 - tanh_c**2)",
            "dc",
            "The gradient of h does not reach the cell state.",
            "The cell state reaches the loss by two ways: through c_{t+1}, and through h_t.",
            INTO_C,
        ),
        Mistake(
            "output_gate_forgotten",
            "dh * o *",
            "dh *",
            "On the way from h to c one factor is missing.",
            "h = o * tanh(c): differentiate it by c.",
            INTO_C,
        ),
        Mistake(
            "tanh_forgotten",
            "dh * o * (1 - tanh_c**2)",
            "dh * o",
            "On the way from h to c one factor is missing.",
            "h = o * tanh(c): what is the slope of tanh?",
            INTO_C,
        ),
        Mistake(
            "slope_not_squared",
            "tanh_c**2",
            "tanh_c",
            "The slope of tanh on the way from h to c is wrong.",
            "tanh' written with tanh(c) contains a square.",
            INTO_C,
        ),
        Mistake(
            "slope_of_c",
            "1 - tanh_c**2",
            "1 - c**2",
            "The slope of tanh on the way from h to c is wrong.",
            "The square in the slope is that of tanh(c), not of c.",
            INTO_C,
        ),
        Mistake(
            "i_and_g_exchanged",
            "dc_t * g, dc_t * c_prev, dc_t * i",
            "dc_t * i, dc_t * c_prev, dc_t * g",
            "Two gates get each other's gradient: those of the product that is written.",
            "Differentiate i * g by i: what is left?",
            GATES,
        ),
        Mistake(
            "forget_with_new_cell",
            "dc_t * c_prev",
            "dc_t * c",
            "The forget gate is paired with the wrong cell state.",
            "What did f multiply in the step?",
            GATES,
        ),
        Mistake(
            "output_from_dc",
            "dh * tanh_c\n",
            "dc_t * tanh_c\n",
            "The output gate gets the wrong gradient.",
            "o stands in the equation of h alone.",
            GATES,
        ),
        Mistake(
            "output_not_squashed",
            "dh * tanh_c\n",
            "dh * c\n",
            "The output gate gets the wrong gradient.",
            "What did o multiply in the step: c or tanh(c)?",
            GATES,
        ),
        Mistake(
            "input_slope_missing",
            "di * i * (1 - i)",
            "di",
            "The gradient passes a gate as if its sigmoid were not there: the input gate.",
            "Look at the step from di to da_i.",
            SLOPES,
        ),
        Mistake(
            "forget_slope_missing",
            "df * f * (1 - f)",
            "df",
            "The gradient passes a gate as if its sigmoid were not there: the forget gate.",
            "Look at the step from df to da_f.",
            SLOPES,
        ),
        Mistake(
            "output_slope_missing",
            "do * o * (1 - o)",
            "do",
            "The gradient passes a gate as if its sigmoid were not there: the output gate.",
            "Look at the step from do to da_o.",
            SLOPES,
        ),
        Mistake(
            "candidate_slope_missing",
            "dg * (1 - g**2)",
            "dg",
            "The gradient passes the candidate as if its tanh were not there.",
            "Look at the step from dg to da_g.",
            SLOPES,
        ),
        Mistake(
            "candidate_sigmoid_slope",
            "dg * (1 - g**2)",
            "dg * g * (1 - g)",
            "The candidate has the slope of a gate.",
            "g is a tanh, not a sigmoid.",
            SLOPES,
        ),
        Mistake(
            "cell_kept_whole",
            "dc_t * f, dW",
            "dc_t, dW",
            "The gradient of the cell goes back as if nothing had been forgotten.",
            "Differentiate c_t by c_{t-1}.",
            BACK,
        ),
        Mistake(
            "cell_through_input_gate",
            "dc_t * f, dW",
            "dc_t * i, dW",
            "The gradient of the cell goes back through the wrong gate.",
            "Differentiate c_t by c_{t-1}.",
            BACK,
        ),
        Mistake(
            "dc_prev_without_dh",
            "dc_t * f, dW",
            "dc * f, dW",
            "dc_prev misses what came through h.",
            "Look at which gradient of c goes through the forget gate: the argument or the sum?",
            BACK,
        ),
        Mistake(
            "order_ifog",
            "[da_i, da_f, da_g, da_o]",
            "[da_i, da_f, da_o, da_g]",
            "Two gates are exchanged: the candidate and the output gate.",
            "Some courses stack i, f, o, g; here the order is another.",
            ORDER,
        ),
        Mistake(
            "dW_hh_with_c",
            "h_prev.T @ da",
            "c_prev.T @ da",
            "dW_hh pairs the gradient with the wrong state.",
            "Which of the two states did W_hh multiply?",
            "dW_hh = h_{t-1}^T da",
        ),
        Mistake(
            "db_h_mean",
            "da.sum(axis=0)",
            "da.mean(axis=0)",
            "db_h is too small by a constant factor.",
            "The bias was added to each of the N rows: their gradients are added.",
            "db_h = sum_n da",
        ),
    ),
)

RECIPES = (LSTM_BACKWARD,)
