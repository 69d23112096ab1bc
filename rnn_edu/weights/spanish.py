"""Names of emoji, English to Spanish: the recipe of `translation` in another language."""

from functools import partial

from . import translation
from .translation import DTYPE, SEEDS

build = partial(translation.build, language="es")
train = partial(translation.train, language="es")
score = partial(translation.score, language="es")

__all__ = ["DTYPE", "SEEDS", "build", "score", "train"]
