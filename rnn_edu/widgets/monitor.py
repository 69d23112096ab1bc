"""The training monitor: loss, metric, gradient norm and a sample of the output, while it trains."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets
from IPython import get_ipython
from IPython.display import display

from .base import TimeFigure, pack, script, style

POINTS = 1000  # at most so many are drawn and stored, each the mean of its updates
PAUSE = 0.2  # seconds between messages to the page, at least
SHARE = 100  # what takes a second is not done again for so many: 1 % for looks, 1 % for messages


class Monitor(TimeFigure):
    """Shows a training as it goes: pass it to `fit` as `on_update`.

    It appears below its cell at the first update, five times a second it is brought up to date,
    and what stays in the notebook is its last state. Afterwards the cursor t goes back in time.

    total: how many updates are to come. metric: what evaluate measures, one word.
    evaluate: called as f(model), returns a number. sample: called as f(model), returns a text.
    every: updates between two such looks at the model, a twentieth of total if None. After the
    first, a look waits while looks would take over 1 % of the time, but for the last one, and in
    strict runs (RNN_EDU_STRICT=1), where none waits and the figure appears when the cell ends.
    Raises ValueError naming the argument.
    """

    _esm = script("monitor.js")
    _css = style("monitor.css")

    total = traitlets.Int().tag(sync=True)
    stride = traitlets.Int().tag(sync=True)  # updates per point
    metric = traitlets.Unicode().tag(sync=True)
    losses = traitlets.Bytes().tag(sync=True)  # (points so far,)
    norms = traitlets.Bytes().tag(sync=True)  # (points so far,), or empty
    looks = traitlets.List().tag(sync=True)  # (update, score or None, sample or None)

    def __init__(
        self,
        total: int,
        *,
        metric: str = "metric",
        evaluate: Callable[[Any], float] | None = None,
        sample: Callable[[Any], str] | None = None,
        every: int | None = None,
        title: str = "training",
        **traits: Any,
    ) -> None:
        for name, value in (("total", total), ("every", 1 if every is None else every)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        self._evaluate, self._sample = evaluate, sample
        self._every = every or math.ceil(total / 20)
        self._loss, self._norm, self._looks = [], [], []
        self._looking, self._telling = _Sparing(), _Sparing(PAUSE)
        self._shown: Any = None  # the handle of the output, True in a strict run
        stride = math.ceil(total / POINTS)
        super().__init__(
            total=total,
            stride=stride,
            steps=math.ceil(total / stride),
            metric=metric,
            title=title,
            words=f"{title}: no update of {total} yet",
            **traits,
        )
        self.heights = (552, 680) if sample else (450, 530)

    def __call__(
        self, update: int, loss: float, model: Any, grad_norm: float | None = None
    ) -> None:
        """One update has happened; update 1 starts anew.

        Raises ValueError if update is not the next one or past total, or a number is not finite.
        """
        if update == 1:
            self._loss, self._norm, self._looks = [], [], []
        if update > self.total:
            raise ValueError(f"update must be at most total = {self.total}, got {update}")
        if update != len(self._loss) + 1:
            raise ValueError(f"update must be {len(self._loss) + 1}, the next one, got {update}")
        self._loss.append(_finite("loss", loss, update))
        if grad_norm is not None:
            self._norm.append(_finite("grad_norm", grad_norm, update))
        last, strict = update == self.total, os.environ.get("RNN_EDU_STRICT") == "1"
        if last or update % self._every == 0:
            self._looking(lambda: self._look(update, model), now=last or strict)
        if self._shown is None:
            self._appear(strict)
        if last or not strict:
            self._telling(self._tell, now=last)

    def _look(self, update: int, model: Any) -> None:
        score = None if self._evaluate is None else self._evaluate(model)
        text = None if self._sample is None else str(self._sample(model))
        if score is not None:
            score = _finite(self.metric, score, update)
        if score is not None or text is not None:
            self._looks.append((update, score, text))

    def _tell(self) -> None:
        with self.hold_sync():  # one message
            self.losses = pack("loss", _means(self._loss, self.stride))
            self.norms = pack("grad_norm", _means(self._norm, self.stride))
            self.looks = list(self._looks)
            self.words = self._words()

    def _words(self) -> str:
        """Coarse, since a training differs a little between machines."""
        done, few = len(self._loss), max(1, len(self._loss) // 20)
        start, end = np.mean(self._loss[:few]), np.mean(self._loss[-few:])
        text = f"{self.title}: {done} of {self.total} updates, loss {start:z.1f} to {end:z.1f}"
        scores = [score for _, score, _ in self._looks if score is not None]
        return text + (f", {self.metric} {scores[-1]:z.1f} at the end" if scores else "")

    def _appear(self, strict: bool) -> None:
        if (shell := get_ipython()) is None:
            return
        self._shown = strict or display(self, display_id=True)

        def finish(result: Any) -> None:
            """When the cell ends, however it ends, its output becomes the last state."""
            shell.events.unregister("post_run_cell", finish)
            self._tell()
            self.t = max(0, math.ceil(len(self._loss) / self.stride) - 1)
            display(self) if strict else self._shown.update(self)
            self._shown = None

        shell.events.register("post_run_cell", finish)


class _Sparing:
    """Calls `do`, but not before SHARE times what the last call took, or `pause`, is over."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause, self.next = pause, 0.0

    def __call__(self, do: Callable[[], None], *, now: bool) -> None:
        start = time.perf_counter()
        if now or start >= self.next:
            do()
            end = time.perf_counter()
            self.next = end + max(self.pause, SHARE * (end - start))


def _finite(name: str, value: float, update: int) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value} at update {update}")
    return float(value)


def _means(values: list[float], stride: int) -> np.ndarray:
    """The mean of each `stride` values: (ceil(len / stride),)."""
    starts = np.arange(0, len(values), stride)
    counts = np.diff(np.append(starts, len(values)))
    return np.add.reduceat(np.array(values, float), starts) / counts
