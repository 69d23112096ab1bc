"""Make shipped networks again: `python3 bootstrap.py run rnn_edu.weights [NAME...]`, or all."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import time
from importlib.metadata import version
from typing import Any

import numpy as np

from . import FOLDER, arrays_of, names, recipe, with_arrays

MOST_BYTES = 1_000_000


def packed(model: Any, dtype: str) -> bytes:
    """The parameters as a compressed .npz: the same bytes for the same numbers."""
    file = io.BytesIO()
    np.savez_compressed(file, **{n: a.astype(dtype) for n, a in arrays_of(model).items()})
    return file.getvalue()


def make(name: str) -> None:
    """Train with every seed, print what each is worth, and store the one in the middle.

    A network is scored as it ships: with the rounded parameters.
    """
    how = recipe(name)
    if hasattr(how, "make"):  # a record without a network
        return how.make()
    runs = []
    for seed in how.SEEDS:
        start = time.perf_counter()
        stored = packed(how.train(seed), getattr(how, "DTYPE", "float32"))
        seconds = round(time.perf_counter() - start, 1)
        with np.load(io.BytesIO(stored)) as arrays:
            model = with_arrays(how.build(np.random.default_rng(0)), dict(arrays))
        validation, test = how.score(model, "validation"), how.score(model, "test")
        print(f"{name}, seed {seed}: {seconds} s, validation {validation}, test {test}", flush=True)
        runs.append((seed, validation, test, seconds, stored))
    if len(stored) > MOST_BYTES:
        raise ValueError(f"{name} must fit {MOST_BYTES} bytes, got {len(stored)}")
    chooses = next(iter(validation))
    shipped = sorted(runs, key=lambda run: run[1][chooses])[len(runs) // 2]
    seeds, validations, tests, all_seconds, _ = zip(*runs, strict=True)
    record = {
        "shipped": shipped[0],
        "seeds": seeds,
        "validation": validations,
        "test": tests,
        "seconds": all_seconds,
        "versions": {"Python": platform.python_version()}
        | {package: version(package) for package in ("numpy", "torch")},
        "sha256": hashlib.sha256(shipped[-1]).hexdigest(),
    }
    (FOLDER / f"{name}.npz").write_bytes(shipped[-1])
    (FOLDER / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"{name}: seed {shipped[0]} ships, {len(shipped[-1]):,} bytes", flush=True)


if __name__ == "__main__":
    for name in sys.argv[1:] or names():
        make(name)
