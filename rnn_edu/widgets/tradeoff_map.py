"""The trade-off map: models by what they can do and what they cost, as T grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import traitlets

from .base import TimeFigure, in_range, script, style

MOST, KINDS = 8, 4  # models, and kinds of them


class Measure(NamedTuple):
    """What was measured of each model at each length.

    values: (S, L, M), of S runs (seeds) at L lengths with M models; NaN where nothing was measured.
    unit: such as "ms". best: whether "high" or "low" values are wanted.
    """

    values: np.ndarray
    unit: str = ""
    best: Literal["high", "low"] = "low"


class TradeoffMap(TimeFigure):
    """A point for each model on two measures; move T, and see who is better where.

    A model beats another if its mean over the runs is no worse on both measures and better on one;
    "within the spread" if where it is better, the runs of the two overlap. Those that no model
    beats are joined by a line: each of them is somebody's best choice.
    lengths: the L values of T, rising. models: a kind for each name, such as "recurrent"; at most
    8 models of at most 4 kinds. measures: at least two, by name. They must come from a record:
    the figure's words hold them, and stored notebooks are checked by these.
    Its state is t (an index into lengths), x and y (names of measures; x may be "T", then each
    model is a curve) and model (an index, its path is drawn): Python can read and set them.
    Raises TypeError or ValueError naming the argument, TraitError for the state.
    """

    _esm = script("tradeoff_map.js")
    _css = style("tradeoff_map.css")

    x = traitlets.Unicode().tag(sync=True)
    y = traitlets.Unicode().tag(sync=True)
    model = traitlets.Int().tag(sync=True)

    lengths = traitlets.List(traitlets.Int()).tag(sync=True)
    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)  # of each model
    measures = traitlets.List().tag(sync=True)  # [name, unit, best] of each
    values = traitlets.List().tag(sync=True)  # mean, worst and best run: (measures, 3, L, M)

    def __init__(
        self,
        lengths: Sequence[int],
        models: Mapping[str, str],
        measures: Mapping[str, Measure],
        *,
        title: str = "what a model can do, and what it costs",
        **traits: Any,
    ) -> None:
        _check(lengths, models, measures)
        table = np.array([_mean_worst_best(m) for m in measures.values()])
        y, x, *_ = measures
        self.heights = 520 + 18 * len(models), 740 + 44 * len(models)
        super().__init__(
            steps=len(lengths),
            lengths=[int(T) for T in lengths],
            models=list(models),
            kinds=list(models.values()),
            measures=[[name, m.unit, m.best] for name, m in measures.items()],
            values=_listed(table),
            title=title,
            **{"t": len(lengths) - 1, "x": x, "y": y} | traits,
        )
        self.words = "\n".join([self.title, *_words(self, table)])

    @traitlets.validate("x")
    def _x_known(self, proposal: Any) -> str:
        return self._measure("x", proposal["value"], ["T"])

    @traitlets.validate("y")
    def _y_known(self, proposal: Any) -> str:
        return self._measure("y", proposal["value"], [])

    def _measure(self, axis: str, value: str, more: list[str]) -> str:
        known = [name for name, *_ in self.measures] + more
        if value not in known:
            raise traitlets.TraitError(f"{axis} must be one of {known}, got {value!r}")
        return value

    @traitlets.validate("model")
    def _model_in_range(self, proposal: Any) -> int:
        return in_range("model", proposal["value"], len(self.models))


def _check(
    lengths: Sequence[int], models: Mapping[str, str], measures: Mapping[str, Measure]
) -> None:
    if not len(lengths) or any(b <= a for a, b in pairwise([0, *lengths])):
        raise ValueError(f"lengths must rise from 1 or more, got {list(lengths)}")
    if not 1 <= len(models) <= MOST:
        raise ValueError(f"models must be 1 to {MOST}, got {len(models)}")
    if len(set(models.values())) > KINDS:
        raise ValueError(f"models must be of at most {KINDS} kinds, got {set(models.values())}")
    if len(measures) < 2 or "T" in measures:
        raise ValueError(f'measures must be two or more, none of them "T", got {list(measures)}')
    for name, measure in measures.items():
        if not isinstance(measure, Measure):
            raise TypeError(f"measures[{name!r}] must be a Measure, got {type(measure).__name__}")
        shape, expected = np.shape(measure.values), (len(lengths), len(models))
        if len(shape) != 3 or not shape[0] or shape[1:] != expected:
            raise ValueError(
                f"measures[{name!r}] must be (S, L={expected[0]}, M={expected[1]}), got {shape}"
            )
        if np.isinf(measure.values).any():
            raise ValueError(f"measures[{name!r}] must hold finite numbers or NaN, got infinity")
        if measure.best not in ("high", "low"):
            raise ValueError(
                f'measures[{name!r}].best must be "high" or "low", got {measure.best!r}'
            )


def _mean_worst_best(measure: Measure) -> list[np.ndarray]:
    """Over the runs, each (L, M); NaN where a run is missing."""
    a = np.asarray(measure.values, float)
    ends = [a.min(axis=0), a.max(axis=0)]
    return [a.mean(axis=0), *(ends if measure.best == "high" else reversed(ends))]


def _listed(a: np.ndarray) -> list[Any]:
    """As nested lists of six digits, None for NaN: what JSON can carry."""
    if a.ndim:
        return [_listed(row) for row in a]
    return None if np.isnan(a) else float(f"{a:.6g}")


def _words(figure: TradeoffMap, table: np.ndarray) -> list[str]:
    """What each model reaches at T, best first, and who is left if one looks at x and y."""
    T, known, lines = figure.lengths[figure.t], {}, []
    for (name, unit, best), (mean, *_) in zip(figure.measures, table, strict=True):
        row = known[name] = mean[figure.t] * (1 if best == "high" else -1)  # (M,): more is better
        order = [k for k in np.argsort(-row, kind="stable") if not np.isnan(row[k])]
        said = [f"{figure.models[k]} {mean[figure.t, k]:z.3g}" for k in order]
        what = f"{name} in {unit}" if unit else name
        lines.append(f"{what} at T = {T}, best first: {', '.join(said) or 'not measured'}")
    names = list(dict.fromkeys(name for name in (figure.y, figure.x) if name != "T"))
    rows = np.array([known[name] for name in names])  # (1 or 2, M)
    there = [k for k in range(len(figure.models)) if not np.isnan(rows[:, k]).any()]
    front = [
        figure.models[k] for k in there if not any(_beats(rows[:, j], rows[:, k]) for j in there)
    ]
    lines.append(f"on {' and '.join(names)} nothing beats: {', '.join(front) or 'not measured'}")
    return lines


def _beats(a: np.ndarray, b: np.ndarray) -> bool:
    return bool((a >= b).all() and (a > b).any())
