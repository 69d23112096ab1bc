"""The playground's Python side: words, state, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets.playground import Playground

CELLS = (RNNCell, GRUCell, LSTMCell)
LANGUAGES = ("here", "there")


def network(cell=RNNCell, D=3, H=4, K=2, seed=0, **options) -> Network:
    rng = np.random.default_rng(seed)
    return Network.init(cell.init(D, H, rng, **options), K, rng)


def reader(text="cab", **options) -> Playground:
    return Playground(network(), alphabet="abc", labels=LANGUAGES, text=text, **options)


def writer(text="cab", **options) -> Playground:
    return Playground(network(K=3), alphabet="abc", generate=True, text=text, **options)


def probabilities(model: Network, text: str, alphabet="abc") -> np.ndarray:
    x = np.eye(len(alphabet))[[alphabet.index(letter) for letter in text]][:, None]
    y = model.forward(x)[0][0]
    return np.exp(y) / np.exp(y).sum()


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_words_are_the_answers_of_the_network(cell, dtype):
    model = network(cell, K=2, seed=1, dtype=dtype)
    figure = Playground(model, alphabet="abc", labels=LANGUAGES, text="cab", title="two")
    expected = ["two"]
    for start, text in (("after 'cab'", "cab"), ("sorted, 'abc'", "abc")):
        p = probabilities(model, text)
        best = np.argsort(-p)
        expected.append(f"{start}: " + ", ".join(f"{LANGUAGES[k]} {p[k]:.2f}" for k in best))
    assert figure.words.splitlines() == expected


def test_words_of_counts_do_not_depend_on_the_order():
    W, b = np.array([[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.0])
    lines = [reader(text, counts=(W, b)).words.splitlines()[3] for text in ("caba", "aabc")]
    p = 1 / (1 + np.exp(-(2 * 2 + 0.5 - 1)))
    assert lines == [f"letter counts, in any order: here {p:.2f}, there {1 - p:.2f}"] * 2


def test_words_of_a_writer_are_what_comes_next():
    p = probabilities(network(K=3), "cab")
    best = ", ".join(f"{'abc'[k]!r} {p[k]:.2f}" for k in np.argsort(-p))
    assert writer().words == f"RNN of 4 units: what comes next\nafter 'cab': {best}"


def test_words_name_three_answers_and_ties_in_their_own_order():
    model = network(K=5)
    flat = Network(model.cell, np.zeros((4, 5)), np.array([0.0, 1e-9, 1.0, 1e-9, 0.0]))
    figure = Playground(flat, alphabet="abc", labels=list("vwxyz"), text="")
    assert figure.words.splitlines()[1] == "after '': x 0.40, v 0.15, w 0.15"


# --- state ---------------------------------------------------------------------------------------


def test_the_weights_travel_as_named_float32():
    for cell in CELLS:
        model = network(cell)
        figure = Playground(
            model, alphabet="abc", labels=LANGUAGES, counts=(np.ones((3, 2)), np.ones(2))
        )
        sizes = dict(figure.arrays)
        assert list(sizes)[:2] == ["W_xh", "W_hh"]
        assert list(sizes)[-4:] == ["W_hy", "b_y", "W_counts", "b_counts"]
        packed = np.frombuffer(figure.weights, "<f4")
        assert len(packed) == sum(sizes.values())
        start = sizes["W_xh"]
        assert np.allclose(packed[start : start + sizes["W_hh"]], model.cell.W_hh.ravel())
        assert figure.cell == cell.__name__.removesuffix("Cell")
    assert figure.static_html().count("<iframe") == 1
    assert repr(reader()) == "Playground('RNN of 4 units: a reader')"


def test_a_cursor_at_the_end_stays_at_the_end():
    figure = reader("cab")
    assert (figure.text, figure.typed, figure.t) == ("cab", "cab", 3)
    figure.text = "cabba"
    assert (figure.typed, figure.t) == ("cabba", 5)
    figure.t = 2
    figure.text = "acb"
    assert (figure.typed, figure.t) == ("acb", 2)
    figure.text = "a"
    assert figure.t == 1
    figure.text = ""
    assert figure.t == 0


def test_moved_letters_and_written_ones_keep_what_was_typed():
    figure = reader("cab")
    figure.text = "bac"
    assert figure.typed == "cab"
    figure.text = "bab"
    assert figure.typed == "bab"
    figure = writer("ca")
    figure.text = "cabb"
    assert figure.typed == "ca"
    figure.text = "ac"
    assert figure.typed == "ac"


def test_it_keeps_the_temperature_and_seed_it_is_given():
    figure = writer(temperature=0.5, seed=7, t=1)
    assert (figure.temperature, figure.seed, figure.t) == (0.5, 7, 1)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("text", "cad", "text must use the letters 'abc', got 'd' in 'cad'"),
        ("typed", "A", "text must use the letters 'abc', got 'A'"),
        ("text", "a" * 25, "text must be at most 24 letters, got 25"),
        ("t", 4, r"t must lie in 0\.\.3, got 4"),
        ("t", -1, r"t must lie in 0\.\.3, got -1"),
        ("temperature", 0.0, r"temperature must lie in 0\.1\.\.2, got 0\.0"),
        ("temperature", float("nan"), r"temperature must lie in 0\.1\.\.2, got nan"),
        ("seed", -1, "'seed' trait .* should not be less than 0"),
    ],
)
def test_a_wrong_state_is_refused(name, value, said):
    figure = reader()
    with pytest.raises(traitlets.TraitError, match=said):
        setattr(figure, name, value)
    assert figure.text == "cab"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"alphabet": "ab"}, "alphabet must be 3 different letters, got 'ab'"),
        ({"alphabet": "aba"}, "alphabet must be 3 different letters, got 'aba'"),
        ({"labels": ["here"]}, "labels must be 2, one per output, got 1"),
        ({"text": "xyz"}, "text must use the letters 'abc', got 'x' in 'xyz'"),
        ({"text": "a" * 25}, "text must be at most 24 letters, got 25"),
        ({"generate": True}, "labels and counts must be left out with generate=True"),
        (
            {"counts": (np.ones((2, 3)), np.ones(2))},
            r"counts must be \(W, b\), \[\(3, 2\), \(2,\)\], got \[\(2, 3\), \(2,\)\]",
        ),
        ({"counts": (np.full((3, 2), np.nan), np.ones(2))}, "W_counts must fit float32"),
    ],
)
def test_what_does_not_fit_the_network_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Playground(network(), **({"alphabet": "abc", "labels": LANGUAGES} | options))


def test_a_writer_must_answer_with_its_letters():
    with pytest.raises(ValueError, match="labels must be 2, one per output, got 3"):
        Playground(network(), alphabet="abc", generate=True)
    with pytest.raises(ValueError, match="text must be at most 400 letters, got 401"):
        writer("a" * 401)


def test_another_model_is_refused():
    for model in (network().cell, object()):
        with pytest.raises(TypeError, match=r"network must have .* and a readout \.W_hy, got"):
            Playground(model, alphabet="abc", labels=LANGUAGES)


def test_more_than_a_megabyte_is_refused():
    assert len(Playground(network(H=490), alphabet="abc", labels=LANGUAGES).weights) > 900_000
    with pytest.raises(ValueError, match="network must fit 1000000 bytes of float32, got 1012008"):
        Playground(network(H=500), alphabet="abc", labels=LANGUAGES)
