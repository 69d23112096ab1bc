"""Hidden checks: fresh inputs, and what is right for them. The form that their authors write."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import textwrap
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import wire

MOST_CASES = 50
WAITING = 2  # seconds on the clock for each second of computing that a submission may use


@dataclass(frozen=True)
class Case:
    """One call of the student's code, and what is right for it.

    call: the name of the student's function; or a driver, a function `drive(student, *args)`
    whose source is sent into the sandbox and called there with the student's namespace.
    args: arrays, numbers, text, None, and tuples, lists and dicts of these.
    expect: the right answer, of the same kinds; or a judge, a function of the student's answer
    that returns "" or a sentence that says what is wrong.
    label: what is special about these inputs; the student reads it when they are the first wrong.
    rtol, atol: as in numpy.isclose, wide enough for an answer in float32.
    """

    call: str | Callable[..., Any]
    args: tuple[Any, ...]
    expect: Any
    label: str = ""
    rtol: float = 1e-3
    atol: float = 1e-5

    def job(self) -> dict[str, Any]:
        """What of the case enters the sandbox: the call and its arguments."""
        job = {"args": wire.encode(tuple(self.args))}
        if isinstance(self.call, str):
            return job | {"call": self.call}
        source = textwrap.dedent(inspect.getsource(self.call))
        return job | {"call": self.call.__name__, "driver": source}


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    cell_seconds: of computing, for one cell, and for one call. total_seconds: for all of it. On the
    clock either may be twice as long, so that a busy machine changes no mark.
    memory_mb: address space, of which torch takes 4,000 before it has computed anything.
    """

    cell_seconds: float = 10
    total_seconds: float = 60
    memory_mb: int = 2048


@dataclass(frozen=True)
class Hidden:
    """The hidden checks of one assignment, by name, and what its submissions may use."""

    checks: dict[str, Callable[[np.random.Generator], Iterator[Case]]]
    packages: tuple[str, ...] = ("numpy", "matplotlib")
    limits: Limits = Limits()

    def cases(self, name: str, seed: int) -> list[Case]:
        """The cases of one check: the same for the same seed, whatever else is checked."""
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        cases = list(itertools.islice(self.checks[name](rng), MOST_CASES + 1))
        if not 0 < len(cases) <= MOST_CASES:
            raise ValueError(f"hidden check {name}: 1 to {MOST_CASES} cases, got {len(cases)}")
        return cases


def load(path: Path) -> Hidden:
    """Read a module of hidden checks: each public function that it defines is a check.

    A function that is used as a driver or begins with "_" is none: drivers take `student` first.
    Raises FileNotFoundError; ValueError if the module holds no check.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no hidden checks: {path}")
    module = _imported(path)
    checks = {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing)
        and thing.__module__ == module.__name__
        and list(inspect.signature(thing).parameters) == ["rng"]
        and not name.startswith("_")
    }
    if not checks:
        raise ValueError(f"{path}: no function with the one argument rng, so no hidden check")
    packages = tuple(getattr(module, "PACKAGES", Hidden.packages))
    return Hidden(checks, packages, getattr(module, "LIMITS", Limits()))


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"hidden_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
