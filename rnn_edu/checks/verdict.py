"""What `check` answers: a sentence to read, and the same as fields."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import NamedTuple

from .exercise import LEVELS

COLOURS = {True: "#1a7f5a", False: "#b35c00"}


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

    def _lines(self) -> list[str]:
        if self:
            return [f"{self.exercise}: correct.", *self.says]
        shown = [f"{self.exercise}: not yet. {self.says[0]}", *self.says[1 : self.level]]
        if self.level < len(self.says):
            more = "where to look" if self.level == 1 else "the mathematics"
            shown.append(f".hint({self.level + 1}) shows {more}.")
        return shown

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        first, *rest = (html.escape(line).replace("\n", "<br>") for line in self._lines())
        below = "".join(f"<div>{line}</div>" for line in rest)
        edge = f"border-left: 4px solid {COLOURS[bool(self)]}; padding: 0.2em 0.8em"
        return f'<div role="status" style="{edge}"><strong>{first}</strong>{below}</div>'
