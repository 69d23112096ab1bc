"""The Python side of the gradient flow: equal to the course's cells; words, state and errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
import traitlets

from rnn_edu import GRUCell, RNNCell, unroll, unroll_backward
from rnn_edu.ops import leaves
from rnn_edu.optim import clip_by_global_norm
from rnn_edu.widgets.gradient_flow import D, GradientFlow, flow


def as_cell(figure):
    """The same function as a cell of the course, and the columns of its candidate."""
    _, W_xh, W_hh, _ = figure.parameters()
    H = len(W_hh)
    if figure.kind == "rnn":
        return RNNCell(W_xh, W_hh, np.zeros(H)), slice(None)
    f = figure.forget
    rest = [np.zeros((n, 2 * H)) for n in (D, H)]
    b_h = np.repeat([40.0, np.log(f / (1 - f)), 0.0], H)  # r = 1, z = f
    W_xh, W_hh = (np.hstack(pair) for pair in zip(rest, (W_xh, W_hh), strict=True))
    return GRUCell(W_xh, W_hh, b_h, np.zeros(H)), slice(2 * H, None)


@pytest.mark.parametrize("kind", ["rnn", "gated"])
@pytest.mark.parametrize(("radius", "gain"), [(0.9, 0.5), (2.5, 0.2), (1.1, 2.0)])
def test_flow_is_what_the_cells_compute(kind, radius, gain):
    figure = GradientFlow(kind=kind, radius=radius, gain=gain, forget=0.7, T=30)
    x, _, _, v = figure.parameters()
    got = flow(*figure.parameters(), 0.7 if kind == "gated" else 0.0)
    cell, own = as_cell(figure)
    h, _, caches = unroll(cell, x[:, None])
    dstate, norms, terms = (v[None],), [], []
    for t in reversed(range(30)):
        norms.append(np.linalg.norm(dstate[0]))
        step, _, dstate = cell.step_backward(dstate, type(caches)(*(a[t] for a in caches)))
        parts = [a[..., own] for name, a in leaves(step) if name != "b_hn"]
        terms.append(np.sqrt(sum(np.sum(a**2) for a in parts)))
    np.testing.assert_allclose(got.norms, norms[::-1], rtol=1e-9)
    np.testing.assert_allclose(got.terms, terms[::-1], rtol=1e-9)
    dh = np.zeros_like(h)
    dh[-1] = v
    grads, _, _ = unroll_backward(cell, dh, caches)
    candidate = RNNCell(*(getattr(grads, name)[..., own] for name in ("W_xh", "W_hh", "b_h")))
    _, norm = clip_by_global_norm(candidate, 1.0)
    assert got.total == pytest.approx(norm, rel=1e-9)
    n = h if kind == "rnn" else caches.n
    assert got.slope == pytest.approx(np.mean(1 - n**2), rel=1e-9)


def test_without_inputs_the_gradient_is_a_power_of_the_matrix():
    figure = GradientFlow(gain=0.0, radius=1.2, T=40)
    _, _, W_hh, v = figure.parameters()
    expected = [np.linalg.norm(v @ np.linalg.matrix_power(W_hh.T, k)) for k in range(39, -1, -1)]
    np.testing.assert_allclose(flow(*figure.parameters(), 0.0).norms, expected, rtol=1e-9)


def test_a_matrix_of_ones_own_keeps_its_radius():
    W_hh = np.array([[0.0, 2.0], [-0.5, 0.0]])  # eigenvalues +-i
    figure = GradientFlow(3 * W_hh, T=10)
    assert figure.radius == pytest.approx(3)
    np.testing.assert_allclose(figure.parameters()[2], 3 * W_hh, rtol=1e-6)
    assert GradientFlow(5 * W_hh).radius == 3  # the slider's end
    assert GradientFlow(3 * W_hh, radius=0.5).radius == 0.5


def test_the_four_stories():
    def sizes(**state):
        figure = GradientFlow(**state)
        f = figure.forget if figure.kind == "gated" else 0.0
        return flow(*figure.parameters(), f)

    vanishing, exploding = sizes(), sizes(radius=2.5, gain=0.2)
    saturated, gated = sizes(radius=1.5, gain=2.0), sizes(kind="gated")
    assert vanishing.norms[0] < 1e-6
    assert vanishing.total < 5  # below the threshold: clipping changes nothing
    assert exploding.norms[0] > 1e4
    assert saturated.norms[0] < 1e-3
    assert gated.norms.min() > 0.5


# --- words and state -----------------------------------------------------------------------------


def test_words_are_computed_and_follow_the_state():
    figure = GradientFlow()
    first = figure.words
    assert first.startswith(
        "How much of the loss reaches step t: tanh RNN, 16 units, 50 steps\n"
        "radius 0.90, gain 0.50, mean slope of tanh 0.74\nsize of dL/dh_t: 10^-7."
    )
    assert "10^0.00 at t = 50" in first
    assert "times 10^0.00 if clipped at 5.00; 90 % comes from 5 of 50 steps" in first
    figure.clip = 0.1
    assert "times 10^-1.5" in figure.words
    for name, value in [("radius", 0.5), ("gain", 1.0), ("T", 20), ("kind", "gated")]:
        before = figure.words
        setattr(figure, name, value)
        assert figure.words != before
    figure.forget = 1.0
    assert "gated, f = 1.00" in figure.words


def test_a_step_that_nothing_reaches_is_zero():
    figure = GradientFlow(radius=0.0, T=2)
    assert "size of dL/dh_t: 0 at t = 1, 0 at t = 1, 10^0.00 at t = 2" in figure.words


def test_a_forget_gate_of_one_learns_nothing():
    figure = GradientFlow(kind="gated", forget=1.0)
    assert "size of dL/dh_t: 10^0.00 at t = 1, " in figure.words
    assert figure.words.endswith("no weight gets a gradient: with f = 1 nothing is written")


def test_the_step_that_is_read_off_stays_in_the_run():
    figure = GradientFlow(t=40)
    figure.T = 10
    assert figure.t == 10
    figure.T = 100
    assert figure.t == 10


def test_seeds_draw_other_numbers():
    first, again, other = (GradientFlow(seed=s).arrays for s in (1, 1, 2))
    assert first == again != other


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("W_hh", "error"),
    [
        ([[1.0]], "W_hh must be a NumPy array (H, H), got list"),
        (np.ones((2, 3)), "W_hh must be (H, H) with H in 1..64, got (2, 3)"),
        (np.ones(4), "W_hh must be (H, H) with H in 1..64, got (4,)"),
        (np.ones((65, 65)), "W_hh must be (H, H) with H in 1..64, got (65, 65)"),
        (np.full((2, 2), np.nan), "W_hh must be finite, got NaN or infinity"),
        (np.triu(np.ones((3, 3)), 1), "W_hh must have a spectral radius above 0, got 0"),
    ],
)
def test_wrong_matrices_are_named(W_hh, error):
    with pytest.raises((TypeError, ValueError), match=re.escape(error)):
        GradientFlow(W_hh)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"radius": 3.1}, "'radius' trait"),
        ({"gain": -0.1}, "'gain' trait"),
        ({"kind": "lstm"}, "'kind' trait"),
        ({"forget": 1.01}, "'forget' trait"),
        ({"T": 101}, "'T' trait"),
        ({"T": 1}, "'T' trait"),
        ({"clip": 0}, "'clip' trait"),
        ({"t": 0}, "t must lie in 1..50, got 0"),
        ({"t": 51}, "t must lie in 1..50, got 51"),
    ],
)
def test_wrong_state_is_refused(state, error):
    with pytest.raises(traitlets.TraitError, match=re.escape(error)):
        GradientFlow(**state)
