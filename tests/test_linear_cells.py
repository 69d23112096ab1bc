"""MinGRUCell and DiagonalCell: scan, steps, torch and finite differences agree."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, fast, unroll
from rnn_edu.cell import Cell
from rnn_edu.diagonal import DiagonalCell
from rnn_edu.gradcheck import check_grads
from rnn_edu.mingru import MinGRUCell
from rnn_edu.ops import leaves
from rnn_edu.topologies import Network
from rnn_edu.train import Batch, classify

from .reference import (
    TOLERANCE,
    D,
    H,
    K,
    N,
    T,
    assert_same,
    by_module,
    by_steps,
    by_sweep,
    make_case,
)
from .test_errors import check

MODULES = {MinGRUCell: fast.MinGRU, DiagonalCell: fast.Diagonal}
kinds = pytest.mark.parametrize("kind", MODULES)
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])
shapes = st.tuples(st.integers(1, 40), *[st.integers(1, 5)] * 3)


def by_torch(case):
    return by_module(case, MODULES[type(case.cell)].from_numpy(case.cell))


@kinds
@settings(max_examples=25)
@given(shape=shapes, dtype=st.sampled_from([np.float64, np.float32]), seed=st.integers(0, 2**32))
def test_sweep_is_the_loop_of_steps_is_torch(kind, shape, dtype, seed):
    case = make_case(kind, *shape, dtype=dtype, seed=seed)
    swept = by_sweep(case)
    assert_same(swept, by_steps(case), 1000 * np.finfo(dtype).eps)
    assert_same(swept, by_torch(case), TOLERANCE[np.dtype(dtype)])


@kinds
def test_the_caches_of_the_sweep_are_the_caches_of_the_steps(kind):
    case = make_case(kind)
    _, _, swept = case.cell.sweep(case.x, case.state)
    _, _, stepped = Cell.sweep(case.cell, case.x, case.state)
    assert type(swept) is type(stepped)
    assert_same(swept, stepped, 1e-14)


@kinds
@pytest.mark.parametrize("route", [by_sweep, by_steps])
def test_gradients_against_finite_differences(kind, route):
    case = make_case(kind, T=4, N=2, D=3, H=5)
    _, _, grads, dx, dstate0 = route(case)

    def named(state):
        return dict(zip(kind.state_names, state, strict=True))

    def loss(p):
        h, last, _ = p["cell"].sweep(p["x"], tuple(p[name] for name in kind.state_names))
        return np.vdot(case.dh, h) + sum(map(np.vdot, case.dstate, last))

    params = {"cell": case.cell, "x": case.x, **named(case.state)}
    assert 0 < check_grads(loss, params, {"cell": grads, "x": dx, **named(dstate0)}) < 1e-7


@kinds
@dtypes
def test_to_torch_and_back_to_the_bit(kind, dtype):
    cell = make_case(kind, dtype=dtype).cell
    module = MODULES[kind].from_numpy(cell)
    back = module.to_numpy()
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    assert type(back) is kind
    for (name, a), (_, b) in zip(leaves(cell), leaves(back), strict=True):
        assert a.dtype == b.dtype, name
        assert a.tobytes() == b.tobytes(), name
        assert a.any()  # memory is not shared


@kinds
def test_torch_starts_from_zero_and_refuses_other_cells(kind):
    case = make_case(kind)
    h = MODULES[kind](case.cell)(torch.from_numpy(case.x))[0]
    assert_same(h.detach().numpy(), unroll(case.cell, case.x)[0], 1e-10)
    message = f"cell must be {kind.__name__}, got GRUCell"
    check(lambda: MODULES[kind].from_numpy(make_case(GRUCell).cell), TypeError, message)


@kinds
@dtypes
def test_a_network_reads_and_trains_it(kind, dtype):
    """Parameters as `init` draws them, of one dtype through readout, loss and gradients."""
    rng = np.random.default_rng(0)
    net = Network.init(kind.init(D, H, rng, dtype), K, rng)
    x = rng.normal(size=(T, N, D)).astype(dtype)
    loss, grads = classify(net, Batch(x, rng.integers(0, K, N)))
    assert np.isfinite(loss)
    assert {a.dtype for _, a in (*leaves(net), *leaves(grads))} == {np.dtype(dtype)}
    assert all(a.any() for _, a in leaves(grads))


@kinds
def test_wrong_parameters_are_refused(kind):
    cell = make_case(kind).cell
    wide = cell.W_xh[:, 1:]
    message = f"W_xh must be (4, {'10' if kind is MinGRUCell else '12'}) for D=4, "
    message += f"H={'5' if kind is MinGRUCell else '6'}, got (4, 11)"
    check(lambda: kind(**vars(cell) | {"W_xh": wide}), ValueError, message)


def test_the_gate_of_a_mingru_does_not_see_the_state():
    case = make_case(MinGRUCell)
    gates = [case.cell.sweep(case.x, (s,))[2].z for s in (case.state[0], 0 * case.state[0])]
    assert np.array_equal(*gates)


def test_a_mingru_with_its_gate_shut_keeps_what_it_has():
    cell, x, (h0,), *_ = make_case(MinGRUCell)
    shut = MinGRUCell(0 * cell.W_xh, np.repeat([50.0, 1.0], H))
    assert_same(unroll(shut, x, (h0,))[0], np.tile(h0, (T, 1, 1)), 1e-15)


def test_a_diagonal_cell_is_a_convolution_before_its_tanh():
    """The third route: s_t is the sum over k of lambda^k times what came in k steps ago."""
    cell, x, *_ = make_case(DiagonalCell)
    _, _, caches = unroll(cell, x)
    entering = x @ cell.W_xh
    entering = entering[..., :H] + 1j * entering[..., H:]
    for t in range(T):
        powers = cell.decay ** np.arange(t, -1, -1)[:, None, None]
        s = (powers * entering[: t + 1]).sum(axis=0)
        assert_same(caches.s[t], np.hstack([s.real, s.imag]), 1e-12)


def test_init_fills_the_half_disc_evenly_and_no_unit_begins_loud():
    cell = DiagonalCell.init(D, 4000, np.random.default_rng(0))
    radius, angle = np.abs(cell.decay), np.angle(cell.decay)
    assert (radius < 1).all()
    assert (angle >= 0).all()
    assert np.mean(radius**2 < 0.5) == pytest.approx(0.5, abs=0.03)  # half of the area
    assert np.mean(angle < 1) == pytest.approx(1 / np.pi, abs=0.03)
    loud = np.square(cell.W_xh).sum(axis=0)[:4000] / (1 - radius**2)  # summed over all time
    slow = radius > np.median(radius)
    assert loud[slow].mean() == pytest.approx(loud[~slow].mean(), rel=0.05)


def test_nothing_learned_takes_the_decay_out_of_the_circle():
    for rate in (-30.0, 0.0, 5.0):
        cell = make_case(DiagonalCell).cell
        moved = DiagonalCell(**vars(cell) | {"log_rate": np.full(H, rate)})
        assert (np.abs(moved.decay) < 1).all()
