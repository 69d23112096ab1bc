"""Ways to spoil an argument: for a value that a function takes, many that it should not.

`corrupted(value)` looks at what the value is and yields a `Bad` for each way. Nothing is drawn: the
same value is spoiled in the same ways each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np
import torch

from rnn_edu.data import Adding
from rnn_edu.train import Batch, Pairs

Shape = tuple[int, ...]
HUGE = 10**18  # bytes that no machine has
WRITTEN_BY_CALLERS = (Adding, Batch, Pairs)  # records; others come from the package as they are


class Bad(NamedTuple):
    """A value to call with, and what must hold."""

    how: str
    value: Any
    shape: Callable[[Shape], Shape] | None = None  # of results, from the good ones; None: any
    same: bool = False  # it says what the good value says: so must the results
    other: bool = False  # the error may be about another argument, which this one no longer fits
    part: str = ""  # the name of what is spoiled within the argument


def corrupted(value: Any) -> Iterator[Bad]:
    """What to call with in the place of a good value.

    Nothing in the place of a function, since Python says itself that 3 is not callable, nor of a
    flag, since everything is true or false.
    """
    if isinstance(value, np.ndarray):
        yield from _arrays(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Bad("NumPy's integer", np.int64(value), same=True)
        yield Bad("a float", float(value), same=True)
        yield from _others(0, -1, HUGE, True, value + 0.5, np.nan, str(value), None, [value])
    elif isinstance(value, float):
        yield Bad("NumPy's float", np.float64(value), same=True)
        yield from _others(0.0, -1.0, np.nan, np.inf, -np.inf, str(value), None, [value])
    elif isinstance(value, str):
        yield from _others("", "no such word \N{SNOWMAN}", value.encode(), 3, None, [value])
    elif isinstance(value, np.random.Generator):
        yield from _others(None, 0, np.random.RandomState(0), np.random, np.random.default_rng)
    elif type(value) in (tuple, list):
        yield from _sequences(value)
    elif isinstance(value, WRITTEN_BY_CALLERS):
        for name, part in value._asdict().items():
            for bad in corrupted(part):
                yield bad._replace(value=value._replace(**{name: bad.value}), part=name)
    elif isinstance(value, Mapping):
        yield from _others(None, 3, {}, [*value], other=True)
    elif value is not None and not isinstance(value, bool | type | FunctionType | MethodType):
        yield from _others(None, 3, (), "GRU", type(value), {}, np.zeros(3), other=True)


def _others(*values: Any, other: bool = False) -> Iterator[Bad]:
    yield from (Bad(repr(value), value, other=other) for value in values)


def _sequences(value: Any) -> Iterator[Bad]:
    kind = type(value)
    yield Bad("the other sequence", (list if kind is tuple else tuple)(value), same=True)
    yield from _others(None, 3, kind(), kind([None]), "text", np.zeros(3), other=True)
    yield Bad("without its last", value[:-1], other=True)
    yield Bad("with its first again", value + value[:1], other=True)
    for k, part in enumerate(value):
        if isinstance(part, np.ndarray):
            for bad in corrupted(part):
                spoiled = kind([*value[:k], bad.value, *value[k + 1 :]])
                yield bad._replace(how=f"{k}: {bad.how}", value=spoiled)


def _arrays(a: np.ndarray) -> Iterator[Bad]:
    yield from _same_numbers(a)
    yield from _other_types(a)
    yield from _other_numbers(a)
    yield from _other_shapes(a)
    yield from _others(None, 3, "text", [], {}, (), other=True)


def _same_numbers(a: np.ndarray) -> Iterator[Bad]:
    """The same numbers in another container or layout."""
    read_only = a.copy()
    read_only.setflags(write=False)
    wide = np.zeros((*a.shape, 2), a.dtype)
    wide[..., 0] = a
    yield Bad("read-only", read_only, same=True)
    yield Bad("a view with gaps", wide[..., 0], same=True)
    yield Bad("in Fortran's order", np.asfortranarray(a), same=True)
    yield Bad("a view that runs backwards", a[::-1].copy()[::-1], same=True)
    yield Bad("in the other byte order", a.astype(a.dtype.newbyteorder()), same=True)
    yield Bad("a list", a.tolist(), same=True)
    yield Bad("a tensor", torch.from_numpy(a.copy()), same=True)
    if a.dtype.kind == "i" and a.min(initial=0) >= 0:
        for dtype in (np.int8, np.uint8, np.uint64):
            yield Bad(f"as {dtype.__name__}", a.astype(dtype), same=True)


def _other_types(a: np.ndarray) -> Iterator[Bad]:
    """Something else than these numbers, of the same shape."""
    yield Bad("masked", np.ma.masked_array(a, np.ones(a.shape, bool)))
    real = a.real if a.dtype.kind == "c" else a
    for kind in (np.float32, np.float64, np.complex128, np.int64, np.bool_, object, str):
        if a.dtype != kind:
            yield Bad(f"as {kind.__name__}", real.astype(kind))


def _other_numbers(a: np.ndarray) -> Iterator[Bad]:
    """One number that does not belong there, or only zeros."""
    bad = {"f": (np.nan, np.inf, -np.inf), "i": (-1, HUGE)}.get(a.dtype.kind, ())
    for number in bad if a.size else ():
        other = a.copy()
        other[(-1,) * a.ndim] = number
        yield Bad(f"with {number}", other)
    if a.dtype.kind in "bi":
        yield Bad("all zero", np.zeros_like(a), other=True)


def _other_shapes(a: np.ndarray) -> Iterator[Bad]:
    """An axis more or less, an axis longer or shorter, two axes swapped."""
    yield Bad("one axis more", a[None], lambda good: (1, *good), other=True)
    if len(a):
        yield Bad("one axis less", a[0], lambda good: good[1:], other=True)
    for axis, length in enumerate(a.shape):
        for new in sorted({0, 1, length - 1, length + 1} - {length, -1}) if length else ():
            other = np.take(np.concatenate([a, a], axis), range(new), axis)
            yield Bad(f"{length} made {new}", other, _lengths({length: new}), other=True)
    if a.ndim > 1 and a.shape[0] != a.shape[1]:
        swapped = _lengths({a.shape[0]: a.shape[1], a.shape[1]: a.shape[0]})
        yield Bad("two axes swapped", a.swapaxes(0, 1), swapped, other=True)


def _lengths(new: dict[int, int]) -> Callable[[Shape], Shape]:
    """What becomes of a result: an axis is as long as the one of the argument that it is."""
    return lambda good: tuple(new.get(n, n) for n in good)
