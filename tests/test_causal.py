"""Causal attention: all at once, step by step with a cache, and torch are one function."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import fast, record, unroll, unroll_backward
from rnn_edu.causal import CausalAttention
from rnn_edu.gradcheck import check_grads
from rnn_edu.ops import leaves, map_params
from rnn_edu.topologies import Network
from rnn_edu.train import Batch, classify

from .reference import TOLERANCE, Case, D, H, K, N, Result, T, assert_same, by_module, by_sweep
from .test_errors import check

P0 = 2
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def make_case(T=T, N=N, D=D, H=H, K=K, P0=P0, dtype=np.float64, seed=0):
    """As in `reference`; the state holds what was read in P0 steps before."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.normal(size=shape).astype(dtype)

    def state(P):
        return draw(N, H), draw(N, P, K), draw(N, P, H)

    cell = CausalAttention(draw(D, H), draw(D, 2 * K))
    return Case(cell, draw(T, N, D), state(P0), draw(T, N, H), state(P0 + T))


def by_steps(case):
    state, caches, h = case.state, [], []
    for x_t in case.x:
        state, cache = case.cell.step(x_t, state)
        h.append(state[0])
        caches.append(cache)
    dstate, grads, dx = case.dstate, map_params(np.zeros_like, case.cell), []
    for dh, cache in zip(case.dh[::-1], caches[::-1], strict=True):
        more, dx_t, dstate = case.cell.step_backward((dstate[0] + dh, *dstate[1:]), cache)
        grads = map_params(np.add, grads, more)
        dx.append(dx_t)
    return Result(np.stack(h), state, grads, np.stack(dx[::-1]), dstate)


def test_by_hand():
    cell, x, state, *_ = make_case()
    h, (_, keys, values), cache = unroll(cell, x, state)
    for t, n in np.ndindex(T, N):
        q, k = np.split(x[t, n] @ cell.W_xk, 2)
        score = np.exp(keys[n, : P0 + t + 1] @ q / np.sqrt(K))
        weights = score / score.sum()
        assert_same(keys[n, P0 + t], k, 1e-14)
        assert_same(values[n, P0 + t], x[t, n] @ cell.W_xh, 1e-14)
        assert_same(cache.weights[t, n, : P0 + t + 1], weights, 1e-12)
        assert_same(h[t, n], weights @ values[n, : P0 + t + 1], 1e-12)
        assert not cache.weights[t, n, P0 + t + 1 :].any()


sizes = st.tuples(st.integers(1, 20), *[st.integers(1, 5)] * 4, st.integers(0, 4))


@settings(max_examples=40)
@given(sizes=sizes, dtype=st.sampled_from([np.float64, np.float32]), seed=st.integers(0, 2**32))
def test_all_at_once_is_step_by_step_is_torch(sizes, dtype, seed):
    case = make_case(*sizes, dtype=dtype, seed=seed)
    swept = by_sweep(case)
    assert_same(swept, by_steps(case), 1000 * np.finfo(dtype).eps)
    assert_same(
        swept,
        by_module(case, fast.CausalAttention.from_numpy(case.cell)),
        TOLERANCE[np.dtype(dtype)],
    )


@settings(max_examples=25)
@given(T=st.integers(2, 20), data=st.data())
def test_the_cache_carries_all_that_was_read(T, data):
    """Read in two pieces, forward and backward, it is the sequence read at once."""
    cell, x, state, dh, dstate = case = make_case(T)
    whole, cut = by_sweep(case), data.draw(st.integers(1, T - 1))
    h1, middle, first = unroll(cell, x[:cut], state)
    h2, last, second = unroll(cell, x[cut:], middle)
    assert_same((np.concatenate([h1, h2]), last), (whole.h, whole.state), 1e-12)
    grads2, dx2, between = unroll_backward(cell, dh[cut:], second, dstate)
    grads1, dx1, dstate0 = unroll_backward(cell, dh[:cut], first, between)
    assert_same(map_params(np.add, grads1, grads2), whole.grads, 1e-12)
    assert_same((np.concatenate([dx1, dx2]), dstate0), (whole.dx, whole.dstate0), 1e-12)


@pytest.mark.parametrize("route", [by_sweep, by_steps])
def test_gradients_against_finite_differences(route):
    case = make_case(T=4, N=2, D=3, H=5)
    _, _, grads, dx, (_, dkeys, dvalues) = route(case)

    def loss(p):
        h, last, _ = p["cell"].sweep(p["x"], (case.state[0], p["keys"], p["values"]))
        return np.vdot(case.dh, h) + sum(map(np.vdot, case.dstate, last))

    params = {"cell": case.cell, "x": case.x, "keys": case.state[1], "values": case.state[2]}
    given = {"cell": grads, "x": dx, "keys": dkeys, "values": dvalues}
    assert 0 < check_grads(loss, params, given) < 1e-7


def test_without_dstate_nothing_reads_the_last_cache():
    case = make_case()
    silent = case._replace(dstate=tuple(map(np.zeros_like, case.dstate)))
    _, _, caches = unroll(case.cell, case.x, case.state)
    assert_same(unroll_backward(case.cell, case.dh, caches), by_sweep(silent)[2:], 1e-14)


def test_the_future_changes_nothing():
    cell, x, state, *_ = make_case()
    changed = x.copy()
    changed[3:] += 1
    h, after = (unroll(cell, a, state)[0] for a in (x, changed))
    assert np.array_equal(h[:3], after[:3])
    assert (np.abs(h[3:] - after[3:]).max(axis=2) > 0.01).all()


def test_the_order_of_the_past_changes_nothing():
    cell, x, *_ = make_case()
    shuffled = x[[2, 0, 3, 1, 4]]
    assert_same(unroll(cell, shuffled)[0][-1], unroll(cell, x)[0][-1], 1e-13)


@dtypes
def test_to_torch_and_back_to_the_bit(dtype):
    cell = make_case(dtype=dtype).cell
    module = fast.CausalAttention.from_numpy(cell)
    back = module.to_numpy()
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    for (name, a), (_, b) in zip(leaves(cell), leaves(back), strict=True):
        assert a.dtype == b.dtype, name
        assert a.tobytes() == b.tobytes(), name
        assert a.any()  # memory is not shared


@dtypes
def test_a_network_reads_and_trains_it(dtype):
    rng = np.random.default_rng(0)
    cell = CausalAttention.init(D, H, rng, dtype)
    assert cell.K == H
    net = Network.init(cell, K, rng)
    x = rng.normal(size=(T, N, D)).astype(dtype)
    loss, grads = classify(net, Batch(x, rng.integers(0, K, N)))
    assert np.isfinite(loss)
    assert {a.dtype for _, a in (*leaves(net), *leaves(grads))} == {np.dtype(dtype)}
    assert all(a.any() for _, a in leaves(grads))
    assert record(net, x).probs.shape == (T, N, K)


given_state, last = make_case().state, make_case().dstate
WRONG = [
    (
        lambda c: unroll(c, make_case().x, given_state[:2]),
        "state must be (h, keys, values), got 2 arrays",
    ),
    (
        lambda c: unroll(c, make_case().x, (given_state[0], given_state[1], last[2])),
        "state.values must be (N=3, P=2, H=6), got (3, 7, 6)",
    ),
    (
        lambda c: unroll(c, make_case().x, (given_state[0], given_state[1][0], last[2])),
        "state.keys must be (N=3, P=0, K=7), got (2, 7)",
    ),
    (
        lambda c: unroll_backward(c, make_case().dh, unroll(c, make_case().x)[2], last),
        "dstate.keys must be (N=3, P=5, K=7), got (3, 7, 7)",
    ),
    (
        lambda c: CausalAttention(c.W_xh[1:], c.W_xk),
        "W_xk must be (3, 14) for D=3, H=6, got (4, 14)",
    ),
    (
        lambda c: CausalAttention(c.W_xh, c.W_xk[:, 1:]),
        "W_xk must be (4, 12) for D=4, H=6, got (4, 13)",
    ),
    (
        lambda c: CausalAttention.init(D, H, np.random.default_rng(0), K=0),
        "K must be an integer of at least 1, got 0",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_errors_name_the_argument(call, message):
    check(lambda: call(make_case().cell), ValueError, message)
