"""The loop player's Python side: words, state, errors."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, RNNCell, unroll
from rnn_edu.widgets.loop_player import LoopPlayer

W_xh = np.array([[1.0, 0.5]])
W_hh = np.array([[0.5, -1.0], [0.0, 0.8]])
b_h = np.array([0.0, 0.1])
x = np.array([1.0, 0.0, -1.0]).reshape(3, 1, 1)


def player(**traits):
    return LoopPlayer(RNNCell(W_xh, W_hh, b_h), x, **traits)


def sized(D, H, T):
    rng = np.random.default_rng(0)
    return LoopPlayer(RNNCell.init(D, H, rng), rng.normal(size=(T, 1, D)))


def test_words_are_the_turns():
    assert player(title="three", tokens=["a", "b", "<c>"]).words == (
        "three: 3 steps, D = 1, H = 2; the same 8 numbers in W_xh, W_hh and b_h at each\n"
        "t = 1: 'a' x = 1.00; h = 0.76 0.54\n"
        "t = 2: 'b' x = 0.00; h = 0.36 -0.23\n"
        "t = 3: '<c>' x = -1.00; h = -0.67 -0.74"
    )


def test_words_of_a_long_run_of_a_large_cell_are_short():
    rng = np.random.default_rng(0)
    cell, many = RNNCell.init(6, 7, rng), rng.normal(size=(12, 1, 6))
    last = unroll(cell, many)[0][-1, 0]
    lines = LoopPlayer(cell, many).words.splitlines()
    assert len(lines) == 10
    assert lines[-1] == f"and 4 more; at t = 12 h = {last.min():.2f} to {last.max():.2f}"


def test_state_starts_at_the_first_turn_folded():
    figure = player()
    assert (figure.t, figure.steps, figure.unfolded, figure.weight) == (1, 4, False, "W_hh[0, 0]")
    assert figure.weights == [
        *("W_xh[0, 0]", "W_xh[0, 1]"),
        *("W_hh[0, 0]", "W_hh[0, 1]", "W_hh[1, 0]", "W_hh[1, 1]"),
        *("b_h[0]", "b_h[1]"),
    ]
    assert repr(figure) == "LoopPlayer('The loop, turn by turn')"


def test_python_drives_it():
    figure = player(t=0, unfolded=True, weight="b_h[1]")
    figure.t, figure.weight = 3, "W_hh[0, 1]"
    figure.W_hh = [[0.5, 0], [0, 0.8]]
    assert np.array_equal(figure.cell.W_hh, [[0.5, 0.0], [0.0, 0.8]])
    assert np.array_equal(figure.cell.W_xh, W_xh)
    assert figure.given[1] == W_hh.tolist()


def test_a_large_cell_offers_its_matrices():
    assert sized(5, 3, 2).weights == ["W_xh", "W_hh", "b_h"]
    assert sized(5, 3, 2).weight == "W_hh"
    assert sized(3, 4, 2).weight == "W_hh[0, 0]"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("t", 4, "t must lie in 0..3, got 4"),
        ("weight", "W_hh[2, 0]", r"weight must be one of W_xh\[0, 0\], .*, got 'W_hh\[2, 0\]'"),
        ("W_hh", [[0.5, 1.0]], r"W_hh must be \(2, 2\) finite, got \[\[0.5, 1.0\]\]"),
        ("W_hh", [[0.5], [1.0, 2.0]], r"W_hh must be \(2, 2\) finite"),
        ("b_h", [0.5, float("nan")], r"b_h must be \(2,\) finite, got \[0.5, nan\]"),
    ],
)
def test_a_wrong_state_is_refused(name, value, said):
    figure = player()
    with pytest.raises(traitlets.TraitError, match=said):
        setattr(figure, name, value)


def test_what_cannot_be_drawn_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match=r"cell must be an RNNCell, .* got GRUCell"):
        LoopPlayer(GRUCell.init(1, 2, rng), x)
    with pytest.raises(ValueError, match=r"x must be \(T, N=1, D=1\), got \(3, 2, 1\)"):
        LoopPlayer(RNNCell(W_xh, W_hh, b_h), np.ones((3, 2, 1)))
    with pytest.raises(ValueError, match=r"x must be finite, got nan at \(0, 0, 0\)"):
        LoopPlayer(RNNCell(W_xh, W_hh, b_h), x * np.nan)
    with pytest.raises(ValueError, match="tokens must be 3, one per step, got 2"):
        player(tokens=["a", "b"])
    for sizes, said in (((1, 1, 33), "T"), ((33, 1, 1), "D"), ((1, 33, 1), "H")):
        with pytest.raises(ValueError, match=f"{said} must be at most 32 to be drawn, got 33"):
            sized(*sizes)
    assert sized(32, 32, 32).steps == 33


def test_it_is_higher_for_more_numbers():
    small, wordy, large = (sized(*sizes, 3).heights for sizes in ((1, 1), (1, 2), (4, 4)))
    assert large[0] > small[0] + 150
    assert wordy[1] == small[1] + 18  # on a narrow screen two units' products take more lines
    assert player(tokens=["a", "b", "c"]).heights[0] == player().heights[0] + 20
