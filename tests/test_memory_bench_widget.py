"""The memory bench's Python side: the cells of rnn_edu.memory, the law of sums, words, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
import traitlets

from rnn_edu.memory import DeltaCell, GatedLinearAttentionCell, LinearAttentionCell
from rnn_edu.widgets import MemoryBench
from rnn_edu.widgets.memory_bench import mean_error


def logit(p: float) -> float:
    return float(np.clip(np.log(p) - np.log1p(-p) if 0 < p < 1 else 80 * p - 40, -40, 40))


def unrolled(bench: MemoryBench, rule: str) -> np.ndarray:
    """S after the bench's writes by the cell of that rule; a step's x is its key and its value."""
    d, (keys, values) = bench.sizes[3], bench.parameters()
    x = np.array([[*1e3 * keys[i], *values[i, n % 4]] for i, n in bench.series()])
    pass_v, pass_k = np.eye(2 * d)[:, d:], np.tile(np.eye(2 * d)[:, :d], 2)
    shared = pass_v, np.zeros(d), pass_k, np.zeros(2 * d)
    cell = {
        "sum": lambda: LinearAttentionCell(*shared),
        "decay": lambda: GatedLinearAttentionCell(
            *shared, np.zeros((2 * d, d)), np.full(d, logit(bench.decay))
        ),
        "delta": lambda: DeltaCell(
            *shared, np.zeros((2 * d, 1)), np.full(1, logit(bench.beta))
        ),
    }[rule]()  # fmt: skip
    return cell.sweep(x[:, None], cell.zero_state(1))[1][1][0]


# --- the arithmetic ------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["sum", "decay", "delta"])
@pytest.mark.parametrize(("decay", "beta"), [(0.9, 1.0), (0.35, 0.4)])
def test_the_memory_is_that_of_the_cell(rule, decay, beta):
    bench = MemoryBench(3, seed=2, writes="ABFACCDEAB", decay=decay, beta=beta, rule=rule)
    expected = unrolled(bench, rule)
    np.testing.assert_allclose(bench.memory(), expected, atol=1e-6)  # their keys have an epsilon
    for letter, found in bench.reads().items():
        k = bench.parameters()[0]["ABCDEF".index(letter)]
        np.testing.assert_allclose(found.read, k @ expected, atol=1e-5)
        assert found.error == pytest.approx(np.sum((found.wanted - found.read) ** 2))


def test_sums_of_random_keys_err_by_the_law():
    n, d = 8, 4
    errors = [
        mean_error(MemoryBench(d, seed=seed, draw=draw, writes="ABCDEFGH").reads())
        for seed in range(30)
        for draw in range(8)
    ]
    assert np.mean(errors) == pytest.approx((n - 1) / d, abs=4 * np.std(errors) / 240**0.5)
    assert np.std(errors) / 240**0.5 < 0.05


@pytest.mark.parametrize("cosine", [0.0, 0.3, 0.9, 1.0])
def test_keys_at_equal_angles_have_length_one_and_that_cosine(cosine):
    keys, _ = MemoryBench(5, kind="angles", cosine=cosine, draw=3).parameters()
    np.testing.assert_allclose(keys @ keys.T, np.eye(5) * (1 - cosine) + cosine, atol=1e-6)


def test_an_overwrite_fails_with_sums_and_works_with_the_delta_rule():
    bench = MemoryBench(kind="angles", writes="ABCDA")
    error = {rule: bench.reads(rule)["A"].error for rule in ("sum", "decay", "delta")}
    assert error["sum"] == pytest.approx(1, abs=1e-5)  # all of the old value is still there
    assert 0 < error["decay"] < 1
    assert error["delta"] == pytest.approx(0, abs=1e-9)
    bench = MemoryBench(writes="ABCDEFGHA")
    assert bench.reads("delta")["A"].error == pytest.approx(0, abs=1e-9)


def test_values_have_length_one_and_half_of_their_signs_turn():
    for d in (2, 3, 4, 6):
        _, values = MemoryBench(d).parameters()
        np.testing.assert_allclose(np.square(values).sum(axis=-1), 1, rtol=1e-6)
        turned = (values[:, 1:] != values[:, :-1]).sum(axis=-1)
        assert (turned == (d + 1) // 2).all()


# --- words and state -----------------------------------------------------------------------------


def test_words_are_what_each_key_reads_beside_what_it_should():
    bench = MemoryBench(2, n_keys=3, writes="ABA", rule="delta", beta=0.5, title="bench")
    title, series, a, b, mean, law = bench.words.splitlines()
    assert title == "bench: S 2 x 2, random keys, set 0"
    assert series == "n = 3 writes: ABA; rule: delta, beta = 0.50"
    wanted, read, error = bench.reads()["A"]
    numbers = [" ".join(f"{value:z.2f}" for value in v) for v in (wanted, read)]
    assert a == f"A: wanted {numbers[0]}; read {numbers[1]}; squared error {error:.2f}"
    assert b.startswith("B: wanted ")
    means = [f"{r} {mean_error(bench.reads(r)):.2f}" for r in ("sum", "decay", "delta")]
    assert mean == f"mean: {', '.join(means)}"
    assert law == "expected for sums if all keys differ: (n - 1)/d = 1.00"


def test_words_follow_the_state():
    bench = MemoryBench()
    assert bench.words.splitlines()[1:] == ["nothing is written yet"]
    changes = [("writes", "ABCAD"), ("rule", "decay"), ("decay", 0.5), ("draw", 1)]
    changes += [("kind", "angles"), ("cosine", 0.5), ("rule", "delta"), ("beta", 0.5)]
    for name, value in changes:
        before = bench.words
        setattr(bench, name, value)
        assert bench.words != before, name
    assert "keys with cosine 0.50 between any two, set 1" in bench.words
    assert bench.words.endswith("(n - 1) cosine^2 = 1.00")


def test_keys_that_do_not_exist_are_passed_over():
    bench = MemoryBench(2, writes="ADBCA", kind="angles")
    assert bench.series() == [(0, 0), (1, 0), (0, 1)]
    assert "n = 3 writes: ABA;" in bench.words
    bench.kind = "random"
    assert bench.series() == [(0, 0), (3, 0), (1, 0), (2, 0), (0, 1)]


def test_seeds_draw_other_numbers():
    first, again, other = (MemoryBench(seed=s).arrays for s in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"d": 1}, "d must lie in 2..6, got 1"),
        ({"d": 7}, "d must lie in 2..6, got 7"),
        ({"n_keys": 1}, "n_keys must lie in 2..12, got 1"),
        ({"n_keys": 13}, "n_keys must lie in 2..12, got 13"),
    ],
)
def test_sizes_that_cannot_be_drawn_are_named(options, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        MemoryBench(**options)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("writes", "ABI", "writes must use the letters ABCDEFGH, got 'I'"),
        ("writes", "A" * 25, "writes must be at most 24, got 25"),
        ("chosen", 8, "chosen must lie in 0..7, got 8"),
        ("rule", "hebb", "'rule' trait"),
        ("kind", "similar", "'kind' trait"),
        ("decay", 1.1, "'decay' trait"),
        ("beta", -0.1, "'beta' trait"),
        ("cosine", 1.1, "'cosine' trait"),
        ("draw", 8, "'draw' trait"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=re.escape(says)):
        setattr(MemoryBench(), name, value)
