"""What `check` answers: a sentence to read, and the same as fields."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import NamedTuple

from .exercise import LEVELS

COLOURS = {True: "#1a7f5a", False: "#b35c00"}  # of the edge: seen on white and on black
CODE = ' style="font-family: monospace; margin-top: 0.3em"'


class Where(NamedTuple):
    """The place at which an answer first goes wrong, in the order in which it is computed."""

    case: str  # the label of the call
    outputs: tuple[str, ...]  # every wrong output of that call
    step: int | None  # the first wrong step of the first of them that has a time axis


@dataclass(frozen=True, repr=False)
class Verdict:
    """Correct, or what is wrong and where. As a boolean it is whether the answer is correct.

    kind: "correct", "exception", "not attempted", "shape", "type", "not finite", "mistake",
    "changes its arguments", "keeps something" or "wrong".
    says: what is wrong, one text a hint level. mistakes: the names of known mistakes.
    where: for "wrong", where it begins.
    """

    exercise: str
    kind: str
    says: tuple[str, ...]
    mistakes: tuple[str, ...] = ()
    where: Where | None = None
    level: int = 1

    def __bool__(self) -> bool:
        return self.kind == "correct"

    def hint(self, level: int) -> Verdict:
        """The same verdict, saying more: 1 what is wrong, 2 where to look, 3 the mathematics.

        Raises ValueError for another level.
        """
        if level not in range(1, LEVELS + 1):
            raise ValueError(f"level must be 1, 2 or 3, got {level!r}")
        return replace(self, level=level)

    @property
    def _status(self) -> str:
        return f"{self.exercise}: {'correct' if self else 'not yet'}."

    def _told(self) -> list[str]:
        told = list(self.says[: self.level])
        if not self and self.level < len(self.says):
            more = "where to look" if self.level == 1 else "the mathematics"
            told.append(f".hint({self.level + 1}) shows {more}.")
        return told

    def __repr__(self) -> str:
        told = "\n".join(self._told())
        return f"{self._status}\n{told}" if self else f"{self._status} {told}"

    def _repr_html_(self) -> str:
        said, *more = (html.escape(told).replace("\n", "<br>") for told in self._told())
        lines = [f"<strong>{self._status}</strong> {said}", *more]
        last = LEVELS - 1 if self.level == LEVELS else None  # the mathematics, if it is shown
        told = "".join(
            f"<div{CODE if k == last else ''}>{line}</div>" for k, line in enumerate(lines)
        )
        edge = f"border-left: 4px solid {COLOURS[bool(self)]}; padding: 0.2em 0.8em"
        style = f"{edge}; overflow-wrap: anywhere"
        return f'<div role="status" class="rnn-edu-verdict" style="{style}">{told}</div>'
