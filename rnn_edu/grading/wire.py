"""Values as JSON: what crosses the border of the sandbox, in both directions.

Only data has a form here: numbers, text, None, NumPy arrays of numbers or text, and tuples, lists
and dicts of these. Nothing that is read can run, and nothing can claim more bytes than it brings.
The sandbox loads this file on its own, so it imports no other part of the package.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

KINDS = "biufcU"  # of an array's dtype: bool, int, uint, float, complex, text
DEEPEST = 20


class NotData(TypeError):
    """A value that has no form here; the message names its type."""


def encode(value: Any, depth: int = 0) -> Any:
    """A value in a form that json.dumps takes; a torch tensor counts as an array.

    Raises NotData, naming the type, for anything that is not data, and for nesting over 20 deep.
    """
    if depth > DEEPEST:
        raise NotData(f"a value nested more than {DEEPEST} deep")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic):
        value = np.asarray(value)
        if value.dtype.kind not in KINDS:
            raise NotData(f"an array of {value.dtype}")
        value = value.astype(value.dtype.newbyteorder("<"))
        data = base64.b64encode(value.tobytes()).decode()
        return {"array": data, "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(v, depth + 1) for v in value]}
    if isinstance(value, Mapping):
        return {"dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]}
    raise NotData(f"a value of type {type(value).__name__}")


def decode(value: Any) -> Any:
    """The value that `encode` was given.

    Raises ValueError for whatever `encode` does not write.
    """
    try:
        return _decode(value)
    except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not an encoded value: {error}") from None


def _decode(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if set(value) == {"array", "dtype", "shape"}:
        return _array(**value)
    ((kind, parts),) = value.items()
    if kind == "dict":
        return {_decode(k): _decode(v) for k, v in parts}
    if kind not in ("tuple", "list"):
        raise ValueError(f"not an encoded value: {str(kind)[:40]}")
    return (tuple if kind == "tuple" else list)(_decode(v) for v in parts)


def _array(array: str, dtype: str, shape: list[int]) -> np.ndarray:
    if not re.fullmatch(rf"[<|][{KINDS}]\d{{1,9}}", dtype, re.ASCII):
        raise ValueError(f"an array of {dtype[:40]}")
    kind, data = np.dtype(dtype), base64.b64decode(array, validate=True)
    if not all(type(n) is int and n >= 0 for n in shape) or len(shape) > DEEPEST:
        raise ValueError("an array of an impossible shape")
    if math.prod(shape) * kind.itemsize != len(data):
        raise ValueError("an array whose bytes do not fill its shape")
    if not kind.itemsize or not data:
        return np.empty(shape, kind)
    return np.frombuffer(data, kind).reshape(shape).copy()
