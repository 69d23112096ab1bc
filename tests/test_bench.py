"""The benches' arithmetic, the aims' verdicts, and what the book holds of both."""

import importlib
import os
import re

import pytest

from tests import mutation
from tests.bench import __main__ as bench
from tests.bench import cells, timing
from tests.bench.ways import FAST, NUMPY, PRODUCTS, TORCH, Shape, ways
from tests.numerics import ROOT


def test_runs_take_turns_in_an_order_of_each_round():
    log = []
    runs = {name: lambda name=name: log.append(name) for name in "abc"}
    taken = timing.in_turns(runs, seconds=0, least=20, most=99)
    rounds = ["".join(log[start : start + 3]) for start in range(0, len(log), 3)]
    assert {"".join(sorted(order)) for order in rounds} == {"abc"}
    assert len(set(rounds[1:])) == 6  # all orders there are
    assert [len(values) for values in taken.values()] == [20] * 3  # the first only warms up
    assert len(timing.in_turns(runs, seconds=60, least=1, most=4)["a"]) == 4


def test_a_ratio_is_taken_round_by_round():
    """A machine that is three times slower in the middle changes both, and no ratio."""
    ours, theirs = [1.0, 3.0, 1.0, 1.2], [2.0, 6.0, 2.0, 2.0]
    found = timing.ratio(ours, theirs)
    assert found.low == found.middle == 0.5
    assert 0.5 < found.high < 0.6
    assert f"{found:.2f}" == f"0.50 [0.50,\N{NO-BREAK SPACE}{found.high:.2f}]"


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_an_exponent_is_that_of_a_power_law(power):
    assert timing.exponent([10, 20, 80], [3 * n**power for n in (10, 20, 80)]) == pytest.approx(
        power
    )


def test_a_fresh_process_has_the_threads_that_it_is_given(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with timing.fresh_processes(threads=2) as pool:
        assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "2"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def row(kind, N, threads=1, training=True, **taken):
    """A row in which a way took this many times what torch.nn took."""
    names = {"numpy": NUMPY, "fast": FAST, "products": PRODUCTS}
    taken = {names[k]: v for k, v in taken.items()}
    pairs = {(way, TORCH): [[v] * 3, [1.0] * 3] for way, v in taken.items()}
    if {NUMPY, PRODUCTS} <= set(taken):
        pairs[NUMPY, PRODUCTS] = [[taken[NUMPY]] * 3, [taken[PRODUCTS]] * 3]
    return cells.Row(threads, training, kind, Shape(N, 5, 4, 3), pairs)


def test_an_aim_is_missed_by_one_row_above_it_and_says_which():
    aim = cells.Aim(NUMPY, ("RNN", "GRU"), "larger", (1,), 0.9)
    good, bad = row("RNN", 32, numpy=0.9), row("GRU", 64, numpy=0.91)
    assert list(aim.cells([good]))[-1] == "reached"
    *_, worst, verdict = aim.cells([good, bad])
    assert worst.replace("\N{NO-BREAK SPACE}", " ") == "0.91 [0.91, 0.91] (GRU, 64, 5, 4, 3)"
    assert verdict == "**missed** (1 of 2)"


def test_an_aim_speaks_of_its_own_rows():
    aim = cells.Aim(NUMPY, ("GRU",), "N = 64", (1,), 1.5, PRODUCTS)
    own = row("GRU", 64, numpy=0.6, products=0.5)
    others = [
        row("GRU", 64, threads=2, numpy=9, products=1),
        row("GRU", 64, training=False, numpy=9, products=1),
        row("GRU", 32, numpy=9, products=1),
        row("LSTM", 64, numpy=9, products=1),
    ]
    assert [aim.covers(r) for r in (own, *others)] == [True, False, False, False, False]
    assert list(aim.cells([own, *others]))[-2].startswith("1.20 ")


def test_every_aim_has_a_row_to_be_judged_by():
    every = [
        row(kind, shape.N, threads, numpy=1, fast=1, products=1)
        for kind in ("RNN", "GRU", "LSTM")
        for shape in cells.SHAPES
        for threads in cells.WORDS
    ]
    assert all(any(aim.covers(r) for r in every) for aim in cells.AIMS)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_every_way_runs(kind, training):
    for run in ways(kind, Shape(2, 5, 4, 3), training).values():
        run()


@pytest.mark.parametrize("part", bench.IN_THE_BOOK + bench.OTHERS)
def test_every_part_reports(part):
    assert callable(importlib.import_module(f"tests.bench.{part}").report)


def test_the_pages_include_what_is_measured():
    pages = [p.read_text(encoding="utf-8") for p in (ROOT / "book" / "pages").glob("*.md")]
    line = re.compile(r"^```\{include\} measured/(\w+)\.txt$", re.MULTILINE)
    included = [part for page in pages for part in line.findall(page)]
    assert sorted(included) == sorted((*bench.IN_THE_BOOK, "mutation", "portability"))
    assert sorted(p.stem for p in bench.MEASURED.iterdir()) == sorted(included)


# --- mutants ---------------------------------------------------------------------------------


@pytest.mark.parametrize("known", mutation.equivalents(), ids=lambda k: f"{k.where} {k.new}")
def test_an_equivalent_mutant_is_one_of_a_line_that_is_there(known):
    """So the list cannot outlive the code that it excuses."""
    module = known.where.partition(".")[0]
    source = (ROOT / "rnn_edu" / f"{module}.py").read_text(encoding="utf-8")
    assert known.old in " ".join(source.split())
    assert known.old != known.new
    assert len(known.why) > 20


def test_an_excuse_covers_one_change_and_no_other():
    excuse = mutation.Equivalent("ops.f", "strict=True", "strict=None", "as long as each other")
    mutant = mutation.Mutant("", "ops", "f", "g(strict=True, strict=True)", "", 0)
    for new, covered in (
        ("g(strict=None, strict=True)", True),
        ("g(strict=True, strict=None)", True),
        ("g(strict=None, strict=None)", False),
        ("h(strict=None, strict=True)", False),
        ("g(strict=True, strict=True)", False),
    ):
        assert excuse.covers(mutant._replace(new=new)) is covered
    assert not excuse.covers(mutant._replace(new="g(strict=None, strict=True)", function="h"))


def test_the_score_leaves_out_what_is_equivalent_and_counts_what_no_test_reaches(monkeypatch):
    excuse = mutation.Equivalent("ops.f", "a + 0", "a - 0", "the same")
    monkeypatch.setattr(mutation, "equivalents", lambda: [excuse])
    same = mutation.Mutant("", "ops", "f", "a + 0", "a - 0", 0)
    alive = [same._replace(new="a * 0"), same._replace(function="g", code=33)]
    killed = [same._replace(old="", new="", code=code) for code in (1, 1, 1, 36)]
    found = [same, *alive, *killed, same._replace(code=None)]
    *_, everything, left = mutation.score(found)
    assert everything == "| all | 7 | 4 | 1 | 2 | 66.7 % |"
    assert left == "\n1 mutants of 8 have not been tried yet."
    listed = "".join(mutation.survivors(found))
    assert listed == "\nops.f\n- a + 0\n+ a * 0\nops.g\n- a + 0\n+ a - 0"
