"""The state atlas's Python side: properties, directions, words, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.topologies import Network
from rnn_edu.widgets import Count, StateAtlas
from rnn_edu.widgets.arrange import main_axes
from rnn_edu.widgets.counts import correlations

ABC = "\n ()ab"
TEXTS = {"nested": "(a(b)) a", "two lines": "ab (ba)\n(a"}
PROPERTIES = {"depth": Count("(", ")"), "indentation": Count(" ", reset="\n", leading=True)}


def network(cell=GRUCell, H=5, K=2, seed=0, scale=3.0) -> Network:
    rng = np.random.default_rng(seed)
    c = cell.init(len(ABC), H, rng)
    return Network.init(type(c)(*(scale * a for a in vars(c).values())), K, rng)


def atlas(model=None, **options) -> StateAtlas:
    given = {"alphabet": ABC, "labels": ("no", "yes"), "texts": TEXTS, "properties": PROPERTIES}
    return StateAtlas(model or network(), **given | options)


def states(model: Network) -> np.ndarray:
    """(letters of all texts, H), by the weights as float16, each text alone."""
    c = type(model.cell)(*(a.astype("f2").astype(float) for a in vars(model.cell).values()))
    eye = np.eye(len(ABC))
    return np.concatenate(
        [unroll(c, eye[[ABC.index(a) for a in text], None])[0][:, 0] for text in TEXTS.values()]
    )


# --- what a text carries along -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "text", "values"),
    [
        (Count("([", ")]"), "a([b])c", "0122100"),
        (Count("(", ")"), "))(", "001"),
        (Count('"', '"'), 'a"b"c"', "011001"),
        (Count("ab", reset="\n"), "ab\na", "1201"),
        (Count(" ", reset="\n", leading=True), "  a b\n c", "12222011"),
        (Count("(", ")", leading=True), "(a()", "1110"),
        (Count("("), "", ""),
    ],
)
def test_a_count_follows_its_letters(count, text, values):
    assert count(text).tolist() == [float(v) for v in values]


@given(st.text(alphabet="()x", max_size=40))
def test_without_early_closings_a_count_is_openings_less_closings(text):
    sums = np.cumsum([{"(": 1, ")": -1}.get(letter, 0) for letter in text])
    lowest = np.minimum.accumulate(np.minimum(sums, 0))
    assert np.array_equal(Count("(", ")")(text), (sums - lowest).astype(float))


@given(st.integers(2, 30), st.integers(0, 10_000))
def test_correlations_are_pearsons(T, seed):
    rng = np.random.default_rng(seed)
    h, v = rng.normal(size=(T, 3)), rng.normal(size=T)
    h[:, 1] = 0.5
    expected = [np.corrcoef(h[:, j], v)[0, 1] for j in (0, 2)]
    assert np.abs(correlations(h, v)[[0, 2]] - expected).max() < 1e-9
    assert correlations(h, v)[1] == 0
    assert not correlations(h, np.ones(T)).any()


def test_main_axes_are_the_largest_of_the_variance():
    rows = np.random.default_rng(0).normal(size=(40, 4)) * [1, 5, 2, 0.1]
    mean, axes, shares = main_axes(rows)
    assert np.abs(mean - rows.mean(axis=0)).max() < 1e-12
    assert np.abs(axes @ axes.T - np.eye(2)).max() < 1e-12
    variance = ((rows - mean) ** 2).sum()
    assert np.abs((((rows - mean) @ axes.T) ** 2).sum(axis=0) / variance - shares).max() < 1e-12
    assert shares[0] == pytest.approx(np.linalg.svd(rows - mean)[1][0] ** 2 / variance)


# --- what travels and what is said ---------------------------------------------------------------


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
def test_words_are_the_directions_and_the_units_that_follow(cell):
    models = network(cell), network(cell, seed=1)
    figure = atlas(models[0], other=models[1], names=("ours", "theirs"))
    depth = np.concatenate([PROPERTIES["depth"](text) for text in TEXTS.values()])
    said, shares = [], []
    for name, model in zip(("ours", "theirs"), models, strict=True):
        h = states(model)
        r = np.array([np.corrcoef(column, depth)[0, 1] for column in h.T])
        unit = np.abs(r).argmax()
        said.append(f"{name} unit {unit} r = {r[unit]:.2f}")
        values = np.linalg.svd(h - h.mean(axis=0))[1] ** 2
        shares.append("{} and {}".format(*(f"{v:.2f}" for v in values[:2] / values.sum())))
    lines = figure.words.splitlines()
    assert lines[0] == f"{cell.__name__[:-4]} of 5 units: an atlas of its states"
    assert lines[1] == f"ours: {shares[0]} of the variance in two directions"
    assert lines[2] == f"theirs: {shares[1]} of the variance in two directions"
    assert lines[3] == f"depth over 18 letters: {', '.join(said)}"
    assert lines[4].startswith("indentation over 18 letters: ours unit")


def test_it_starts_with_the_first_text_and_the_unit_that_follows_best():
    figure = atlas(against="indentation")
    assert (figure.text, figure.t, figure.view, figure.beside) == ("(a(b)) a", 8, "paths", False)
    assert f"unit {figure.unit} " in figure.words.splitlines()[-1]
    assert atlas(text="ab", unit=1).t == 2


def test_weights_travel_as_float16_and_axes_for_each_network():
    figure = atlas(other=network(seed=1), fixed_points=np.ones((3, 5)))
    sizes = sum(size for _, size in figure.arrays)
    assert len(figure.weights) == len(figure.other) == 2 * sizes
    axes = np.frombuffer(figure.axes, "<f4").reshape(2, 3, 5)
    assert np.abs(axes[0, 0] - states(network()).mean(axis=0)).max() < 1e-6
    assert np.abs(axes[1, 0] - states(network(seed=1)).mean(axis=0)).max() < 1e-6
    assert np.frombuffer(figure.points, "<f4").tolist() == [1] * 15
    assert figure.names == ["trained", "untrained"]
    alone = atlas()
    assert (alone.other, alone.points, alone.names) == (b"", b"", ["trained"])


def test_one_unit_is_enough():
    figure = atlas(network(H=1))
    assert "1.00 and 0.00 of the variance" in figure.words


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", "cat", "'c' in 'cat'"),
        ("t", 9, r"t must lie in 0\.\.8, got 9"),
        ("unit", 5, r"unit must lie in 0\.\.4, got 5"),
        ("against", "width", "against must be one of .*'depth'.* got 'width'"),
        ("view", "list", "list"),
        ("order", "size", "size"),
        ("beside", True, "beside must be False without a second network"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(atlas(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"texts": {}}, "texts and properties must hold one at least, got 0 and 2"),
        ({"properties": {}}, "texts and properties must hold one at least, got 2 and 0"),
        ({"texts": {"x": ""}}, r"texts\['x'\] must hold a letter at least"),
        ({"texts": {"x": "cab"}}, r"texts\['x'\]: text must use the letters"),
        ({"texts": {"x": "a" * 301}}, r"texts\['x'\]: text must be at most 300 letters, got 301"),
        ({"names": ("one",)}, "names must be 2, one per network, got 1"),
        ({"fixed_points": np.ones(5)}, r"fixed_points must be \(P, H=5\), got \(5,\)"),
        ({"fixed_points": np.ones((2, 4))}, r"fixed_points must be \(P, H=5\), got \(2, 4\)"),
        ({"other": network(H=4)}, "other must be a GRU with arrays of network's sizes"),
        ({"other": network(RNNCell)}, "other must be a GRU with arrays of network's sizes"),
        ({"labels": ("one",)}, "labels must be 2, one per output, got 1"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        atlas(**options)


def test_what_is_no_count_or_no_network_is_refused():
    with pytest.raises(TypeError, match=r"properties\['depth'\] must be a Count, got tuple"):
        atlas(properties={"depth": ("(", ")")})
    with pytest.raises(TypeError, match="network must have an RNNCell"):
        atlas(network().cell)
    with pytest.raises(ValueError, match="network must fit float16"):
        atlas(network(scale=1e6))
