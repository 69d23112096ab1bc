"""The sampler's Python side: words, state, errors, and the weights it hands to the page."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets import Sampler

ABC = "abc\n"


def network(cell=GRUCell, D=4, H=5, K=None, scale=1.0) -> Network:
    rng = np.random.default_rng(3)
    net = Network.init(cell.init(D, H, rng), K or D, rng)
    return Network(net.cell, scale * net.W_hy, scale * net.b_y)


def sampler(text="cab", **options) -> Sampler:
    return Sampler(network(), alphabet=ABC, text=text, **options)


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
@pytest.mark.parametrize("text", ["", "cab\na"])
def test_words_are_the_networks_own_answer(cell, text):
    model = network(cell, scale=4)
    h = np.zeros((1, 5))
    if text:
        x = np.eye(4)[[ABC.index(c) for c in text]][:, None]
        h = model.forward(x, read="every")[1].h_read[-1]
    p = softmax(h @ model.W_hy + model.b_y)[0]
    title, line = Sampler(model, alphabet=ABC, text=text).words.split("\n", 1)
    assert title.endswith("of 5 units: what it may write next")
    best = np.argsort(-p.round(2), kind="stable")[:3]
    likely = ", ".join(f"{ABC[k]!r} {p[k]:.2f}" for k in best)
    assert line.startswith(f"after {text!r}: {likely}; ")
    assert line.endswith(f"; entropy {-(p * np.log2(p)).sum():.2f} bits")


def test_weights_travel_as_float16():
    figure, model = sampler(), network()
    values = np.frombuffer(figure.weights, "<f2")
    assert sum(size for _, size in figure.arrays) == len(values)
    sizes = dict(map(tuple, figure.arrays))
    assert np.array_equal(values[-4:], model.b_y.astype(np.float16))
    assert np.array_equal(values[: sizes["W_xh"]], model.cell.W_xh.astype(np.float16).ravel())


def test_the_rule_starts_as_none():
    figure = sampler()
    rule = figure.temperature, figure.top_k, figure.top_p, figure.min_p
    assert rule == (1, 4, 1, 0)
    assert sampler(top_k=2, seed=7).top_k == 2


def test_typed_is_what_the_network_did_not_write():
    figure = sampler()
    figure.text = "cabba"
    assert (figure.typed, figure.t) == ("cab", 5)
    figure.text = "bb"
    assert (figure.typed, figure.t) == ("bb", 2)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text", "cat", "'t' in 'cat'"),
        ("typed", "x", "'x' in 'x'"),
        ("text", "a" * 401, "at most 400 letters, got 401"),
        ("t", 4, "t must lie in 0..3, got 4"),
        ("temperature", 0.05, r"temperature must lie in 0.1..2, got 0.05"),
        ("top_k", 0, "top_k must lie in 1..4, got 0"),
        ("top_k", 5, "top_k must lie in 1..4, got 5"),
        ("top_p", 0.0, r"top_p must lie in 0.01..1, got 0.0"),
        ("min_p", 1.5, r"min_p must lie in 0..1, got 1.5"),
        ("seed", 10_000, "10000"),
    ],
)
def test_a_state_that_cannot_be_is_refused(name, value, says):
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(sampler(), name, value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"alphabet": "abc"}, "alphabet must be 4 different letters, got 'abc'"),
        ({"text": "cat"}, "text must use the letters"),
        ({"text": "a" * 401}, "text must be at most 400 letters, got 401"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        Sampler(network(), **{"alphabet": ABC} | options)


def test_a_classifier_is_no_writer():
    with pytest.raises(ValueError, match="labels must be 3, one per output, got 4"):
        Sampler(network(K=3), alphabet=ABC)


def test_weights_too_large_for_float16_are_refused():
    with pytest.raises(ValueError, match="network must fit float16"):
        Sampler(network(scale=1e6), alphabet=ABC)
