"""Calling a student's function: on copies, without its warnings, and what came of it."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np


class Raised(NamedTuple):
    """An exception of the student's code: which, and in which of the student's lines."""

    error: BaseException
    line: int | None
    source: str


class Called(NamedTuple):
    """What a call returned, and the names of the arguments that it changed."""

    result: Any
    changed: tuple[str, ...]


def call(
    function: Callable[..., Any], arguments: Mapping[str, Any], quiet: bool = False
) -> Called | Raised:
    """Call it with copies of the arguments. Only a KeyboardInterrupt gets through.

    quiet: what it prints is not shown, as it has been shown before.
    """
    copies = {name: np.copy(a) if np.ndim(a) else a for name, a in arguments.items()}
    shown = contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext()
    try:
        with shown, np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(*copies.values())
    except (Exception, SystemExit) as error:
        return Raised(error, *_line_of(error, function))
    changed = (name for name, a in arguments.items() if not _same(a, copies[name]))
    return Called(result, tuple(changed))


def _same(before: Any, after: Any) -> bool:
    """Whether an argument is what it was; one that was moved and put back may differ by a bit."""
    return not np.ndim(before) or np.allclose(before, after, rtol=1e-9, atol=1e-12)


def _line_of(error: BaseException, function: Any) -> tuple[int | None, str]:
    """The deepest line of the traceback that stands in the file, or the cell, of the function."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    line, source, trace = None, "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if code is not None and (file == code.co_filename or _is_cell(file)):
            line, source = trace.tb_lineno, linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    return line, source


def _is_cell(file: str) -> bool:
    """Whether a file's name is one that Jupyter gives to a cell."""
    return "ipykernel_" in file or file.startswith("<ipython-input")


def misfit(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Why a function cannot be called with that many arguments in order, "" if it can."""
    with contextlib.suppress(ValueError):  # some built-in functions do not say what they take
        signature = inspect.signature(function)
        try:
            signature.bind(*arguments.values())
        except TypeError:
            return str(signature)
    return ""
