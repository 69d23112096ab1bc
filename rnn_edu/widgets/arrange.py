"""What figures compute beforehand, in NumPy: an order of the units, a path, a colour range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GATES = ("i", "f", "o", "r", "z")  # in (0, 1): coloured from zero up; all others around zero


def colour_limits(name: str, runs: Sequence[np.ndarray]) -> list[float]:
    """The range of an array's colours: [0, 1] for a gate, else [-m, m] with m a whole number.

    name: "i", "layer 2 i"; its last word is what counts. runs: arrays of any shape.
    """
    if name.split()[-1] in GATES:
        return [0.0, 1.0]
    top = float(np.ceil(max(1.0, *(np.abs(a).max() for a in runs))))
    return [-top, top]


def similar_units(a: np.ndarray) -> list[int]:
    """Order the columns of a (T, H) so that neighbours move alike.

    By the Fiedler vector of the graph whose weights are (1 + correlation) / 2.
    Source: Atkins, Boman and Hendrickson (1998), "A spectral algorithm for seriation".
    """
    centred = a - a.mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    z = centred / np.where(norm > 0, norm, 1)
    weights = (1 + z.T @ z) / 2  # (H, H)
    laplacian = np.diag(weights.sum(axis=0)) - weights
    fiedler = np.linalg.eigh(laplacian)[1][:, 1 if a.shape[1] > 1 else 0]
    return np.argsort(fiedler * _sign(fiedler), kind="stable").tolist()


def main_paths(runs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each (T, H) of runs as a (T, 2) path along the two main components of all."""
    mean, axes, _ = main_axes(np.concatenate(runs))
    return [(a - mean) @ axes.T for a in runs]


def main_axes(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean (H,) of rows: (T, H), their two main components (2, H), and the share of each.

    Where there is one component (H = 1), the second is zeros. shares: (2,), of the variance.
    """
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean))
    axes = np.zeros((2, len(mean)))
    shares = np.zeros(2)
    for i, axis in enumerate(vectors.T[:-3:-1]):
        axes[i] = axis * _sign(axis)
        shares[i] = max(values[-1 - i], 0) / max(values.sum(), np.finfo(float).tiny)
    return mean, axes, shares


def _sign(v: np.ndarray) -> float:
    """+1 or -1: an eigenvector's sign is free, so its largest entry is made positive."""
    return 1.0 if v[np.abs(v).argmax()] >= 0 else -1.0
