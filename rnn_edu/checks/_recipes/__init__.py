"""The exercises as their authors write them: for `make` and for the tests, not for students.

A student's release leaves this package out: what `check` needs ships as numbers.
"""

from __future__ import annotations

from . import (
    attention,
    bptt,
    drawing,
    forecast,
    gradcheck,
    gru,
    gru_backward,
    loss,
    lstm,
    lstm_backward,
    masks,
    metrics,
    rnn,
    sampling,
    series,
)
from .recipe import Recipe

MODULES = (
    rnn,
    bptt,
    gradcheck,
    lstm,
    lstm_backward,
    gru,
    gru_backward,
    sampling,
    drawing,
    masks,
    loss,
    metrics,
    forecast,
    series,
    attention,
)
RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for module in MODULES for recipe in module.RECIPES
}
