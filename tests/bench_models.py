"""What recurrence and attention cost as T grows: `python -m tests.bench_models [longest T]`

The models of `rnn_edu.weights.compare`, in turns within one run, medians: a training step of 32
sequences, a step of writing when T lie behind, and the bytes that one sequence leaves behind.
An exponent is the slope of the last two lengths on a log-log plot. Nothing is asserted here.
"""

import os
import platform
import statistics
import sys
from math import log2

import torch

from rnn_edu.weights import compare

from .bench import in_turns

ROUNDS = 5


def writing_seconds(task, T):
    """A step of one sequence when T lie behind."""
    x = torch.zeros(1, 1, task.D)
    runs = []
    for model in compare.MODELS:
        stack = compare.build(model, task, 0)
        with torch.no_grad():
            _, states = stack(x.expand(T, 1, task.D), None)
        runs.append(torch.no_grad()(lambda stack=stack, states=states: stack(x, states)))
    return dict(
        zip(compare.MODELS, map(statistics.median, in_turns(runs, 5 * ROUNDS)), strict=True)
    )


def table(title, lengths, values):
    """values: for each T, a number for each model."""
    print(f"\n{title:18}", *(f"{T:>9,}" for T in lengths), " exponent")
    for model in compare.MODELS:
        row = [at_T[model] for at_T in values]
        print(f"{model:18}", *(f"{v:9.2f}" for v in row), f"{log2(row[-1] / row[-2]):9.2f}")


def main():
    longest = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    lengths = [64 << k for k in range(16) if 64 << k <= longest]
    task = compare.TASKS["recall"]()
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"torch {torch.__version__} on {torch.get_num_threads()} threads, no GPU used")
    sizes = {model: compare.sizes(model, task) for model in compare.MODELS}
    print(
        *(f"{m}: H = {s['H']}, {s['parameters']:,} parameters" for m, s in sizes.items()), sep="\n"
    )
    reading = [compare.step_seconds(task, T, ROUNDS) for T in lengths]
    writing = [writing_seconds(task, T) for T in lengths]
    stacks = {model: compare.build(model, task, 0) for model in compare.MODELS}
    memory = [{m: compare.state_bytes(s, T) / 1024 for m, s in stacks.items()} for T in lengths]
    table("training step, ms", lengths, [{m: 1e3 * s for m, s in r.items()} for r in reading])
    table("writing, ms", lengths, [{m: 1e3 * s for m, s in w.items()} for w in writing])
    table("carried, kB", lengths, memory)


if __name__ == "__main__":
    main()
