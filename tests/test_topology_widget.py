"""The topology explorer's Python side: shapes, numbers, examples, state, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
import traitlets

from rnn_edu import RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets.topology import TopologyExplorer
from rnn_edu.widgets.topology_kinds import EXAMPLES, NAMES


def numbers(kind, **sizes):
    """The count of numbers to learn, as the words have it."""
    return int(re.search(r"^(\d+) numbers", TopologyExplorer(kind, **sizes).words, re.MULTILINE)[1])


def test_words_tell_shapes_numbers_and_example():
    assert TopologyExplorer("many-to-many, unaligned", title="five", T=2, N=1).words == (
        "five: many-to-many, unaligned\n"
        "One cell reads to the end and hands its last state to a second, which writes S outputs,"
        " each fed back to it: that one state is all it has of the input.\n"
        "x (T, N, D) = (2, 1, 3); h (T, N, H) = (2, 1, 4); s (S, N, H) = (1, 1, 4);"
        " y (S, N, K) = (1, 1, 3)\n"
        "79 numbers to learn, for any T: W_xh 12, W_hh 16, b_h 4,"
        " W_ys 12, W_ss 16, b_s 4, W_sy 12, b_y 3\n"
        "English becomes French. 'good' 'morning' -> 'bonjour'"
    )


@pytest.mark.parametrize("kind", ["many-to-one", "many-to-many, aligned"])
def test_shapes_and_numbers_are_those_of_a_network(kind):
    rng = np.random.default_rng(0)
    T, N, D, H, K = 6, 3, 2, 5, 4
    network = Network.init(RNNCell.init(D, H, rng), K, rng)
    read = "last" if kind == "many-to-one" else "every"
    y, _ = network.forward(rng.normal(size=(T, N, D)), read=read)
    sizes = {"N": N, "D": D, "H": H, "K": K}
    assert str(y.shape) in TopologyExplorer(kind, T=T, **sizes).words
    learned = network.cell.n_params + network.W_hy.size + network.b_y.size
    assert {numbers(kind, T=T, **sizes) for T in range(1, 7)} == {learned}


def test_the_control_has_no_recurrent_weights_and_one_step():
    assert numbers("one-to-one") == numbers("many-to-one") - 4 * 4
    assert "x (T, N, D) = (1, 2, 3)" in TopologyExplorer("one-to-one", T=6).words


@pytest.mark.parametrize("kind", NAMES[1:])
def test_every_length_has_an_example(kind):
    side = 1 if kind == "one-to-many" else 0
    assert [len(pair[side]) for pair in EXAMPLES[kind]] == [1, 2, 3, 4, 5, 6]


def test_steps_follow_kind_and_length():
    figure = TopologyExplorer("many-to-many, unaligned", t=2)
    assert (figure.T, figure.steps, figure.t) == (5, 10, 2)  # five words, four words
    figure.T = 3
    assert (figure.steps, figure.t) == (6, 5)
    figure.kind = "one-to-one"
    assert (figure.steps, figure.t) == (2, 1)
    figure.kind = "one-to-many"
    assert (figure.steps, figure.t) == (4, 3)
    with pytest.raises(traitlets.TraitError, match=r"t must lie in 0..3, got 4"):
        figure.t = 4


def test_own_examples_replace_the_built_in_ones_of_their_kind():
    mine = ("A review becomes a mark.", [(("not", "bad"), ("good",)), (("bad",), ("bad",))])
    figure = TopologyExplorer("many-to-one", examples={"many-to-one": mine}, T=2)
    assert figure.words.endswith("A review becomes a mark. 'not' 'bad' -> 'good'")
    assert TopologyExplorer("many-to-one", examples={"many-to-one": mine}).words.endswith("b_y 3")
    assert "French" in TopologyExplorer(NAMES[4], examples={"many-to-one": mine}).words


@pytest.mark.parametrize(
    ("kind", "pair", "said"),
    [
        ("two-to-one", ("a", "b"), "examples must be for one-to-one; .* got 'two-to-one'"),
        ("one-to-many", ("ab", "c"), r"examples\['one-to-many'\] must have 1 of the inputs, got 2"),
        ("many-to-one", ("ab", "cd"), "must have 1 of the outputs, got 2"),
        ("many-to-one", ("", "b"), "must have 1 to 6 inputs, got 0"),
        (NAMES[4], ("ab", "abcdefg"), "must have 1 to 6 outputs, got 7"),
        (NAMES[3], ("ab", "a"), "must have an output for each input, got 1 for 2"),
    ],
)
def test_examples_must_fit_their_kind(kind, pair, said):
    with pytest.raises(ValueError, match=said):
        TopologyExplorer(examples={kind: ("task", [pair])})


@pytest.mark.parametrize("trait", [{"T": 0}, {"N": 5}, {"D": 7}, {"K": 7}, {"kind": "one-to-two"}])
def test_what_cannot_be_drawn_is_refused(trait):
    name = next(iter(trait))
    with pytest.raises(traitlets.TraitError, match=f"'{name}' trait|{name}"):
        TopologyExplorer(**trait)
