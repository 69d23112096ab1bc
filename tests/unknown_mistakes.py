"""Wrong solutions that the table of mistakes does not know, made at random from a seed.

`rewritten` changes the reference's syntax tree in one to three places: another operator, another
name, a constant, a line left out. `disturbed` leaves the reference as it is and spoils its answer
at a place that is known beforehand.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from rnn_edu.checks._recipes.make import answers, drawn
from rnn_edu.checks._recipes.recipe import Recipe, compiled
from rnn_edu.checks.compare import distances, end_to_end

OPERATORS = (ast.Add, ast.Sub, ast.Mult)
FUNCTIONS = ("tanh", "sin", "exp", "sum", "mean", "max", "min", "argmax", "argmin", "abs", "sqrt")
WRONG_FORM = (ArithmeticError, AttributeError, IndexError, NameError, TypeError, ValueError)

Solve = Callable[..., Any]


def rewritten(recipe: Recipe, rng: np.random.Generator) -> tuple[str, Solve]:
    """The reference with random changes: its new text, and the function."""
    tree = ast.parse(inspect.getsource(recipe.solve))
    for _ in range(rng.integers(1, 4)):
        edits = list(_edits(tree, rng))
        edits[rng.integers(len(edits))]()
    text = ast.unparse(ast.fix_missing_locations(tree))
    return text, compiled(text, recipe)


def _edits(tree: ast.Module, rng: np.random.Generator) -> Iterator[Callable[[], Any]]:
    """What could be changed in the body of the one function of a tree, as functions to call."""
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    body = [node for statement in function.body for node in ast.walk(statement)]
    loops = [node for loop in body if isinstance(loop, ast.For) for node in ast.walk(loop.iter)]
    body = [node for node in body if node not in loops]  # a changed loop may never end
    names = sorted({n.id for n in body if isinstance(n, ast.Name)} - {"np"})
    for node in body:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (*OPERATORS, ast.Div)):
            others = [o for o in OPERATORS if not isinstance(node.op, o)]
            yield lambda n=node, o=others: setattr(n, "op", o[rng.integers(len(o))]())
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            value = node.value + int(rng.choice([-1, 1, 2]))
            yield lambda n=node, v=value: setattr(n, "value", v)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != "np":
            yield lambda n=node: setattr(n, "id", names[rng.integers(len(names))])
        elif isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
            yield lambda n=node: setattr(n, "attr", FUNCTIONS[rng.integers(len(FUNCTIONS))])
        elif isinstance(node, ast.For) and len(node.body) > 1:
            yield lambda n=node: n.body.pop(rng.integers(len(n.body)))
    for k in range(len(function.body) - 1):
        yield lambda k=k: function.body.pop(min(k, len(function.body) - 2))


class Disturbance(NamedTuple):
    """A solution whose answer is spoilt, and where."""

    solve: Solve
    output: str
    step: int | None  # the first wrong one, where the output has a time axis


def disturbed(recipe: Recipe, rng: np.random.Generator) -> Disturbance:
    """The reference with noise in one output: at one step, or from one step on, or all over."""
    output = str(rng.choice([*recipe.outputs]))
    axes, place = recipe.outputs[output], list(recipe.outputs).index(output)
    size = 10.0 ** rng.uniform(-4, 0)
    whole = output == "tokens"
    T = recipe.sizes["T"] if axes.startswith(("T", "-T")) else None
    step = None if T is None else int(rng.integers(T))
    backwards, alone = axes.startswith("-"), rng.random() < 0.5

    def solve(*arguments: Any) -> Any:
        result = recipe.solve(*arguments)
        parts = list(result) if len(recipe.outputs) > 1 else [result]
        a = np.array(parts[place])
        noise = np.random.default_rng(3).permutation(np.linspace(0.5, 1, a.size)).reshape(a.shape)
        noise = noise.round().astype(int) if whole else noise * size * np.abs(a).max()
        if step is not None:
            t = np.arange(len(a))
            off = t == step if alone else t <= step if backwards else t >= step
            noise *= off.reshape(-1, *[1] * (a.ndim - 1))
        parts[place] = a + noise
        return tuple(parts) if len(parts) > 1 else parts[0]

    return Disturbance(solve, output, step)


def larger(recipe: Recipe) -> Recipe:
    """The same exercise with other sizes: what agrees there as well agrees by its mathematics."""
    sizes = {axis: size + 1 for axis, size in recipe.sizes.items()}
    return recipe._replace(sizes=sizes)


def same(recipe: Recipe, one: Solve, other: Solve) -> bool:
    """Whether two solutions answer alike on inputs that do not ship."""
    return all(_same(larger(recipe), one, other, seed) for seed in (11, 12))


def _same(recipe: Recipe, one: Solve, other: Solve, seed: int) -> bool:
    cases = drawn(recipe, seed)
    want = answers(recipe, other, cases)
    try:
        got = answers(recipe, one, cases)
    except WRONG_FORM:
        return False
    if [a.shape for a in got] != [a.shape for a in want]:
        return False
    right = end_to_end(want)
    sizes = np.array([a.size for a in want])
    return bool(distances(end_to_end(got), right[None], right, sizes).max() < 1e-6)
