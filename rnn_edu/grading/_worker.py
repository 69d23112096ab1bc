"""What runs inside the sandbox: the student's cells, then the calls that are asked for.

The job comes as JSON on standard input; each step is told as one line of JSON on what was standard
output. There is nothing to find here: no right answer, no seed, no file but Python's own. What a
submission does to this process, or writes into its channel, is judged outside like any answer.
`sandbox.run` starts this file on its own, so it imports no other part of the package but `wire`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

import wire  # beside this file, in the sandbox

LONGEST = 500  # characters of an error's text
SKIPPED = re.compile(r"%%(?!time\b|timeit\b|capture\b)")  # cells of another language


class Late(BaseException):
    """The time for one cell or one call is over."""


class Unused:
    """Stands in for the visible checks, which are not run here: takes everything, does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Unused:
        return self

    def __getattr__(self, name: str) -> Unused:
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def main() -> None:
    """Do the job on standard input, and end: exit handlers and threads are not waited for."""
    job = json.load(sys.stdin)
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)

    def tell(**record: Any) -> None:
        channel.write(json.dumps(record) + "\n")
        channel.flush()

    set_limits(job["memory_mb"] << 20, job["total_seconds"])
    limits = job["cell_seconds"], job["cell_waiting"]
    student = namespace()
    for number, source in enumerate(job["cells"]):
        if source is None:
            continue
        tell(at_cell=number)
        _, error = guarded(*limits, lambda s=source, n=number: run(s, n, student))
        if error:
            tell(cell=number, error=error)
    for check in job["checks"]:
        tell(at_check=check["name"])
        for number, case in enumerate(check["cases"]):
            value, error = guarded(*limits, lambda c=case: answer(c, student))
            tell(check=check["name"], case=number, value=value, error=error)
            if error:
                break
    tell(done=True)
    os._exit(0)


def set_limits(memory: int, seconds: float) -> None:
    """Hard limits, which nothing inside can raise again: the sandbox holds no capability."""
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 16 << 20),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    late = int(seconds) + 1  # first SIGXCPU, which says what it is; to whoever ignores it, SIGKILL
    resource.setrlimit(resource.RLIMIT_CPU, (late, late + 1))


def namespace() -> types.ModuleType:
    """The module in which the cells run, as a kernel has it: `__main__`, with `display`."""
    student = types.ModuleType("__main__")
    sys.modules["__main__"] = student
    vars(student)["display"] = Unused()
    if not os.path.isdir("/packages/rnn_edu"):
        course, checks = types.ModuleType("rnn_edu"), types.ModuleType("rnn_edu.checks")
        course.checks = checks
        checks.__getattr__ = Unused().__getattr__
        sys.modules.update({"rnn_edu": course, "rnn_edu.checks": checks})
    return student


def guarded(
    computing: float, waiting: float, action: Callable[[], Any]
) -> tuple[Any, dict[str, Any] | None]:
    """What the action returns, or what stopped it.

    computing: seconds of the processor, so that a busy machine costs no one a point. waiting:
    seconds on the clock, for what does not compute.
    """

    def late(*_: Any) -> None:
        raise Late

    timers = {signal.ITIMER_PROF: computing, signal.ITIMER_REAL: waiting}
    try:
        signal.signal(signal.SIGPROF, late)
        signal.signal(signal.SIGALRM, late)
        for timer, limit in timers.items():
            signal.setitimer(timer, limit, 1.0)  # again each second, if it is swallowed
        try:
            return action(), None
        finally:
            for timer in timers:
                signal.setitimer(timer, 0)
    except BaseException as error:  # SystemExit and KeyboardInterrupt as well
        return None, described(error)


def run(source: str, number: int, student: types.ModuleType) -> None:
    """Run one cell; lines for IPython alone are left out."""
    if SKIPPED.match(source):
        return
    file = f"<cell {number}>"
    try:
        code = compile(source, file, "exec", dont_inherit=True)
    except SyntaxError:
        plain = re.sub(r"(?m)^([ \t]*)[%!].*$", r"\1pass", source)
        code = compile(plain, file, "exec", dont_inherit=True)
    exec(code, vars(student))


def answer(case: dict[str, Any], student: types.ModuleType) -> Any:
    """The encoded answer to one case: of the student's function, or of a driver."""
    args, call = wire.decode(case["args"]), case["call"]
    if "driver" in case:
        scope: dict[str, Any] = {}
        exec(compile(case["driver"], "<driver>", "exec"), scope)
        return wire.encode(scope[call](student, *args))
    return wire.encode(getattr(student, call)(*args))


def described(error: BaseException) -> dict[str, Any]:
    """The error's kind, its text cut short, and where in which cell it was raised."""
    found: dict[str, Any] = {"type": type(error).__name__, "cell": None, "line": None}
    if isinstance(error, AttributeError) and error.obj is sys.modules.get("__main__"):
        return {**found, "type": "Missing", "text": str(error.name)[:LONGEST]}
    if isinstance(error, SyntaxError):
        places = [(error.filename, error.lineno)]
    else:
        places, step = [], error.__traceback__
        while step:
            places.append((step.tb_frame.f_code.co_filename, step.tb_lineno))
            step = step.tb_next
    for file, line in places:
        if match := re.fullmatch(r"<cell (\d+)>", str(file)):
            found |= {"cell": int(match[1]), "line": line}
    try:
        found["text"] = str(error.msg if isinstance(error, SyntaxError) else error)[:LONGEST]
    except BaseException:
        found["text"] = ""
    return found


if __name__ == "__main__":
    main()
