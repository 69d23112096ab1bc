"""A3: the LSTM's step."""

from __future__ import annotations

import numpy as np

from ...ops import Array, sigmoid
from .recipe import ONE_SEQUENCE, Mistake, Recipe
from .words import NO_BIAS, NO_RECURRENCE

SUM = "a = x_t W_xh + h_{t-1} W_hh + b_h, cut into a_i, a_f, a_g, a_o"
GATES = "i = sigmoid(a_i)\nf = sigmoid(a_f)\ng = tanh(a_g)\no = sigmoid(a_o)"
CELL = "c_t = f * c_{t-1} + i * g"
OUTPUT = "h_t = o * tanh(c_t)"
ORDER = "the columns of W_xh, W_hh and b_h hold the gates in the order i, f, g, o"
WEIGHTS = {"W_xh": "D i|f|g|o", "W_hh": "H i|f|g|o", "b_h": "i|f|g|o"}


def lstm_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> tuple[Array, Array]:
    a = x_t @ W_xh + h_prev @ W_hh + b_h
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def other_order(order: str) -> tuple[str, str]:
    """The replacement that reads the gates in another order."""
    names = ", ".join(f"a_{gate}" for gate in order)
    return "a_i, a_f, a_g, a_o = np", f"{names} = np"


LSTM_STEP = Recipe(
    solve=lstm_step,
    sizes={"N": 3, "D": 2, "H": 4},
    arguments={"x_t": "N D", "h_prev": "N H", "c_prev": "N H", **WEIGHTS},
    outputs={"h": "N H", "c": "N H"},
    equations=f"{SUM}\n{GATES}\n{CELL}\n{OUTPUT}",
    cases={"several sequences": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        Mistake("no_bias", " + b_h", "", *NO_BIAS, SUM),
        Mistake("no_recurrence", " + h_prev @ W_hh", "", *NO_RECURRENCE, SUM),
        Mistake(
            "order_ifog",
            *other_order("ifog"),
            "Two gates are exchanged: the candidate and the output gate.",
            "Some courses stack i, f, o, g; here the order is another.",
            ORDER,
        ),
        Mistake(
            "order_figo",
            *other_order("figo"),
            "Two gates are exchanged: one opens where the other should.",
            "Which gate guards what is kept, which one what is written?",
            f"{ORDER}\n{CELL}",
        ),
        Mistake(
            "order_iofg",
            *other_order("iofg"),
            "Three gates stand in each other's place.",
            "Look at the order in which you cut the columns.",
            ORDER,
        ),
        Mistake(
            "candidate_sigmoid",
            "np.tanh(a_g)",
            "sigmoid(a_g)",
            "Your cell can only be written to with positive numbers.",
            "Look at the activation of the candidate g.",
            GATES,
        ),
        Mistake(
            "forget_gate_open",
            "f * c_prev",
            "c_prev",
            "Your cell never forgets.",
            "Look at what is kept of c_prev.",
            CELL,
        ),
        Mistake(
            "forget_gate_coupled",
            "f * c_prev",
            "(1 - i) * c_prev",
            "Your cell forgets exactly what it writes over: the forget gate is not used.",
            "Look at what is kept of c_prev. The LSTM has a gate for it.",
            CELL,
        ),
        Mistake(
            "input_gate_open",
            "i * g",
            "g",
            "Your cell writes all that comes.",
            "Look at what is added to the cell: which gate guards it?",
            CELL,
        ),
        Mistake(
            "keeps_h",
            "f * c_prev",
            "f * h_prev",
            "Your cell keeps the wrong one of the two states.",
            "Look at what the forget gate multiplies.",
            CELL,
        ),
        Mistake(
            "written_with_minus",
            "+ i * g",
            "- i * g",
            "What should be added to the cell is taken from it.",
            "Look at the sign between the two terms of c.",
            CELL,
        ),
        Mistake(
            "cell_squashed",
            "f * c_prev + i * g",
            "np.tanh(f * c_prev + i * g)",
            "Your cell state never leaves -1..1; the LSTM's can grow.",
            "tanh stands on the way from c to h, not on the way from c to the next c.",
            f"{CELL}\n{OUTPUT}",
        ),
        Mistake(
            "output_not_squashed",
            "o * np.tanh(c)",
            "o * c",
            "c is right, h is not: it can be larger than 1.",
            "Something happens to c before the output gate multiplies it.",
            OUTPUT,
        ),
        Mistake(
            "shows_old_cell",
            "np.tanh(c)",
            "np.tanh(c_prev)",
            "c is right, but h shows the cell as it was before the step.",
            "Look at which cell state goes into h.",
            OUTPUT,
        ),
        Mistake(
            "output_gate_open",
            "o * np.tanh(c)",
            "np.tanh(c)",
            "c is right, h is not: all of the cell is shown.",
            "Which gate guards what leaves the cell?",
            OUTPUT,
        ),
        Mistake(
            "output_gate_tanh",
            "sigmoid(a_o)",
            "np.tanh(a_o)",
            "c is right, but your output gate can turn the sign of what it shows.",
            "Look at the activation of o: a gate lies between 0 and 1.",
            GATES,
        ),
        Mistake(
            "forget_bias_added",
            "sigmoid(a_f)",
            "sigmoid(a_f + 1)",
            "Your forget gate is too far open.",
            "A forget bias of 1 belongs to the initial b_h, not to the equation.",
            GATES,
        ),
        Mistake(
            "h_and_c_exchanged",
            "return h, c",
            "return c, h",
            "Both arrays are right and stand in the wrong order.",
            "Look at what you return.",
            "the result is (h, c): first what is shown, then what is kept",
        ),
    ),
)

RECIPES = (LSTM_STEP,)
