"""Is the gradient right? Compare it with what a small step does to the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np


class GradientError(AssertionError):
    """A gradient disagrees with the loss; the message names the parameter and the place."""


def check_grads(
    loss: Callable[[Any], float],
    params: Any,
    grads: Any,
    *,
    tol: float = 1e-7,
    eps: float = 1e-5,
) -> float:
    """Compare each gradient with (loss(p + eps) - loss(p - eps)) / (2 eps), entry by entry.

    loss: called as loss(params), returns a float. params: a cell, a (nested) dataclass of float64
    arrays, a dict or a tuple of them; each entry is moved and put back.
    grads: the same names and shapes.
    Returns the largest relative error |a - n| / (|a| + |n|), norms taken over one parameter.
    Raises GradientError naming every parameter whose error exceeds tol and its worst entry,
    TypeError for float32 (its rounding hides real errors), ValueError where shapes differ.
    """
    for name, value in (("tol", tol), ("eps", eps)):
        if not isinstance(value, Real) or not 0 < value < np.inf:
            raise ValueError(f"{name} must be a finite number above 0, got {value!r}")
    analytic = dict(_arrays("grads", grads))
    worst, wrong = 0.0, []
    numbers = list(_arrays("params", params))
    if not numbers:
        raise ValueError("params must hold an array, got none")
    for name, p in numbers:
        if p.dtype != np.float64:
            raise TypeError(f"{name} must be float64 for a numeric gradient, got {p.dtype}")
        if name not in analytic:
            raise ValueError(f"grads must hold {name}, got {', '.join(analytic) or 'nothing'}")
        a = np.asarray(analytic[name])
        if a.shape != p.shape:
            raise ValueError(f"the gradient of {name} must be {p.shape}, got {a.shape}")
        n = _numeric(loss, params, p, eps)
        with np.errstate(invalid="ignore"):  # a NaN or inf anywhere makes the error NaN
            difference, scale = a - n, np.linalg.norm(a) + np.linalg.norm(n)
            error = float(np.linalg.norm(difference) / scale) if scale != 0 else 0.0
        if not error <= tol:  # also where it is NaN: argmax takes it for the largest
            at = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(difference)), a.shape))
            wrong.append(
                f"{name}: relative error {error:.1e} (at most {tol:.0e});"
                f" at {at} the gradient says {a[at]:.6g}, the loss says {n[at]:.6g}"
            )
        worst = max(worst, error)
    if wrong:
        raise GradientError("\n".join(wrong))
    return worst


def _numeric(loss: Callable[[Any], float], params: Any, p: np.ndarray, eps: float) -> np.ndarray:
    n = np.empty_like(p)
    for at in np.ndindex(p.shape):
        kept = p[at]
        try:
            p[at] = kept + eps
            above = loss(params)
            p[at] = kept - eps
            n[at] = (above - loss(params)) / (2 * eps)
        finally:
            p[at] = kept
    return n


def _arrays(whole: str, tree: Any, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """(path, array) for each array inside; whole: what to call the argument."""
    if isinstance(tree, tuple):
        tree = {str(k): value for k, value in enumerate(tree)}
    if isinstance(tree, type) or not (isinstance(tree, Mapping) or hasattr(tree, "__dict__")):
        raise TypeError(
            f"{whole} must hold arrays in dataclasses, dicts or tuples, got {type(tree).__name__}"
        )
    for name, value in (tree if isinstance(tree, Mapping) else vars(tree)).items():
        if isinstance(value, np.ndarray):
            yield prefix + name, value
        else:
            yield from _arrays(whole, value, f"{prefix}{name}.")
