"""The table of mistakes: every one is named, no two look alike, and nothing else is named."""

import re
import zlib
from itertools import combinations

import numpy as np
import pytest

from rnn_edu import (
    checks,
)
from rnn_edu.checks._recipes import RECIPES
from rnn_edu.checks._recipes.make import drawn, make, pack
from rnn_edu.checks.compare import ROUNDED, distances, end_to_end
from rnn_edu.checks.exercise import FOLDER, load

from .unknown_mistakes import disturbed, rewritten, same

EACH = pytest.mark.parametrize("name", RECIPES)
SINGLES = [(name, m) for name, recipe in RECIPES.items() for m in recipe.mistakes]
REWRITTEN, DISTURBED = 40, 10  # an exercise


def seeded(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


# --- the table --------------------------------------------------------------------------------


def test_the_table_is_as_large_as_promised():
    assert set(checks.names()) == set(RECIPES)
    assert len(SINGLES) >= 250


@EACH
def test_the_reference_is_correct(name):
    verdict = checks.check(name, RECIPES[name].solve)
    assert verdict, verdict
    assert verdict.kind == "correct"


@pytest.mark.parametrize(("name", "mistake"), SINGLES, ids=lambda v: getattr(v, "name", v))
def test_a_mistake_is_named(name, mistake):
    verdict = checks.check(name, RECIPES[name].variant(mistake))
    assert not verdict
    assert (verdict.kind, verdict.mistakes) == ("mistake", (mistake.name,))
    assert verdict.says == (mistake.nudge, mistake.where, mistake.line)


@EACH
def test_no_two_mistakes_look_alike(name):
    """Each is ten times further from every other, and from the truth, than float32 may be off."""
    exercise = load(name)
    right = end_to_end(a for case in exercise.cases for a in case.expected.values())
    sizes = np.array([a.size for case in exercise.cases for a in case.expected.values()])
    singles = [(m.name,) for m in RECIPES[name].mistakes]
    assert list(exercise.explanations[: len(singles)]) == singles
    rows = np.vstack([right, exercise.answers[: len(singles)]])
    for k, row in enumerate(rows):
        others = np.delete(rows, k, axis=0)
        assert distances(row, others, right, sizes).max(axis=1).min() > 10 * ROUNDED


@EACH
def test_a_mistake_made_in_float32_is_named_as_well(name):
    recipe = RECIPES[name]

    def in_float32(solve):
        def student(*arguments):
            result = solve(*(_float32(a) for a in arguments))
            return tuple(map(_float32, result)) if isinstance(result, tuple) else _float32(result)

        return student

    assert checks.check(name, in_float32(recipe.solve))
    for mistake in recipe.mistakes:
        if mistake.name == "own_eps":  # a small step is all rounding in float32
            continue
        verdict = checks.check(name, in_float32(recipe.variant(mistake)))
        assert verdict.mistakes == (mistake.name,)


def _float32(a):
    a = np.asarray(a)
    return a.astype(np.float32) if a.dtype.kind == "f" else a if a.ndim else a.item()


@EACH
def test_two_mistakes_at_once_are_never_taken_for_others(name):
    """A sample of the pairs; `tests.bench checks` counts them all."""
    recipe = RECIPES[name]
    pairs = list(combinations(recipe.mistakes, 2))
    for k in seeded(name).permutation(len(pairs))[:12]:
        solve = recipe.variant(*pairs[k])
        if solve is None:
            continue
        named = set(checks.check(name, solve).mistakes)
        known = [m for m in recipe.mistakes if m.name in named]
        made = {m.name for m in pairs[k]}
        assert named <= made or same(recipe, solve, recipe.variant(*known))


@EACH
def test_every_hint_says_something_of_its_own(name):
    for mistake in RECIPES[name].mistakes:
        hints = (mistake.nudge, mistake.where, mistake.line)
        assert len(set(hints)) == 3
        assert all(hint.strip() == hint and len(hint) > 5 for hint in hints)
        assert all(hint.endswith((".", "?")) for hint in hints[:2])
        assert "!" not in "".join(hints)


# --- what the table does not know -------------------------------------------------------------


@EACH
def test_an_unknown_mistake_is_called_wrong_and_never_named_falsely(name):
    recipe, rng = RECIPES[name], seeded(name)
    known = {m.name: m for m in recipe.mistakes}
    for _ in range(REWRITTEN):
        text, solve = rewritten(recipe, rng)
        verdict = checks.check(name, solve)
        if verdict:
            assert same(recipe, solve, recipe.solve), text
        elif verdict.mistakes:
            twin = recipe.variant(*(known[m] for m in verdict.mistakes))
            assert same(recipe, solve, twin), (verdict.mistakes, text)
        elif verdict.where:
            assert set(verdict.where.outputs) == off(recipe, solve, verdict.where.case), text


def off(recipe, solve, case):
    """The outputs that differ from the right ones, found without the package's comparison."""
    arguments = drawn(recipe)[case]
    want, got = recipe.answer(recipe.solve, arguments), recipe.answer(solve, arguments)
    return {
        output
        for output, a in want.items()
        if not np.allclose(got[output], a, rtol=0, atol=1e-6 * np.abs(a).max())
    }


@EACH
def test_a_disturbance_is_located(name):
    recipe, rng = RECIPES[name], seeded(name)
    for _ in range(DISTURBED):
        spoilt = disturbed(recipe, rng)
        verdict = checks.check(name, spoilt.solve)
        assert verdict.kind == "wrong"
        assert verdict.where.outputs == (spoilt.output,)
        assert verdict.where.step == spoilt.step
        assert re.match(f"Wrong[^:]*: {spoilt.output}[,.]", verdict.says[0])
        if spoilt.step is not None and "every step" not in verdict.says[0]:
            assert f"t = {spoilt.step} " in verdict.says[0]


# --- what ships -------------------------------------------------------------------------------


@EACH
def test_what_ships_is_what_the_recipe_makes(name):
    words, numbers = pack(RECIPES[name])
    exercise = load(name)
    assert exercise.explanations == tuple(tuple(row.split()) for row in words["explanations"])
    assert exercise.mistakes == {m: tuple(hints) for m, hints in words["mistakes"].items()}
    for field in ("arguments", "outputs", "equations"):
        assert getattr(exercise, field) == words[field]
    with np.load(FOLDER / f"{name}.npz") as shipped:
        assert set(shipped) == set(numbers)
        for key, a in numbers.items():
            assert shipped[key].dtype == a.dtype
            np.testing.assert_allclose(shipped[key], a, rtol=1e-5, atol=1e-9, err_msg=key)


def test_making_it_twice_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("rnn_edu.checks._recipes.make.FOLDER", tmp_path)
    made = []
    for _ in range(2):
        make(RECIPES["rnn_step"])
        made.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {"rnn_step.npz", "rnn_step.json"}


def test_a_mistake_that_no_input_shows_is_refused():
    recipe = RECIPES["rnn_step"]
    idle = recipe.mistakes[0]._replace(name="idle", old="return ", new="return 1 * ")
    with pytest.raises(ValueError, match="idle must differ"):
        pack(recipe._replace(mistakes=(idle,)))
    twin = recipe.mistakes[0]._replace(name="twin")
    with pytest.raises(ValueError, match=r"twin must differ, got \['no_bias'\]"):
        pack(recipe._replace(mistakes=(recipe.mistakes[0], twin)))
    with pytest.raises(ValueError, match="old must occur in rnn_step once, got 0 times"):
        recipe.variant(twin._replace(old="np.cosh"))
