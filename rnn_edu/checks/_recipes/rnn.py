"""A1: the simple recurrent cell and its loop."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import GENERAL, ONE_SEQUENCE, ONE_STEP, Mistake, Recipe
from .words import NO_BIAS, NO_RECURRENCE

STEP = "h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)"
WEIGHTS = {"W_xh": "D H", "W_hh": "H H", "b_h": "H"}


def rnn_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    a = x_t @ W_xh + h_prev @ W_hh + b_h
    return np.tanh(a)


CELL_MISTAKES = (  # of the line that the step and the loop share
    Mistake("no_bias", " + b_h", "", *NO_BIAS, STEP),
    Mistake(
        "bias_subtracted",
        "+ b_h",
        "- b_h",
        "One term of the sum inside tanh has the wrong sign.",
        "Look at the sign before b_h.",
        STEP,
    ),
    Mistake(
        "W_hh_transposed",
        "@ W_hh",
        "@ W_hh.T",
        "A matrix is used the other way round; as it is square, no shape complains.",
        "Look at the product with W_hh. Rows are examples here: the state stands on the left.",
        STEP,
    ),
    Mistake(
        "no_tanh",
        "np.tanh(",
        "(",
        "Your states leave the interval from -1 to 1.",
        "Something is missing after the sum: without it the network is linear.",
        STEP,
    ),
    Mistake(
        "sigmoid",
        "np.tanh(",
        "sigmoid(",
        "None of your states is negative.",
        "You squash the sum to 0..1; this cell squashes to -1..1.",
        STEP,
    ),
    Mistake(
        "relu",
        "np.tanh(",
        "np.maximum(0, ",
        "None of your states is negative, and some are above 1.",
        "A ReLU stands where this cell has another activation.",
        STEP,
    ),
)

RNN_STEP = Recipe(
    solve=rnn_step,
    sizes={"N": 3, "D": 2, "H": 5},
    arguments={"x_t": "N D", "h_prev": "N H", **WEIGHTS},
    outputs={"h": "N H"},
    equations=STEP,
    cases={"several sequences": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        *CELL_MISTAKES,
        Mistake("no_recurrence", " + h_prev @ W_hh", "", *NO_RECURRENCE, STEP),
        Mistake(
            "no_input",
            "x_t @ W_xh + ",
            "",
            "Your answer does not depend on the input.",
            "Look at the sum inside tanh, and where x_t enters it.",
            STEP,
        ),
        Mistake(
            "bias_outside",
            " + b_h\n    return np.tanh(a)",
            "\n    return np.tanh(a) + b_h",
            "Your states leave the interval from -1 to 1, though you take tanh.",
            "Something is added after tanh that belongs inside it.",
            STEP,
        ),
        Mistake(
            "state_added",
            "return ",
            "return h_prev + ",
            "Your new state contains the whole old one.",
            "The old state enters through W_hh alone; it is replaced, not added to.",
            STEP,
        ),
        Mistake(
            "tanh_of_state_alone",
            "h_prev @ W_hh + b_h\n    return np.tanh(a)",
            "np.tanh(h_prev @ W_hh + b_h)\n    return a",
            "Your states leave the interval from -1 to 1, though you take tanh.",
            "tanh is taken of a part of the sum; look at the brackets.",
            STEP,
        ),
    ),
)


def rnn_unroll(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h, h_t = [], h0
    for x_t in x:
        h_t = np.tanh(x_t @ W_xh + h_t @ W_hh + b_h)
        h.append(h_t)
    return np.stack(h)


LOOP = "h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h) for t = 1, ..., T; h_0 is given"

RNN_UNROLL = Recipe(
    solve=rnn_unroll,
    sizes={"T": 4, "N": 3, "D": 2, "H": 5},
    arguments={"x": "T N D", "h0": "N H", **WEIGHTS},
    outputs={"h": "T N H"},
    equations=LOOP,
    cases={GENERAL: {}, ONE_SEQUENCE: {"N": 1}, ONE_STEP: {"T": 1}},
    mistakes=(
        *CELL_MISTAKES,
        Mistake("no_recurrence", " + h_t @ W_hh", "", *NO_RECURRENCE, LOOP),
        Mistake(
            "starts_again",
            "h_t @ W_hh",
            "h0 @ W_hh",
            "The first step is right; after it the loop forgets what it has read.",
            "Which state enters the sum at step 2? Look at what you pass on.",
            LOOP,
        ),
        Mistake(
            "zero_start",
            "h_t = [], h0",
            "h_t = [], h0 * 0",
            "An argument has no effect on your answer: h0.",
            "Look at the state before the first turn of the loop.",
            "h_1 = tanh(x_1 W_xh + h_0 W_hh + b_h), and h_0 is the argument h0",
        ),
        Mistake(
            "last_state_everywhere",
            "np.stack(h)",
            "np.stack([h_t] * len(h))",
            "All your steps are the same state: the last one.",
            "Look at what you keep in each turn: one array that you overwrite, or a new one?",
            "the result holds h_1, h_2, ..., h_T",
        ),
        Mistake(
            "input_late",
            "for x_t in x:",
            "for x_t in np.concatenate([x[:1] * 0, x[:-1]]):",
            "Your loop hears each input one step late.",
            "Look at the index of x at step t.",
            LOOP,
        ),
        Mistake(
            "first_input_alone",
            "for x_t in x:",
            "for x_t in x[:1].repeat(len(x), 0):",
            "Your loop reads the first input again and again.",
            "Look at the index of x: it must move with the loop.",
            LOOP,
        ),
        Mistake(
            "backwards",
            "for x_t in x:",
            "for x_t in x[::-1]:",
            "Your loop reads the sequence from its end.",
            "Look at the order in which the loop takes the steps.",
            LOOP,
        ),
        Mistake(
            "states_before",
            "np.stack(h)",
            "np.stack([h0, *h[:-1]])",
            "Your result begins with h0, and the last state is missing.",
            "Do you keep the state before the step or after it?",
            "the result holds h_1, h_2, ..., h_T",
        ),
        Mistake(
            "first_sequence_serves_all",
            "h_t @ W_hh",
            "h_t[:1] @ W_hh",
            "With one sequence you are right; in a batch all share one memory.",
            "Look at the state that enters the product with W_hh: it has N rows.",
            LOOP,
        ),
        Mistake(
            "state_added",
            "np.tanh(x_t",
            "h_t + np.tanh(x_t",
            "Your states grow from step to step: each contains the sum of all before.",
            "The old state enters through W_hh alone; it is replaced, not added to.",
            LOOP,
        ),
        Mistake(
            "result_reversed",
            "np.stack(h)",
            "np.stack(h[::-1])",
            "The states are right and stand in the wrong order.",
            "Look at how you put the states together: the first step comes first.",
            "the result holds h_1, h_2, ..., h_T",
        ),
    ),
)

RECIPES = (RNN_STEP, RNN_UNROLL)
