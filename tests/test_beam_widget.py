"""The beam's Python side: paths, words, state, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import traitlets

from rnn_edu.widgets.beam import Beam

from .browser.bigrams import END, TREE, beam_search, bigrams


def floats(data):
    return np.frombuffer(data, "<f4")


def test_the_best_path_and_the_greedy_one():
    beam = Beam(TREE, title="two letters")
    assert (beam.best, beam.greedy, beam.steps) == ([1, 4], [0, 2], 2)
    assert beam.words == (
        "two letters: 6 candidates, 2 kept, 3 pruned, 1 finished\n"
        "best: 'b' 'd' -1.02\n"
        "greedy: 'a' 'c' -1.20, is dropped at t = 1"
    )
    sums = np.exp(floats(beam.sums))
    np.testing.assert_allclose(sums, [0.6, 0.4, 0.3, 0.24, 0.36, 0.04], rtol=1e-6)
    np.testing.assert_allclose(floats(beam.scores), floats(beam.sums))


def test_what_is_unfinished_is_led_by_the_first_that_goes_on():
    assert Beam(TREE[:2]).best == [0]
    assert Beam([*TREE[:2], (1, "c", -9.0, "kept")]).best == [1, 2]  # at the last step
    assert Beam(TREE[:2]).words.endswith("greedy: 'a' -0.51, is kept")
    none = Beam([TREE[0]._replace(status="pruned")])
    assert none.best == []
    assert "best" not in none.words


def test_alpha_ranks_by_length():
    nodes = [
        (-1, "a", -1.0, "finished"),
        (-1, "b", -0.7, "kept"),
        (1, "c", -0.7, "finished"),
    ]
    assert Beam(nodes).best == [0]
    longer = Beam(nodes, alpha=1.0)
    assert longer.best == [1, 2]
    np.testing.assert_allclose(floats(longer.scores), [-1, -0.7, -0.7])
    assert longer.words.splitlines()[1] == "best: 'b' 'c' -1.40"  # the sum, whatever the rank


def test_a_beam_as_wide_as_all_candidates_finds_the_likeliest_of_all():
    """By brute force over a random bigram model; a beam of one is the greedy path."""
    for seed in range(20):
        log_p = bigrams(5, seed)
        wide = Beam(beam_search(log_p, width=5**4, steps=4))
        tokens = "".join(wide.tokens[k] for k in wide.best)
        assert tokens == max(every_output(log_p, 4), key=lambda pair: pair[1])[0]
        narrow = Beam(beam_search(log_p, width=1, steps=4))
        path = [k for k, status in enumerate(narrow.statuses) if status != "pruned"]
        assert narrow.greedy == path


def every_output(log_p, steps, text="", last=0, total=0.0):
    for token, value in enumerate(log_p[last]):
        output = text + "abcdefgh"[token]
        if token == END:
            yield output, total + value
        elif steps > 1:
            yield from every_output(log_p, steps - 1, output, token, total + value)


def test_its_state_is_the_step_and_a_candidate():
    beam = Beam(TREE, t=1, node=4)
    assert (beam.t, beam.node) == (1, 4)
    beam.node = -1
    with pytest.raises(traitlets.TraitError, match=r"node must lie in 0\.\.5, got 6"):
        beam.node = 6


@pytest.mark.parametrize(
    ("k", "change", "message"),
    [
        (2, {"status": "lost"}, r"nodes\[2\].status must be one of .*, got 'lost'"),
        (0, {"log_prob": 0.1}, r"nodes\[0\].log_prob must be finite, 0 or below, got 0\.1"),
        (0, {"log_prob": math.nan}, r"nodes\[0\].log_prob must be finite, 0 or below, got nan"),
        (0, {"log_prob": -math.inf}, r"nodes\[0\].log_prob must be finite, 0 or below, got -inf"),
        (1, {"parent": 1}, r"nodes\[1\].parent must be -1 or a node before it, got 1"),
        (1, {"parent": -2}, r"nodes\[1\].parent must be -1 or a node before it, got -2"),
        (5, {"parent": 2}, r"nodes\[5\].parent must be a kept node, .* pruned"),
    ],
)
def test_errors_name_the_node(k, change, message):
    nodes = list(TREE)
    nodes[k] = nodes[k]._replace(**change)
    with pytest.raises(ValueError, match=message):
        Beam(nodes)


def test_errors():
    with pytest.raises(ValueError, match="nodes must be at least 1, got none"):
        Beam([])
    with pytest.raises(ValueError, match="alpha must be 0 or above, got -1"):
        Beam(TREE, alpha=-1)
