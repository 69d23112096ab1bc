"""The scan is the loop: in values, in gradients, on both sides, whatever the shape."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_edu import scan as module
from rnn_edu.fast.scan import scan as torch_scan
from rnn_edu.gradcheck import check_grads
from rnn_edu.scan import scan, scan_backward, scan_loop

from .reference import TOLERANCE, H, N, T, assert_same
from .test_errors import check

DTYPES = [np.float64, np.float32, np.complex128, np.complex64]
dtypes = pytest.mark.parametrize("dtype", DTYPES)
shapes = st.tuples(st.integers(1, 1000), st.integers(1, 3), st.integers(1, 3))


def draw(T=T, N=N, H=H, dtype=np.float64, shared=False, seed=0):
    """Arguments of a scan: decays of length up to 1 and of all signs, a zero among them."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        numbers = rng.normal(size=shape)
        if np.dtype(dtype).kind == "c":
            numbers = numbers + 1j * rng.normal(size=shape)
        return numbers.astype(dtype)

    a = normal(T, 1 if shared else N, H)
    a /= np.maximum(np.abs(a), 1)
    a[rng.integers(T)] = 0
    return a, normal(T, N, H), normal(N, H)


def tolerance(dtype):
    return TOLERANCE[np.finfo(dtype).dtype]


def equation(a, b, h0):
    """The recurrence in Python's own numbers, one unit of one sequence at a time."""
    h = np.empty_like(b)
    a = np.broadcast_to(a, b.shape)
    for n, k in np.ndindex(h0.shape):
        value = h0[n, k].item()
        for t in range(len(b)):
            value = a[t, n, k].item() * value + b[t, n, k].item()
            h[t, n, k] = value
    return h


@dtypes
@pytest.mark.parametrize("shared", [False, True])
def test_both_are_the_equation(dtype, shared):
    arguments = draw(T=19, dtype=dtype, shared=shared)
    for route in (scan, scan_loop):
        assert_same(route(*arguments), equation(*arguments), tolerance(dtype))


@settings(max_examples=60)
@given(shape=shapes, shared=st.booleans(), seed=st.integers(0, 2**32))
@example(shape=(1, 2, 3), shared=False, seed=0)
@example(shape=(1000, 2, 3), shared=False, seed=0)
def test_the_scan_is_the_loop_for_any_shape(shape, shared, seed):
    arguments = draw(*shape, shared=shared, seed=seed)
    assert np.abs(scan(*arguments) - scan_loop(*arguments)).max() < 1e-10


def test_states_that_grow_agree_too():
    a, b, h0 = draw(T=300)
    assert_same(scan(1.05 * np.sign(a), b, h0), scan_loop(1.05 * np.sign(a), b, h0), 1e-10)


@pytest.mark.parametrize("T", [1, 2, 3, 64, 100, 1000])
def test_rounds_and_work_are_what_the_docstring_says(T, monkeypatch):
    rounds = []

    def counting(start, span, T):
        rounds.append(len(range(start, T, 2 * span)))
        return real(start, span, T)

    real = module._places
    monkeypatch.setattr(module, "_places", counting)
    scan(*draw(T=T))
    assert len(rounds) <= 2 * np.log2(T)
    assert sum(rounds) < 2 * T  # joins, of three operations on the way up and two down


@pytest.mark.parametrize("shared", [False, True])
def test_gradients_against_finite_differences(shared):
    a, b, h0 = draw(T=7, shared=shared)
    _, dh, dlast = draw(T=7, seed=1)
    h_prev = np.concatenate([h0[None], scan(a, b, h0)[:-1]])
    da, db, dh0 = scan_backward(a, h_prev, dh, dlast)

    def loss(p):
        h = scan(p["a"], p["b"], p["h0"])
        return np.vdot(dh, h) + np.vdot(dlast, h[-1])

    if shared:
        da = da.sum(axis=1, keepdims=True)
    grads = {"a": da, "b": db, "h0": dh0}
    assert 0 < check_grads(loss, {"a": a, "b": b, "h0": h0}, grads) < 1e-7


@dtypes
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("T", [1, 2, 13])
def test_torch_gives_the_same_values_and_gradients(dtype, shared, T):
    a, b, h0 = draw(T=T, dtype=dtype, shared=shared)
    _, dh, dlast = draw(T=T, dtype=dtype, seed=1)
    tensors = [torch.from_numpy(v).requires_grad_() for v in (a, b, h0)]
    h = torch_scan(*tensors)
    tol = tolerance(dtype)
    assert_same(h.detach().numpy(), scan(a, b, h0), tol)
    torch.autograd.backward([h, h[-1]], [torch.from_numpy(d) for d in (dh, dlast)])
    h_prev = np.concatenate([h0[None], h.detach().numpy()[:-1]])
    da, db, dh0 = scan_backward(a.conj(), h_prev.conj(), dh, dlast)
    want = (da.sum(axis=1, keepdims=True) if shared else da, db, dh0)
    assert_same(tuple(v.grad.numpy() for v in tensors), want, tol)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_torchs_gradients_can_be_differentiated(dtype):
    tensors = [torch.from_numpy(v).requires_grad_() for v in draw(4, 2, 2, dtype, shared=True)]
    assert torch.autograd.gradcheck(torch_scan, tensors)
    assert torch.autograd.gradgradcheck(torch_scan, tensors)


a, b, h0 = draw()


@pytest.mark.parametrize("route", [scan, scan_loop])
@pytest.mark.parametrize(
    ("error", "arguments", "message"),
    [
        (ValueError, (a[1:], b, h0), "a must be (T=5, N=3, H=6), got (4, 3, 6)"),
        (ValueError, (a[:, :2], b, h0), "a must be (T=5, N=3, H=6), got (5, 2, 6)"),
        (ValueError, (a[1:, :1], b, h0), "a must be (T=5, 1, H=6), got (4, 1, 6)"),
        (ValueError, (a, b[0], h0), "b must be (T, N, H), got (3, 6)"),
        (ValueError, (a[:0], b[:0], h0), "b must be (T, N, H), got (0, 3, 6)"),
        (ValueError, (a, b, h0.T), "h0 must be (N=3, H=6), got (6, 3)"),
        (TypeError, (a, b.tolist(), h0), "b must be a NumPy array (T, N, H), got list"),
        (TypeError, (a, b.astype(int), h0), "b must hold floats (T, N, H), got dtype int64"),
        (TypeError, (1j * a, b, h0), "a must be float64 like b, got complex128"),
        (TypeError, (a, b, h0.astype(np.float32)), "h0 must be float64 like b, got float32"),
    ],
)
def test_bad_input(route, error, arguments, message):
    check(lambda: route(*arguments), error, message)


@pytest.mark.parametrize(
    ("error", "arguments", "message"),
    [
        (ValueError, (a, b[1:], b, h0), "h_prev must be (T=5, N=3, H=6), got (4, 3, 6)"),
        (ValueError, (a, b, b[0], h0), "dh must be (T, N, H), got (3, 6)"),
        (ValueError, (a, b, b, h0[1:]), "dlast must be (N=3, H=6), got (2, 6)"),
        (TypeError, (1j * a, b, b, h0), "a must be float64 like dh, got complex128"),
    ],
)
def test_bad_gradients(error, arguments, message):
    check(lambda: scan_backward(*arguments), error, message)
