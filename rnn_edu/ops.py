"""Small shared operations: activations, one-hot rows, checks, walks over parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from numbers import Real
from typing import Any

import numpy as np

Array = np.ndarray
State = tuple[Array, ...]
LARGEST = 2**31 - 1  # of a size that is asked for: more is a slip, and in no memory


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), written with tanh so that no a overflows.

    a: (...). Returns (...), values in [0, 1]: far from a = 0 they round to the ends.
    """
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def log_softmax(logits: Array) -> Array:
    """log(exp(y_k) / sum_j exp(y_j)) over the last axis; the largest y is subtracted first.

    logits: (..., K). Returns (..., K).
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(logits: Array) -> Array:
    """exp(y_k) / sum_j exp(y_j) over the last axis.

    logits: (..., K). Returns (..., K), each row sums to 1.
    """
    return np.exp(log_softmax(logits))


def one_hot(index: Array, size: int, dtype: Any = np.float64) -> Array:
    """Rows of zeros with a single one.

    index: (...) integers, each in 0..size-1. Returns (..., size).
    Raises TypeError for non-integers, ValueError for an index out of range.
    """
    check_size("size", size)
    index = check_integers("index", index, size)
    out = np.zeros((*index.shape, size), dtype)
    np.put_along_axis(out, index[..., None], 1, axis=-1)
    return out


# --- checks: each error names the argument, what came, and what was expected ---------------


def check_array(
    name: str,
    a: Any,
    shape: Sequence[int | str | tuple[str, int]],
    dtype: Any = None,
    *,
    finite: bool = True,
) -> Array:
    """Return `a` as a floating array of `shape`, cast to `dtype` if one is given.

    shape: one entry per axis: a letter ("T") allows any length from 1, a pair ("D", 4) or a
    number demands it. finite: False lets NaN and infinity through, for what a model computed
    itself (parameters, logits, gradients): there they belong in the loss, and `fit` says at which
    update they came. Raises TypeError for a wrong type, ValueError for a wrong shape or NaN.
    """
    expected = ", ".join(s if isinstance(s, str) else _named(s) for s in shape)
    expected = f"({expected},)" if len(shape) == 1 else f"({expected})"
    if type(a) not in (np.ndarray, np.memmap):  # a masked array would lose its mask
        raise TypeError(f"{name} must be a NumPy array {expected}, got {type(a).__name__}")
    if not np.issubdtype(a.dtype, np.floating):
        raise TypeError(f"{name} must hold floats {expected}, got dtype {a.dtype}")
    sizes = [None if isinstance(s, str) else s[1] if isinstance(s, tuple) else s for s in shape]
    fits = a.ndim == len(sizes) and all(
        n == want if want is not None else n > 0 for n, want in zip(a.shape, sizes, strict=True)
    )
    if not fits:
        raise ValueError(f"{name} must be {expected}, got {a.shape}")
    if finite and not np.isfinite(a).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        raise ValueError(f"{name} must be finite, got {a[bad]} at {bad}")
    return a if dtype is None else a.astype(dtype, copy=False)


def _named(entry: int | tuple[str, int]) -> str:
    return f"{entry[0]}={entry[1]}" if isinstance(entry, tuple) else str(entry)


def check_integers(
    name: str, a: Any, size: int, shape: tuple[int, ...] | None = None, least: int = 0
) -> Array:
    """Return `a` as an integer array, each value in least..size-1, of `shape` if one is given."""
    a = np.asarray(a)
    if not np.issubdtype(a.dtype, np.integer):
        raise TypeError(f"{name} must hold integers, got dtype {a.dtype}")
    if shape is not None and a.shape != shape:
        raise ValueError(f"{name} must be {shape}, got {a.shape}")
    if a.size and not (least <= a.min() and a.max() < size):
        raise ValueError(f"{name} must lie in {least}..{size - 1}, got {a.min()}..{a.max()}")
    return a.astype(int, copy=False)  # of unsigned ones, a difference would be another type


def check_tokens(name: str, a: Any, axes: Sequence[str | int], size: int = LARGEST) -> Array:
    """Return `a` as integers in 0..size-1, with as many axes as are named, none of them empty."""
    a = check_integers(name, a, size)
    if a.ndim != len(axes) or not a.size:
        end = "," if len(axes) == 1 else ""
        raise ValueError(f"{name} must be ({', '.join(map(str, axes))}{end}), got {a.shape}")
    return a


def mask_of(lengths: Array | None, T: int, N: int) -> Array:
    """True up to each sequence's end, False on the padding behind it: (T, N).

    lengths: (N,) integers in 1..T; T each if None. Raises TypeError or ValueError.
    """
    check_size("T", T)
    check_size("N", N)
    lengths = np.full(N, T) if lengths is None else lengths
    return np.arange(T)[:, None] < check_integers("lengths", lengths, T + 1, (N,), least=1)


def shuffled(N: int, size: int, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    """Which sequences each batch takes: all N once an epoch, in a new random order.

    Yields (size,) integers in 0..N-1; the last batch of an epoch may be smaller.
    """
    for name, value in (("N", N), ("size", size), ("epochs", epochs)):
        check_size(name, value)
    check_rng(rng)
    for _ in range(epochs):
        order = rng.permutation(N)
        yield from (order[start : start + size] for start in range(0, N, size))


def check_size(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is an integer of at least 1, and not beyond any memory."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
    if value > LARGEST:
        raise ValueError(f"{name} must be an integer of at most {LARGEST}, got {value}")


def check_number(name: str, value: Any) -> None:
    """Raise TypeError unless `value` is one real number."""
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")


def check_dtype(dtype: Any) -> None:
    """Raise TypeError unless `dtype` is float32 or float64."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = dtype
    if found not in (np.float32, np.float64):
        raise TypeError(f"dtype must be float32 or float64, got {found}")


def check_type(name: str, value: Any, kind: type) -> None:
    """Raise TypeError unless `value` is a `kind`."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, got {type(value).__name__}")


def check_rng(rng: Any) -> None:
    """Raise TypeError unless `rng` is a NumPy generator: a seed is not one."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {type(rng).__name__}")


# --- parameters: arrays, held by dataclasses and tuples, seen as one set ----------------------


def leaves(params: Any, prefix: str = "params") -> Iterator[tuple[str, Array]]:
    """Yield (name, array) for each array of a cell, a dataclass or a tuple of them, in order.

    Names are paths: "cell.W_xh", "layers.0.W_hh". A part may be None: there is nothing in it.
    Raises TypeError for anything else inside.
    """
    if params is None:
        return
    if isinstance(params, np.ndarray):
        yield prefix, params
        return
    within = "" if prefix == "params" else f"{prefix}."
    for name, value in _parts(params):
        yield from leaves(value, within + name)


def map_params(f: Callable[..., Array], *params: Any) -> Any:
    """Apply f to matching arrays of parameters of one structure; returns that structure."""
    first = params[0]
    if any(type(p) is not type(first) for p in params):
        names = ", ".join(type(p).__name__ for p in params)
        raise TypeError(f"params and grads must be of one type, got {names}")
    if first is None:
        return None
    if isinstance(first, np.ndarray):
        if any(p.shape != first.shape for p in params):
            shapes = ", ".join(str(p.shape) for p in params)
            raise ValueError(f"params and grads must be of one shape, got {shapes}")
        return f(*params)
    parts = zip(*([value for _, value in _parts(p)] for p in params), strict=True)
    mapped = [map_params(f, *values) for values in parts]
    return tuple(mapped) if isinstance(first, tuple) else type(first)(*mapped)


def _parts(params: Any) -> list[tuple[str, Any]]:
    if isinstance(params, tuple):
        return [(str(k), value) for k, value in enumerate(params)]
    if is_dataclass(params) and not isinstance(params, type):
        return [(field.name, getattr(params, field.name)) for field in fields(params)]
    raise TypeError(f"params must be arrays in dataclasses or tuples, got {type(params).__name__}")
