"""Trained networks that ship with the course, each beside the record of how it was made.

`load("reviews")` gives a network and its record. A module of this package holds each recipe:
`build(rng)` the untrained model, `train(seed)` the trained one, `score(model, part)` what it is
worth. `python3 bootstrap.py run rnn_edu.weights reviews` follows the recipe for every seed and
ships the one in the middle, not the best one.
"""

from __future__ import annotations

import hashlib
import io
import json
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..ops import Array, leaves, map_params

FOLDER = Path(__file__).parent


class Made(NamedTuple):
    """How a shipped network was made: one entry a seed, in the order of `seeds`."""

    seeds: tuple[int, ...]
    shipped: int  # the seed whose network ships: the median on the validation part
    validation: tuple[dict[str, float], ...]
    test: tuple[dict[str, float], ...]
    seconds: tuple[float, ...]
    versions: dict[str, str]


def names() -> tuple[str, ...]:
    """All that `load` knows."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.npz")))


def load(name: str) -> tuple[Any, Made]:
    """A shipped network as its recipe builds it, trained, and the record of its making.

    Raises ValueError for a name that no network has, or where the two files do not belong together.
    """
    if name not in names():
        raise ValueError(f"name must be one of {', '.join(names())}, got {name!r}")
    stored = (FOLDER / f"{name}.npz").read_bytes()
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    if record.pop("sha256") != hashlib.sha256(stored).hexdigest():
        raise ValueError(f"{name}.npz must be the file that {name}.json records, got another")
    model = recipe(name).build(np.random.default_rng(0))
    with np.load(io.BytesIO(stored)) as arrays:
        model = with_arrays(model, dict(arrays))
    return model, Made(*(_as_tuple(record[field]) for field in Made._fields))


def recipe(name: str) -> Any:
    """The module that builds, trains and scores a network."""
    return import_module(f"{__name__}.{name}")


def arrays_of(model: Any) -> dict[str, Array]:
    """The parameters of a dataclass of cells and arrays, or of a torch module, by their paths."""
    if hasattr(model, "state_dict"):
        return {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return dict(leaves(model))


def with_arrays(model: Any, arrays: dict[str, Array]) -> Any:
    """The model with these parameters, in its own dtype: a new dataclass, or the module itself.

    Raises ValueError if names or shapes are not those of the model.
    """
    own = {name: a.shape for name, a in arrays_of(model).items()}
    given = {name: a.shape for name, a in arrays.items()}
    if own != given:
        raise ValueError(f"arrays must be {own}, got {given}")
    if hasattr(model, "state_dict"):
        import torch

        model.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        return model
    values = iter(arrays[name] for name, _ in leaves(model))
    return map_params(lambda a: next(values).astype(a.dtype), model)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
