"""The quiz: multiple choice with a reason for each answer, and answers to predict before they show.

The right answers are computed by the notebook, so a changed experiment changes the quiz. That the
reasons still fit is for the notebook's own `claim` to say.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import traitlets

from .base import Figure, script, style


@dataclass(frozen=True)
class Question:
    """Multiple choice.

    text: the question. answers: each answer on offer with the reason why it is right or wrong.
    key: the right answer, or its index in answers, as the notebook computed it.
    Raises TypeError or ValueError naming the argument.
    """

    text: str
    answers: Mapping[str, str]
    key: str | int

    def __post_init__(self) -> None:
        _check_text("text", self.text)
        if len(self.answers) < 2:
            raise ValueError(f"answers must be at least 2, got {len(self.answers)}")
        for answer, reason in self.answers.items():
            _check_text("answers", answer)
            _check_text(f"answers[{answer!r}]", reason)
        key, on_offer = self.key, list(self.answers)
        if not isinstance(key, str):
            if isinstance(key, bool) or not hasattr(key, "__index__"):
                raise TypeError(f"key must be an answer or its index, got {key!r}")
            if not 0 <= operator.index(key) < len(on_offer):
                raise ValueError(f"key must lie in 0..{len(on_offer) - 1}, got {key}")
            key = on_offer[operator.index(key)]
        if key not in on_offer:
            raise ValueError(f"key must be one of {on_offer}, got {key!r}")
        object.__setattr__(self, "key", str(key))


@dataclass(frozen=True)
class Reveal:
    """Predict, then see: the answer shows beside a guess, never before it.

    text: the question. answer: a number or a text, as the notebook computed it.
    prompt: what stands before the field. unit: what stands after a number.
    digits: how many decimals of the answer show. span: (lo, hi) of a slider for the guess.
    explanation: what is said beside the answer.
    Raises TypeError or ValueError naming the argument.
    """

    text: str
    answer: float | str
    prompt: str = "your guess"
    unit: str = ""
    digits: int = 0
    span: tuple[float, float] | None = None
    explanation: str = ""

    def __post_init__(self) -> None:
        _check_text("text", self.text)
        _check_text("prompt", self.prompt)
        if isinstance(self.answer, str):
            _check_text("answer", self.answer)
            if self.unit or self.span:
                raise ValueError(f"unit and span go with a number, got answer {self.answer!r}")
            return
        if not math.isfinite(value := float(self.answer)):
            raise ValueError(f"answer must be finite, got {value}")
        if self.span and not self.span[0] <= value <= self.span[1] > self.span[0]:
            raise ValueError(f"span must hold the answer, {value:g}, got {self.span}")
        object.__setattr__(self, "answer", float(f"{value:.{self.digits}f}"))


class Quiz(Figure):
    """Questions, one below the other; a reason for each answer, and a score.

    questions: each a Question or a Reveal. In their texts `code` stands between backticks.
    seed: the order in which answers are offered.
    Its state is tries: for each question the answers or the guess given so far, first one first.
    Raises TypeError or ValueError naming the argument.
    """

    _esm = script("quiz.js")
    _css = style("quiz.css")

    items = traitlets.List().tag(sync=True)
    tries = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)

    def __init__(
        self, *questions: Question | Reveal, title: str = "Quiz", seed: int = 0, **traits: Any
    ) -> None:
        if not questions or not all(isinstance(q, Question | Reveal) for q in questions):
            kinds = [type(q).__name__ for q in questions]
            raise TypeError(f"questions must be Question or Reveal, at least one, got {kinds}")
        items = [dict(vars(question)) for question in questions]
        for item in items:
            if "key" in item:
                item["answers"] = _shuffled(item["answers"], seed)
        self.heights = _height(items, 80, 40), _height(items, 37, 37)
        traits = {"tries": [[] for _ in items]} | traits
        super().__init__(title=title, items=items, words=_words(title, items), **traits)

    @traitlets.validate("tries")
    def _tries_fit(self, proposal: Any) -> list[list[str]]:
        tries, n = proposal["value"], len(self.items)
        if len(tries) != n:
            raise traitlets.TraitError(f"tries must be {n} lists, got {len(tries)}")
        for item, given in zip(self.items, tries, strict=True):
            if not all(_fits(item, text) for text in given):
                raise traitlets.TraitError(f"tries at {item['text']!r} must fit it, got {given}")
        return tries


def _shuffled(answers: Mapping[str, str], seed: int) -> list[tuple[str, str]]:
    """By a digest: an order that has nothing to do with the key, the same on every machine."""
    return sorted(answers.items(), key=lambda a: sha256(f"{seed}{a[0]}".encode()).digest())


def _fits(item: dict[str, Any], given: str) -> bool:
    """Whether a try is an answer on offer, or a number where one is asked for."""
    if "key" in item:
        return given in dict(item["answers"])
    try:
        return isinstance(item["answer"], str) or math.isfinite(float(given))
    except ValueError:
        return False


def _words(title: str, items: list[dict[str, Any]]) -> str:
    """The questions and the answers on offer, and nothing of what is right."""
    lines = [title]
    for i, item in enumerate(items, start=1):
        lines.append(f"{i}. {item['text']}")
        lines += [f"   - {answer}" for answer, _ in item.get("answers", ())]
        if "key" not in item:
            lines.append(f"   {item['prompt']}: ... {item['unit']}".rstrip())
    return "\n".join(lines)


def _height(items: list[dict[str, Any]], line: int, column: int) -> int:
    """Pixels of a quiz with `line` letters to a question's line and `column` to an answer's."""
    total, join = 105, max if line > column else sum
    for item in items:
        left = [32 + 36 * bool(item.get("span"))]
        right = [50 + len(item.get("explanation", ""))]
        if "key" in item:
            left = [12 + 20 * -(-len(answer) // (column - 8)) for answer, _ in item["answers"]]
            right = [len(reason) + 7 for _, reason in item["answers"]]
        total += 36 + 20 * -(-len(item["text"]) // line)
        total += join([sum(left), 16 + 20 * -(-max(right) // column)])
    return total


def _check_text(name: str, text: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")
    if not text.strip():
        raise ValueError(f"{name} must say something, got {text!r}")
