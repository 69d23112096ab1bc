"""What recurrence and attention cost as T grows: `python -m tests.bench models [LONGEST_T]`

The models of `rnn_edu.weights.compare`, in turns within one run, medians: a training step of 32
sequences, a step of writing when T lie behind, and the bytes that one sequence leaves behind.
An exponent is the slope of the last two lengths on a log-log plot.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from rnn_edu.weights import compare

from .timing import exponent, in_turns, milliseconds, table

ROUNDS = 5


def writing(task: Any, T: int) -> dict[str, float]:
    """Milliseconds of a step of one sequence when T lie behind."""
    x = torch.zeros(1, 1, task.D)
    runs = {}
    for model in compare.MODELS:
        stack = compare.build(model, task, 0)
        with torch.no_grad():
            _, states = stack(x.expand(T, 1, task.D), None)
        runs[model] = torch.no_grad()(lambda stack=stack, states=states: stack(x, states))
    return {model: milliseconds(taken) for model, taken in in_turns(runs).items()}


def rows(lengths: list[int], values: list[dict[str, float]]) -> Iterator[list[str]]:
    """A row a model. values: for each T, a number for each model."""
    for model in compare.MODELS:
        row = [at_T[model] for at_T in values]
        slope = exponent(lengths[-2:], row[-2:])
        yield [model, *(f"{value:.2f}" for value in row), f"{slope:.2f}"]


def report(options: list[str]) -> Iterator[str]:
    """The sizes of the models, and three tables."""
    longest = int(options[0]) if options else 1024
    lengths = [64 << k for k in range(16) if 64 << k <= longest]
    task = compare.TASKS["recall"]()
    sizes = {model: compare.sizes(model, task) for model in compare.MODELS}
    yield f"{torch.get_num_threads()} threads, no GPU.\n"
    yield from table(
        ["model", "H", "parameters"],
        ([model, str(s["H"]), f"{s['parameters']:,}"] for model, s in sizes.items()),
    )
    stacks = {model: compare.build(model, task, 0) for model in compare.MODELS}
    reading = [compare.step_seconds(task, T, ROUNDS) for T in lengths]
    measured = {
        "training step, ms": [{m: 1e3 * s for m, s in at_T.items()} for at_T in reading],
        "writing, ms": [writing(task, T) for T in lengths],
        "carried, kB": [
            {m: compare.state_bytes(stack, T) / 1024 for m, stack in stacks.items()}
            for T in lengths
        ],
    }
    for title, values in measured.items():
        yield ""
        heads = [title, *(f"T = {T:,}" for T in lengths), "exponent"]
        yield from table(heads, rows(lengths, values))
