"""One table: five tasks for six models of one size, some with a state, some with a cache.

Nothing ships but the record: `make()` trains each model on each task with every seed, times a
training step, and writes compare.json. Cut off, it goes on where it was.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ..causal import CausalAttention
from ..cell import Cell
from ..data import associative_recall, copy_task, encode_text, load_topics, selective_copy
from ..diagonal import DiagonalCell
from ..fast.descend import descend
from ..fast.stack import Stack
from ..gru import GRUCell
from ..memory import DeltaCell
from ..mingru import MinGRUCell
from ..ops import Array, one_hot

RECORD = Path(__file__).with_suffix(".json")
SEEDS = (0, 1, 2)
SETTINGS = {"parameters": 24_000, "updates": 200, "sequences": 32, "lr": 0.01}
MODELS: dict[str, tuple[type[Cell], type[Cell]]] = {
    "GRU": (GRUCell, GRUCell),
    "minGRU": (MinGRUCell, MinGRUCell),
    "diagonal": (DiagonalCell, DiagonalCell),
    "delta rule": (DeltaCell, DeltaCell),
    "attention": (CausalAttention, CausalAttention),
    "GRU + attention": (GRUCell, CausalAttention),
}
LENGTHS = (16, 32, 64, 128)  # of recall, where time and memory are measured too


# --- the tasks -------------------------------------------------------------------------------


class Batch(NamedTuple):
    """What a model learns from, or is tested with."""

    x: Array  # (T, N, D)
    targets: Array  # (T, N) integers
    counts: Array  # (T, N) booleans, True where the answer is scored


class Task(NamedTuple):
    """What is learned, with how many inputs and answers, and what is tested, by T."""

    D: int
    K: int
    draw: Callable[[np.random.Generator], Batch]
    tests: Callable[[], dict[int, Batch]]
    in_bits: bool = False  # the score: bits an answer, or the share of right answers


def copying(task: Callable[..., Any]) -> Task:
    """Eight symbols, T = 40. task: `copy_task` or `selective_copy`."""

    def draw(rng: np.random.Generator, N: int = SETTINGS["sequences"]) -> Batch:
        x, targets = task(8, 24, N, rng)
        answers = np.arange(len(x))[:, None] >= len(x) - 8
        return Batch(x, targets, np.broadcast_to(answers, targets.shape))

    return Task(10, 10, draw, lambda: {40: draw(unseen(), 500)})


def recalling() -> Task:
    """T/2 pairs, then T/2 questions: up to 32 in training, up to 64 in the test."""

    def draw(rng: np.random.Generator) -> Batch:
        pairs = int(rng.choice((4, 8, 16, 32)))
        return Batch(*associative_recall(pairs, SETTINGS["sequences"], rng, keys=64))

    def tests() -> dict[int, Batch]:
        return {T: Batch(*associative_recall(T // 2, 100, unseen(), keys=64)) for T in LENGTHS}

    return Task(64 + 8, 8, draw, tests)


def reading() -> Task:
    """The next character of a text: windows of 64 in training, of 64 and 256 in the test."""
    topics = load_topics()
    V = len(topics.alphabet)
    train, test = (encode_text("".join(p), topics.alphabet) for p in (topics.train, topics.test))

    def windows(text: Array, starts: Array, T: int) -> Batch:
        tokens = text[starts + np.arange(T + 1)[:, None]]
        return Batch(one_hot(tokens[:-1], V), tokens[1:], np.ones((T, len(starts)), bool))

    def draw(rng: np.random.Generator) -> Batch:
        return windows(train, rng.integers(0, len(train) - 64, SETTINGS["sequences"]), 64)

    def tests() -> dict[int, Batch]:
        return {T: windows(test, np.arange(0, len(test) - 256, 256), T) for T in (64, 256)}

    return Task(V, V, draw, tests, in_bits=True)


def tracking() -> Task:
    """Has the number of ones so far been even or odd? T up to 32 in training, 128 in the test."""

    def bits(T: int, N: int, rng: np.random.Generator) -> Batch:
        ones = rng.integers(0, 2, (T, N))
        return Batch(one_hot(ones, 2), ones.cumsum(axis=0) % 2, np.ones((T, N), bool))

    def draw(rng: np.random.Generator) -> Batch:
        return bits(int(rng.integers(1, 33)), SETTINGS["sequences"], rng)

    return Task(2, 2, draw, lambda: {T: bits(T, 200, unseen()) for T in (32, 128)})


TASKS: dict[str, Callable[[], Task]] = {
    "copy": lambda: copying(copy_task),
    "selective copy": lambda: copying(selective_copy),
    "recall": recalling,
    "parity": tracking,
    "text": cache(reading),
}


def unseen() -> np.random.Generator:
    """Where all test sequences come from."""
    return np.random.default_rng(1_000)


# --- training and scoring --------------------------------------------------------------------


def width(model: str, task: Task) -> int:
    """The widest even H with which a model stays within its parameters."""
    kinds, rng, H = MODELS[model], np.random.default_rng(0), 2
    while n_params(kinds, task.D, H + 2, task.K, rng) <= SETTINGS["parameters"]:
        H += 2
    return H


def n_params(kinds: Iterable[type[Cell]], D: int, H: int, K: int, rng: np.random.Generator) -> int:
    """What a Stack learns, each bias counted once."""
    return (D + K) * H + K + sum(kind.init(H, H, rng).n_params + H * H for kind in kinds)


def build(model: str, task: Task, seed: int) -> Stack:
    """The untrained model, as wide as its parameters allow."""
    rng = np.random.default_rng(seed)
    return Stack.init(MODELS[model], task.D, width(model, task), task.K, rng)


def train(model: str, task: Task, seed: int) -> Stack:
    """The trained model."""
    return learn(build(model, task, seed), task, seed)


def learn(stack: Stack, task: Task, seed: int) -> Stack:
    """The trained stack: the same way down for all models."""
    rng = np.random.default_rng(seed)
    rates = [(p, SETTINGS["lr"]) for p in stack.parameters()]
    descend(lambda: loss_of(stack, task.draw(rng)), rates, SETTINGS["updates"], clip=1.0)
    return stack


def loss_of(stack: Stack, batch: Batch) -> Tensor:
    """The mean cross-entropy, in nats, of the answers that count."""
    logits, targets = answers(stack, batch)
    return cross_entropy(logits, targets)


def score(stack: Stack, task: Task) -> dict[str, float]:
    """By T: the share of right answers, or the bits that each takes."""
    with torch.no_grad():
        found = {T: answers(stack, batch) for T, batch in task.tests().items()}
    if task.in_bits:
        return {str(T): cross_entropy(*both).item() / np.log(2) for T, both in found.items()}
    return {str(T): (a.argmax(1) == b).float().mean().item() for T, (a, b) in found.items()}


def answers(stack: Stack, batch: Batch) -> tuple[Tensor, Tensor]:
    """The logits and targets at the positions that count."""
    counts = torch.from_numpy(batch.counts.copy())
    logits, _ = stack(torch.from_numpy(batch.x.astype(np.float32)))
    return logits[counts], torch.from_numpy(batch.targets)[counts]


# --- what it costs ---------------------------------------------------------------------------


def state_bytes(stack: Stack, T: int) -> int:
    """What one sequence leaves behind after T steps for the next step to read."""
    with torch.no_grad():
        _, states = stack(torch.zeros(T, 1, len(stack.E)))
    return sum(a.nbytes for a in stack.carried(states))


def step_seconds(task: Task, T: int, rounds: int) -> dict[str, float]:
    """A training step of all sequences, forward and backward, in seconds of one CPU thread: medians
    over rounds in turns. What else the machine does is not in it."""
    x = torch.zeros(T, SETTINGS["sequences"], task.D)
    x[:, :, 0] = 1
    stacks = {model: build(model, task, 0) for model in MODELS}
    seconds: dict[str, list[float]] = {model: [] for model in MODELS}
    for _ in range(rounds + 1):
        for model, stack in stacks.items():
            start = time.process_time()
            stack(x)[0].sum().backward()
            seconds[model].append(time.process_time() - start)
    return {model: statistics.median(s[1:]) for model, s in seconds.items()}  # the first allocates


# --- the record ------------------------------------------------------------------------------


def make() -> None:
    """Train what the record lacks, all models with one seed before the next, then time them."""
    torch.set_num_threads(1)
    made = read() if RECORD.exists() else {}
    if made.get("settings") != SETTINGS:
        made = {"settings": SETTINGS, "runs": {}, "sizes": {}}
    for seed in SEEDS:
        for name, make_task in TASKS.items():
            task = make_task()
            for model in MODELS:
                run = f"{name}, {model}, {seed}"
                if run not in made["runs"]:
                    start = time.process_time()
                    stack = train(model, task, seed)
                    seconds = round(time.process_time() - start, 1)
                    scored = {T: round(value, 4) for T, value in score(stack, task).items()}
                    made["runs"][run] = {"scores": scored, "seconds": seconds}
                    made["sizes"][f"{name}, {model}"] = sizes(model, task)
                    write(made)
                    print(run, made["runs"][run], flush=True)
    made["milliseconds"] = {
        str(T): {m: round(1e3 * s, 3) for m, s in step_seconds(recalling(), T, 15).items()}
        for T in LENGTHS
    }
    made["device"] = f"{platform.machine()} CPU, 1 thread"
    made["versions"] = {"Python": platform.python_version()} | {
        package: version(package) for package in ("numpy", "torch")
    }
    write(made)


def sizes(model: str, task: Task) -> dict[str, Any]:
    """H, the parameters, and the bytes of state after T steps, by T."""
    H, stack = width(model, task), build(model, task, 0)
    parameters = n_params(MODELS[model], task.D, H, task.K, np.random.default_rng(0))
    return {
        "H": H,
        "parameters": parameters,
        "bytes": {str(T): state_bytes(stack, T) for T in LENGTHS},
    }


def write(made: dict[str, Any]) -> None:
    """The record as it stands, in one move: a run that is cut off leaves a whole file."""
    unfinished = RECORD.with_suffix(".part")
    unfinished.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(RECORD)


def read() -> dict[str, Any]:
    """The record as it is stored."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def scores(task: str) -> Array:
    """All scores of a task: (S, L, M), by seed, by T as the test has them, by model."""
    runs = read()["runs"]
    return np.array(
        [
            [list(runs[f"{task}, {model}, {seed}"]["scores"].values()) for model in MODELS]
            for seed in SEEDS
        ]
    ).swapaxes(1, 2)
