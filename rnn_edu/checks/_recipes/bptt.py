"""A2: backpropagation through time."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import GENERAL, ONE_SEQUENCE, ONE_STEP, Arguments, Mistake, Recipe
from .rnn import rnn_unroll

LOCAL = "da_t = dh_t * (1 - h_t^2)"
CARRIED = "dh_t = dh[t] + da_{t+1} W_hh^T"
SUMS = "dW_xh = sum_t x_t^T da_t\ndW_hh = sum_t h_{t-1}^T da_t\ndb_h = sum_t sum_n da_t"


def bptt(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> tuple[Array, ...]:
    dx, dW_xh, dW_hh = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h, dh_next = np.zeros(len(W_hh)), np.zeros_like(h0)
    for t in reversed(range(len(x))):
        h_prev = h[t - 1] if t > 0 else h0
        dh_t = dh[t] + dh_next
        da = dh_t * (1 - h[t] ** 2)
        dW_xh += x[t].T @ da
        dW_hh += h_prev.T @ da
        db_h += da.sum(axis=0)
        dx[t] = da @ W_xh.T
        dh_next = da @ W_hh.T
    return dx, dh_next, dW_xh, dW_hh, db_h


def forward(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """The states that the arguments lead to; a student is given them."""
    weights = drawn["W_xh"], drawn["W_hh"]
    h = rnn_unroll(drawn["x"], drawn["h0"], *weights, 0.7 * rng.normal(size=len(weights[1])))
    return {**drawn, "h": h}


BPTT = Recipe(
    solve=bptt,
    sizes={"T": 4, "N": 3, "D": 2, "H": 5},
    arguments={
        "dh": "T N H",
        "x": "T N D",
        "h0": "N H",
        "h": "T N H",
        "W_xh": "D H",
        "W_hh": "H H",
    },
    outputs={"dx": "-T N D", "dh0": "N H", "dW_xh": "D H", "dW_hh": "H H", "db_h": "H"},
    equations=f"{CARRIED}\n{LOCAL}\ndx_t = da_t W_xh^T\ndh0 = da_1 W_hh^T\n{SUMS}",
    prepare=forward,
    cases={GENERAL: {}, ONE_SEQUENCE: {"N": 1}, ONE_STEP: {"T": 1}},
    mistakes=(
        Mistake(
            "no_slope",
            "dh_t * (1 - h[t] ** 2)",
            "dh_t",
            "The gradient passes your activation as if it were not there.",
            "Look at the step from dh_t to da: which factor does tanh contribute?",
            LOCAL,
        ),
        Mistake(
            "slope_not_squared",
            "h[t] ** 2",
            "h[t]",
            "The slope of tanh is wrong: yours can be above 1.",
            "tanh' written with h = tanh(a) contains a square.",
            LOCAL,
        ),
        Mistake(
            "slope_before",
            "(1 - h[t] ** 2)",
            "(1 - h_prev ** 2)",
            "The slope of tanh is taken at the wrong time.",
            "Is it the state before the step or the one that tanh gave?",
            LOCAL,
        ),
        Mistake(
            "sigmoid_slope",
            "(1 - h[t] ** 2)",
            "h[t] * (1 - h[t])",
            "The slope that you use belongs to another activation.",
            "h (1 - h) is the slope of the sigmoid; this cell has tanh.",
            LOCAL,
        ),
        Mistake(
            "slope_of_tanh_twice",
            "h[t] ** 2",
            "np.tanh(h[t]) ** 2",
            "The slope of tanh is taken of a number that has passed tanh already.",
            "h holds tanh(a), not a.",
            LOCAL,
        ),
        Mistake(
            "nothing_carried",
            "dh[t] + dh_next",
            "dh[t]",
            "Each step hears its own error alone: no gradient comes from later steps.",
            "Look at dh_t: what does h_t do besides leaving the loop at t?",
            CARRIED,
        ),
        Mistake(
            "last_error_alone",
            "dh[t] + dh_next",
            "dh_next + (dh[t] if t == len(x) - 1 else 0)",
            "Only the error at the last step is used.",
            "dh has T entries; look at which of them enter dh_t.",
            CARRIED,
        ),
        Mistake(
            "W_hh_not_transposed",
            "@ W_hh.T",
            "@ W_hh",
            "A matrix is used the other way round; as it is square, no shape complains.",
            "Look at how the gradient goes from step t to step t-1.",
            "dh_{t-1} gets da_t W_hh^T",
        ),
        Mistake(
            "carried_past_tanh",
            "dh_next = da @",
            "dh_next = dh_t @",
            "The gradient that goes to the step before has not passed tanh.",
            "Look at what you multiply with W_hh^T: dh_t or da?",
            "dh_{t-1} gets da_t W_hh^T",
        ),
        Mistake(
            "carried_piles_up",
            "dh_next = da",
            "dh_next = dh_next + da",
            "What is carried to the step before is counted again at every step.",
            "dh_next is replaced in each turn; what it held has been used.",
            CARRIED,
        ),
        Mistake(
            "forward_in_time",
            "reversed(range(len(x)))",
            "range(len(x))",
            "Your loop runs from the first step to the last.",
            "A gradient comes from later steps: those must be done before.",
            CARRIED,
        ),
        Mistake(
            "dW_hh_with_h_t",
            "h_prev.T @ da",
            "h[t].T @ da",
            "dW_hh pairs the gradient with the wrong state.",
            "W_hh multiplied the state before the step.",
            "dW_hh = sum_t h_{t-1}^T da_t",
        ),
        Mistake(
            "first_state_zero",
            "else h0\n",
            "else h0 * 0\n",
            "The first step is missing from dW_hh.",
            "Which state stood before step 1?",
            "dW_hh = h_0^T da_1 + h_1^T da_2 + ..., and h_0 is the argument h0",
        ),
        Mistake(
            "index_wraps",
            "h[t - 1] if t > 0 else h0",
            "h[t - 1]",
            "The first step is paired with the last state.",
            "What is h[t - 1] for t = 0? In Python, h[-1] is the end of the array.",
            "dW_hh = h_0^T da_1 + h_1^T da_2 + ..., and h_0 is the argument h0",
        ),
        Mistake(
            "dW_xh_with_dh",
            "x[t].T @ da",
            "x[t].T @ dh_t",
            "The gradient in dW_xh has not passed tanh.",
            "Look at what you pair with x_t: dh_t or da?",
            "dW_xh = sum_t x_t^T da_t",
        ),
        Mistake(
            "input_late",
            "x[t].T",
            "x[t - 1].T",
            "dW_xh pairs each gradient with the input of another step.",
            "W_xh multiplied the input of the step itself.",
            "dW_xh = sum_t x_t^T da_t",
        ),
        Mistake(
            "dW_hh_overwritten",
            "dW_hh += ",
            "dW_hh = ",
            "dW_hh holds the term of a single step.",
            "The same matrix served every step: how do T terms come together?",
            "dW_hh = sum_t h_{t-1}^T da_t",
        ),
        Mistake(
            "dW_xh_overwritten",
            "dW_xh += ",
            "dW_xh = ",
            "dW_xh holds the term of a single step.",
            "The same matrix served every step: how do T terms come together?",
            "dW_xh = sum_t x_t^T da_t",
        ),
        Mistake(
            "db_h_overwritten",
            "db_h += ",
            "db_h = ",
            "db_h holds the term of a single step.",
            "The same bias served every step: how do T terms come together?",
            "db_h = sum_t sum_n da_t",
        ),
        Mistake(
            "all_overwritten",
            "dW_xh += x[t].T @ da\n        dW_hh += h_prev.T @ da\n        db_h += ",
            "dW_xh = x[t].T @ da\n        dW_hh = h_prev.T @ da\n        db_h = ",
            "Your three weight gradients hold the terms of a single step.",
            "The same weights served every step: how do T terms come together?",
            SUMS,
        ),
        Mistake(
            "averaged_over_time",
            "return dx, dh_next, dW_xh, dW_hh, db_h",
            "return dx, dh_next, *(g / len(x) for g in (dW_xh, dW_hh, db_h))",
            "Your weight gradients are all too small by the same factor.",
            "The terms of the steps are added. Is anything divided by T?",
            SUMS,
        ),
        Mistake(
            "averaged_over_batch",
            "return dx, dh_next, dW_xh, dW_hh, db_h",
            "return dx, dh_next, *(g / x.shape[1] for g in (dW_xh, dW_hh, db_h))",
            "With one sequence you are right; in a batch your weight gradients are too small.",
            "The mean over the batch belongs to the loss and is in dh already.",
            SUMS,
        ),
        Mistake(
            "db_h_mean",
            "da.sum(axis=0)",
            "da.mean(axis=0)",
            "db_h is too small by a constant factor.",
            "The bias was added to each of the N rows: their gradients are added.",
            "db_h = sum_t sum_n da_t",
        ),
        Mistake(
            "dh0_one_step_short",
            "return dx, dh_next,",
            "return dx, dh_t,",
            "dh0 stops one step too late: it is the gradient of h_1.",
            "From step 1 there is one more product to go.",
            "dh0 = da_1 W_hh^T",
        ),
        Mistake(
            "dx_past_tanh",
            "dx[t] = da @",
            "dx[t] = dh_t @",
            "The gradient in dx has not passed tanh.",
            "Look at what you multiply with W_xh^T: dh_t or da?",
            "dx_t = da_t W_xh^T",
        ),
    ),
)

RECIPES = (BPTT,)
