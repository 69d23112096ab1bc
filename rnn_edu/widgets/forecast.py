"""The forecast: a trained network runs ahead of a series from any origin, beside two rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .base import TimeFigure, pack, script, style
from .letters import CELLS, MOST_BYTES


class Forecast(TimeFigure):
    """A many-to-many network, run by the page: move the origin and the horizon, and see the error.

    At origin o the network reads the `past` numbers before it, D a step, as (v - mean) / scale, and
    answers K numbers y: the forecast is v_{o-1} + scale y, all from one state. Beside it stand "no
    change" and the number `period` places before.

    network: anything with a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, K),
    `b_y` (K,). values: (T,), the series. dates: a label for each. past: how many numbers it reads,
    a multiple of D. mean, scale: see above. period: at most past. radius: (K,), how far to each
    side its interval reaches. level: the share of truths that the interval promises to hold.
    unit: what the numbers are. step: what one place of the series is, as a word ("month").
    Its state is t, the origin, 0 the first that has a past, T - past - K the last whose whole
    future is known; and horizon, 1..K: Python can set them.
    Raises TypeError or ValueError naming the argument, TraitError for the state.
    """

    _esm = script("forecast.js")
    _css = style("forecast.css")
    heights = (640, 780)

    horizon = traitlets.Int(1, min=1).tag(sync=True)

    K = traitlets.Int().tag(sync=True)
    past = traitlets.Int().tag(sync=True)
    period = traitlets.Int().tag(sync=True)
    mean = traitlets.Float().tag(sync=True)
    scale = traitlets.Float().tag(sync=True)
    level = traitlets.Float().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    step = traitlets.Unicode().tag(sync=True)
    dates = traitlets.List(traitlets.Unicode()).tag(sync=True)
    values = traitlets.Bytes().tag(sync=True)  # (T,)
    radius = traitlets.Bytes().tag(sync=True)  # (K,)
    cell = traitlets.Enum(CELLS).tag(sync=True)
    arrays = traitlets.List().tag(sync=True)  # [name, size] of each in weights
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        network: Any,
        values: np.ndarray,
        *,
        dates: Sequence[str],
        past: int,
        period: int,
        radius: np.ndarray,
        level: float = 0.9,
        mean: float = 0.0,
        scale: float = 1.0,
        unit: str = "value",
        step: str = "step",
        title: str = "",
        **traits: Any,
    ) -> None:
        kind = type(getattr(network, "cell", None)).__name__.removesuffix("Cell")
        if kind not in CELLS or not hasattr(network, "W_hy"):
            raise TypeError(
                "network must have an RNNCell, GRUCell or LSTMCell as .cell and a readout .W_hy,"
                f" got {type(network).__name__}"
            )
        D, (H, K) = network.cell.D, network.W_hy.shape
        _check(values, dates, past, period, radius, level, scale, D, K)
        arrays = {f.name: getattr(network.cell, f.name) for f in fields(network.cell)}
        arrays |= {"W_hy": network.W_hy, "b_y": network.b_y}
        weights = b"".join(pack(name, a) for name, a in arrays.items())
        if len(weights) > MOST_BYTES:
            raise ValueError(f"network must fit {MOST_BYTES} bytes of float32, got {len(weights)}")
        super().__init__(
            K=K,
            past=past,
            period=period,
            mean=mean,
            scale=scale,
            level=level,
            unit=unit,
            step=step,
            dates=[str(d) for d in dates],
            values=pack("values", values),
            radius=pack("radius", radius),
            cell=kind,
            arrays=[[name, a.size] for name, a in arrays.items()],
            weights=weights,
            title=title or f"{kind} of {H} units: {K} {step}s ahead",
            **{"steps": len(values) - past - K + 1, "horizon": K} | traits,
        )
        self._words(network, values, radius)

    @traitlets.validate("horizon")
    def _horizon_in_range(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= self.K:
            raise traitlets.TraitError(f"horizon must lie in 1..{self.K}, got {proposal['value']}")
        return proposal["value"]

    def _words(self, network: Any, values: np.ndarray, radius: np.ndarray) -> None:
        """The text alternative: the errors at the origin that is shown first."""
        o, h = self.past + self.t, self.horizon
        seen, truth = values[o - self.past : o], values[o : o + h]
        x = ((seen - self.mean) / self.scale).reshape(-1, 1, network.cell.D)
        state = record(network.cell, x.astype(network.cell.dtype)).h[-1, 0]
        ahead = (seen[-1] + self.scale * (state @ network.W_hy + network.b_y))[:h]
        season = seen[np.arange(h) % self.period - self.period]
        errors = [np.abs(f - truth).mean() for f in (ahead, seen[-1], season)]
        inside = int((np.abs(ahead - truth) <= radius[:h]).sum())
        self.words = "\n".join(
            [
                f"{self.title}: {self.steps} origins, from {self.dates[self.past]} on",
                f"from {self.dates[o]}, {h} ahead, mean error: network {errors[0]:.2f},"
                f" no change {errors[1]:.2f}, {self.period} before {errors[2]:.2f}",
                f"{inside} of {h} inside the {100 * self.level:.0f} % interval",
            ]
        )


def _check(values, dates, past, period, radius, level, scale, D, K) -> None:
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise TypeError(f"values must be a NumPy array (T,), got {np.shape(values)}")
    if len(values) < past + K:
        raise ValueError(f"values must be at least past + K = {past + K}, got {len(values)}")
    if len(dates) != len(values):
        raise ValueError(f"dates must be {len(values)}, one per value, got {len(dates)}")
    if past < 1 or past % D:
        raise ValueError(f"past must be a multiple of D={D}, got {past}")
    if not 1 <= period <= past:
        raise ValueError(f"period must lie in 1..{past}, got {period}")
    if np.shape(radius) != (K,):
        raise ValueError(f"radius must be (K={K},), got {np.shape(radius)}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    if not scale > 0:
        raise ValueError(f"scale must be above 0, got {scale}")
