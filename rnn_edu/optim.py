"""From gradients to better parameters. Nothing changes in place: parameters in, parameters out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .ops import check_number, check_type, leaves, map_params


def clip_by_global_norm(grads: Any, max_norm: float) -> tuple[Any, float]:
    """Scale all gradients by one factor so that their joint length is at most max_norm.

    grads: a cell or a dataclass of arrays. Returns (grads, norm before clipping). The direction
    stays: clipping each array on its own would turn it.
    Source: Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1.
    """
    check_number("max_norm", max_norm)
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, got {max_norm}")
    norm = float(np.sqrt(sum(float(np.vdot(g, g)) for _, g in leaves(grads))))
    if norm <= max_norm:
        return grads, norm
    return map_params(lambda g: g * g.dtype.type(max_norm / norm), grads), norm


@dataclass(frozen=True)
class SGD:
    """v <- momentum * v + grad,  p <- p - lr * v"""

    lr: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        _check_rates(self.lr, momentum=self.momentum)

    def init(self, params: Any) -> Any:
        """The state before the first update: a velocity of zero for each parameter."""
        return map_params(np.zeros_like, params)

    def update(self, params: Any, grads: Any, state: Any) -> tuple[Any, Any]:
        """One update. params, grads, state: dataclasses of one type. Returns (params, state)."""
        velocity = map_params(lambda v, g: self.momentum * v + g, state, grads)
        return map_params(lambda p, v: p - float(self.lr) * v, params, velocity), velocity


class AdamState(NamedTuple):
    """Running means of the gradients and of their squares, and the number of updates so far."""

    mean: Any
    square: Any
    count: int


@dataclass(frozen=True)
class Adam:
    """p <- p - lr * m / (sqrt(v) + eps), m and v running means of grad and grad^2, bias-corrected.

    Source: Kingma and Ba, ICLR 2015, algorithm 1.
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _check_rates(self.lr, beta1=self.beta1, beta2=self.beta2)
        check_number("eps", self.eps)
        if not self.eps >= 0:
            raise ValueError(f"eps must be at least 0, got {self.eps}")

    def init(self, params: Any) -> AdamState:
        """The state before the first update."""
        return AdamState(map_params(np.zeros_like, params), map_params(np.zeros_like, params), 0)

    def update(self, params: Any, grads: Any, state: AdamState) -> tuple[Any, AdamState]:
        """One update. params, grads: dataclasses of one type. Returns (params, state)."""
        check_type("state", state, AdamState)
        b1, b2, count = self.beta1, self.beta2, state.count + 1
        mean = map_params(lambda m, g: b1 * m + (1 - b1) * g, state.mean, grads)
        square = map_params(lambda v, g: b2 * v + (1 - b2) * g * g, state.square, grads)
        fix1, fix2 = 1 - b1**count, 1 - b2**count

        def moved(p: Any, m: Any, v: Any) -> Any:
            return p - float(self.lr) * (m / fix1) / (np.sqrt(v / fix2) + self.eps)

        return map_params(moved, params, mean, square), AdamState(mean, square, count)


def _check_rates(lr: float, **decays: float) -> None:
    check_number("lr", lr)
    if not 0 < lr < float("inf"):
        raise ValueError(f"lr must be finite and above 0, got {lr}")
    for name, value in decays.items():
        check_number(name, value)
        if not 0 <= value < 1:
            raise ValueError(f"{name} must lie in [0, 1), got {value}")
