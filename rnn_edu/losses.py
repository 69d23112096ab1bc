"""What the network is told: a number to make small, and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .ops import Array, check_array, check_integers, log_softmax


def cross_entropy(logits: Array, targets: Array, mask: Array | None = None) -> tuple[float, Array]:
    """-log softmax(logits)[target] in nats, averaged over the positions that count.

    logits: (..., K). targets: (...) integers in 0..K-1. mask: (...) booleans, True where the
    position counts; all count if None. Masked positions get a gradient of exactly zero.
    Returns (loss, dlogits), dlogits: (..., K).
    Raises TypeError or ValueError naming the argument; ValueError if no position counts.
    """
    logits = check_array("logits", logits, (*_axes(logits), "K"), finite=False)
    where = logits.shape[:-1]
    targets = check_integers("targets", targets, logits.shape[-1], where)
    weight = _weights(mask, where, logits.dtype)
    log_p = log_softmax(logits)
    at_target = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    dlogits = np.exp(log_p)
    np.put_along_axis(
        dlogits, targets[..., None], np.exp(at_target)[..., None] - 1, axis=-1
    )  # softmax - one_hot
    dlogits *= weight[..., None]
    return float(-(at_target * weight).sum()), dlogits


def mean_squared_error(y: Array, target: Array, mask: Array | None = None) -> tuple[float, Array]:
    """(y - target)^2, averaged over all numbers at the positions that count.

    y, target: (..., K). mask: (...) booleans, True where the position counts; all if None.
    Returns (loss, dy), dy: (..., K), zero where masked.
    Raises TypeError or ValueError naming the argument; ValueError if no position counts.
    """
    y = check_array("y", y, (*_axes(y), "K"), finite=False)
    target = check_array("target", target, y.shape, y.dtype)
    weight = _weights(mask, y.shape[:-1], y.dtype)[..., None] / y.shape[-1]
    error = y - target
    return float((error**2 * weight).sum()), 2 * error * weight


def _axes(a: Any) -> tuple[str, ...]:
    """A name for each axis but the last, at least one: N, or T and N, with dots for any before."""
    n = max(getattr(a, "ndim", 2) - 1, 1)
    return (*["..."] * (n - 2), *("T", "N")[-n:])


def _weights(mask: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """1 / (number of positions that count) where the mask is True, 0 elsewhere."""
    if mask is None:
        mask = np.ones(shape, bool)
    if not isinstance(mask, np.ndarray) or mask.dtype != bool:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(f"mask must be a boolean array {shape}, got {kind}")
    if mask.shape != shape:
        raise ValueError(f"mask must be {shape}, got {mask.shape}")
    if not mask.any():
        raise ValueError("mask must keep at least one position, got none")
    return mask.astype(dtype) / mask.sum().astype(dtype)
