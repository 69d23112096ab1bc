"""Numbers that a text carries along, and how closely units follow one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Count(NamedTuple):
    """A number that a text carries along, 0 before its first letter: `Count("(", ")")(text)`.

    A letter of `reset` makes it 0, one of `up` adds 1, one of `down` takes 1, never below 0; one
    that is in both opens or closes: it makes 1 of 0, and 0 of all else. leading: only the letters
    of `up` right behind a reset count, up to the first other one, as for indentation.
    """

    up: str
    down: str = ""
    reset: str = ""
    leading: bool = False

    def __call__(self, text: str) -> np.ndarray:
        """(T,): the number after each letter of a text."""
        value, counting, values = 0, True, []
        for letter in text:
            if letter in self.reset:
                value, counting = 0, True
            elif letter in self.up and letter in self.down:
                value = int(value == 0)
            elif letter in self.up and counting:
                value += 1
            elif letter in self.down:
                value = max(value - 1, 0)
            elif self.leading:
                counting = False
            values.append(value)
        return np.array(values, float)


def correlations(h: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(H,): Pearson's r of each column of h: (T, H) with v: (T,); 0 where one does not vary."""
    a, b = h - h.mean(axis=0), v - v.mean()
    size = np.linalg.norm(a, axis=0) * np.linalg.norm(b)
    return b @ a / np.where(size > 0, size, np.inf)
