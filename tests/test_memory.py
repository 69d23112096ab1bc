"""Cells whose state is a matrix: equations, gradients, the T x T form, and the same in torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import fast, unroll, unroll_backward
from rnn_edu.gradcheck import check_grads
from rnn_edu.memory import DeltaCell, GatedLinearAttentionCell, LinearAttentionCell
from rnn_edu.ops import leaves, sigmoid
from rnn_edu.topologies import Network
from rnn_edu.train import Batch, classify

from .reference import TOLERANCE, Case, assert_same, by_module, by_steps, by_sweep
from .test_errors import check

T, N, D, H, K = 5, 3, 4, 6, 2
CELLS = (LinearAttentionCell, GatedLinearAttentionCell, DeltaCell)
kinds = pytest.mark.parametrize("kind", CELLS)
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])
sizes = st.integers(1, 5)


def make(kind, T=T, N=N, D=D, H=H, K=K, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.normal(size=shape).astype(dtype)

    cell = kind(*(draw(*shape) for shape in kind._shapes(D, H, K).values()))
    states = [(draw(N, H), draw(N, K, H)) for _ in range(2)]
    return Case(cell, draw(T, N, D), states[0], draw(T, N, H), states[1])


def by_torch(case, piece):
    """Through the fast module, so many steps at a time."""
    module = getattr(fast, type(case.cell).__name__.removesuffix("Cell")).from_numpy(case.cell)
    module.piece = piece
    return by_module(case, module)


# --- one function, however it is run ---------------------------------------------------------


@kinds
def test_by_hand(kind):
    cell, x, (_, S0), *_ = make(kind)
    h, (_, last), _ = unroll(cell, x, (np.ones((N, H)), S0))
    for n in range(N):
        S = S0[n]
        for t in range(T):
            q, k = np.split(x[t, n] @ cell.W_xk + cell.b_k, 2)
            q, k = q / np.linalg.norm(q), k / np.linalg.norm(k)
            v = x[t, n] @ cell.W_xh + cell.b_h
            if kind is GatedLinearAttentionCell:
                S = np.diag(sigmoid(x[t, n] @ cell.W_xg + cell.b_g)) @ S
            if kind is DeltaCell:
                v = sigmoid(x[t, n] @ cell.W_xg + cell.b_g) * (v - k @ S)
            S = S + np.outer(k, v)
            np.testing.assert_allclose(h[t, n], q @ S, atol=1e-4)  # the 1e-6 under the root
        np.testing.assert_allclose(last[n], S, atol=1e-4)


@kinds
@dtypes
@given(T=sizes, N=sizes, D=sizes, H=sizes, K=sizes)
@settings(max_examples=8)
def test_a_sweep_is_its_steps(kind, dtype, T, N, D, H, K):
    case = make(kind, T, N, D, H, K, dtype)
    assert_same(by_sweep(case), by_steps(case), 1000 * np.finfo(dtype).eps)  # sums that cancel


@kinds
@dtypes
@pytest.mark.parametrize("piece", [1, 3, 64])
def test_torch_computes_the_same(kind, dtype, piece):
    case = make(kind, T=11, dtype=dtype)
    assert_same(by_torch(case, piece), by_sweep(case), TOLERANCE[np.dtype(dtype)])


@kinds
def test_torch_starts_from_zeros_and_comes_back(kind):
    case = make(kind)
    module = getattr(fast, kind.__name__.removesuffix("Cell")).from_numpy(case.cell)
    with torch.no_grad():
        h, _ = module(torch.from_numpy(case.x))
    assert_same(h.numpy(), unroll(case.cell, case.x)[0], 1e-10)
    assert_same(module.to_numpy(), case.cell, 0)


@kinds
def test_gradients(kind):
    case = make(kind)

    def loss(given):
        h, last, _ = unroll(*given)
        out, towards = (h, *last), (case.dh, *case.dstate)
        return float(sum((a * d).sum() for a, d in zip(out, towards, strict=True)))

    _, _, caches = unroll(*case[:3])
    check_grads(loss, case[:3], unroll_backward(case.cell, case.dh, caches, case.dstate))


@kinds
def test_gradients_of_a_network(kind):
    case, rng = make(kind), np.random.default_rng(1)
    model = Network.init(case.cell, 3, rng)
    batch = Batch(case.x, rng.integers(0, 3, (T, N)), None, rng.random((T, N)) < 0.7)
    grads = classify(model, batch, "every")[1]
    check_grads(lambda m: classify(m, batch, "every")[0], model, grads)


# --- what each way of writing means ----------------------------------------------------------


@given(T=sizes, N=sizes, D=sizes, H=sizes, K=sizes)
def test_linear_attention_is_attention_without_its_softmax(T, N, D, H, K):
    cell, x, (h0, S0), *_ = make(LinearAttentionCell, T, N, D, H, K)
    h, _, cache = unroll(cell, x, (h0, S0))
    scores = np.einsum("tnk,snk->nts", cache.q, cache.k)
    expected = np.einsum("nts,snh->tnh", np.tril(scores), cache.v)
    expected += np.einsum("tnk,nkh->tnh", cache.q, S0)
    assert_same(h, expected, 1e-10)


def test_a_gate_that_is_open_forgets_nothing():
    cell, x, state, *_ = make(GatedLinearAttentionCell)
    cell.W_xg[...], cell.b_g[...] = 0, 50
    plain = LinearAttentionCell(cell.W_xh, cell.b_h, cell.W_xk, cell.b_k)
    assert_same(unroll(cell, x, state)[0], unroll(plain, x, state)[0], 1e-10)


@pytest.mark.parametrize("kind", [LinearAttentionCell, DeltaCell])
def test_only_the_delta_rule_overwrites(kind):
    """Key (1, 0) is given a value twice: 2, then 5."""
    cell = kind(*(np.zeros(shape) for shape in kind._shapes(1, 1, 2).values()))
    cell.W_xh[...], cell.b_k[...] = 1, [1, 0, 1, 0]
    if kind is DeltaCell:
        cell.b_g[...] = 50
    h, _, _ = unroll(cell, np.array([2.0, 5.0])[:, None, None])
    assert h.ravel() == pytest.approx([2, 5] if kind is DeltaCell else [2, 7], abs=1e-5)


@kinds
def test_what_has_no_key_is_not_written(kind):
    cell = make(kind).cell
    cell.b_k[...] = 0
    if kind is GatedLinearAttentionCell:
        cell.b_g[...] = 50
    x, S = np.zeros((T, N, D)), make(kind).state[1]
    h, (_, last), caches = unroll(cell, x, (np.zeros((N, H)), S))
    np.testing.assert_allclose(last, S, rtol=1e-12)
    assert np.all(h == 0)
    grads, dx, _ = unroll_backward(cell, np.ones_like(h), caches)
    assert all(np.isfinite(a).all() for _, a in (*leaves(grads), ("dx", dx)))


def test_gates_begin_where_they_say():
    cell = GatedLinearAttentionCell.init(D, 400, np.random.default_rng(0), K=300)
    assert sigmoid(cell.b_g) == pytest.approx(np.full(300, 0.95), abs=0.005)


# --- sizes and errors ------------------------------------------------------------------------


@kinds
@dtypes
def test_init(kind, dtype):
    cell = kind.init(D, H, np.random.default_rng(0), dtype, K)
    assert (cell.D, cell.H, cell.K, cell.dtype) == (D, H, K, dtype)
    assert [s.shape for s in cell.zero_state(N)] == [(N, H), (N, K, H)]
    assert kind.init(D, H, np.random.default_rng(0)).K == H
    k = 1 / np.sqrt(H)
    assert np.abs(cell.W_xk).max() <= k
    assert cell.n_params == sum(a.size for _, a in leaves(cell))


linear, x, state, *_ = make(LinearAttentionCell)


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (
            ValueError,
            lambda: LinearAttentionCell(linear.W_xh, linear.b_h, linear.W_xk[:, :3], linear.b_k),
            "W_xk must be (4, 2) for D=4, H=6, got (4, 3)",
        ),
        (
            ValueError,
            lambda: unroll(linear, x, (state[0], state[1].mT)),
            "state.S must be (N=3, K=2, H=6), got (3, 6, 2)",
        ),
        (ValueError, lambda: unroll(linear, x, state[:1]), "state must be (h, S), got 1 arrays"),
        (
            ValueError,
            lambda: DeltaCell.init(4, 6, np.random.default_rng(0), K=0),
            "K must be an integer of at least 1, got 0",
        ),
        (
            TypeError,
            lambda: DeltaCell.init(4, 6, np.random.default_rng(0), np.int64),
            "dtype must be float32 or float64, got int64",
        ),
        (
            TypeError,
            lambda: fast.Delta.from_numpy(linear),
            "cell must be DeltaCell, got LinearAttentionCell",
        ),
    ],
)
def test_errors(error, call, message):
    check(call, error, message)
