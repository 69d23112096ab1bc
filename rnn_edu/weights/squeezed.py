"""Names of emoji, English to French, through one state: `translation` without attention."""

from functools import partial

from . import translation
from .translation import DTYPE, SEEDS, score

build = partial(translation.build, attention=False)
train = partial(translation.train, attention=False)

__all__ = ["DTYPE", "SEEDS", "build", "score", "train"]
