"""The optimisers against torch.optim, and what clipping keeps."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell
from rnn_edu.ops import leaves, map_params
from rnn_edu.optim import SGD, Adam, clip_by_global_norm
from rnn_edu.topologies import Network

from .reference import D, H, K, assert_same, make_case

OPTIMISERS = [
    (SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    (SGD(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    (
        Adam(0.1, beta1=0.5, beta2=0.8, eps=1e-3),
        lambda p: torch.optim.Adam(p, 0.1, betas=(0.5, 0.8), eps=1e-3),
    ),
]
NAMES = [str(ours) for ours, _ in OPTIMISERS]
optimisers = pytest.mark.parametrize(("ours", "theirs"), OPTIMISERS, ids=NAMES)


def network(seed=0, dtype=np.float64):
    """A nested model: a cell and a readout."""
    rng = np.random.default_rng(seed)
    return Network.init(GRUCell.init(D, H, rng, dtype), K, rng)


@optimisers
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_twenty_updates_equal_torch(ours, theirs, dtype):
    params = network(dtype=dtype)
    tensors = [torch.from_numpy(a.copy()).requires_grad_() for _, a in leaves(params)]
    optimiser, state = theirs(tensors), ours.init(params)
    for seed in range(20):
        grads = network(seed + 1, dtype)
        for tensor, (_, g) in zip(tensors, leaves(grads), strict=True):
            tensor.grad = torch.from_numpy(g.copy())
        optimiser.step()
        params, state = ours.update(params, grads, state)
    for (name, a), tensor in zip(leaves(params), tensors, strict=True):
        assert_same(a, tensor.detach().numpy(), 50 * np.finfo(dtype).eps, name)


@optimisers
def test_an_update_leaves_what_it_was_given(ours, theirs):
    params, grads = network(0), network(1)
    state = ours.init(params)
    before = [a.copy() for tree in (params, grads) for _, a in leaves(tree)]
    new, new_state = ours.update(params, grads, state)
    after = [a for tree in (params, grads) for _, a in leaves(tree)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert type(new) is Network
    assert type(new_state) is type(state)
    again, _ = ours.update(params, grads, state)
    assert_same(again, new, 0)


@pytest.mark.parametrize("optimiser", [SGD, Adam])
@pytest.mark.parametrize("number", [np.float64, np.float32])
def test_a_rate_of_numpys_does_not_change_the_dtype(optimiser, number):
    """As from np.logspace: NumPy's float64 times float32 is float64, Python's is float32."""
    params = network(dtype=np.float32)
    ours = optimiser(number(0.1))
    moved, _ = ours.update(params, params, ours.init(params))
    assert {a.dtype for _, a in leaves(moved)} == {np.dtype(np.float32)}


def test_no_gradient_no_move():
    params = network()
    zero = SGD(1.0).init(params)
    for optimiser in (SGD(0.1, momentum=0.9), Adam()):
        moved, _ = optimiser.update(params, zero, optimiser.init(params))
        assert_same(moved, params, 0)


@settings(max_examples=40)
@given(max_norm=st.floats(1e-3, 1e3), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_clipping_shortens_and_does_not_turn(max_norm, scale, seed):
    grads = make_case(GRUCell, seed=seed).cell
    grads = type(grads)(*(scale * getattr(grads, f.name) for f in fields(grads)))
    clipped, norm = clip_by_global_norm(grads, max_norm)
    flat, short = (np.concatenate([a.ravel() for _, a in leaves(g)]) for g in (grads, clipped))
    assert norm == pytest.approx(np.linalg.norm(flat), rel=1e-12)
    if norm <= max_norm:
        assert np.array_equal(flat, short)
    else:
        assert np.linalg.norm(short) == pytest.approx(max_norm, rel=1e-12)
        assert np.abs(short / max_norm - flat / norm).max() < 1e-14


def test_clipping_equals_torch():
    grads = network()
    tensors = [torch.zeros(a.shape, dtype=torch.float64) for _, a in leaves(grads)]
    for tensor, (_, g) in zip(tensors, leaves(grads), strict=True):
        tensor.grad = torch.from_numpy(g.copy())
    want = torch.nn.utils.clip_grad_norm_(tensors, 0.5)
    clipped, norm = clip_by_global_norm(grads, 0.5)
    assert norm == pytest.approx(want.item(), rel=1e-12)
    for (name, g), tensor in zip(leaves(clipped), tensors, strict=True):
        assert_same(g, tensor.grad.numpy(), 2e-6, name)  # torch divides by norm + 1e-6


def test_parts_that_have_no_match_are_refused_and_not_dropped():
    a = np.ones(2)
    with pytest.raises(ValueError, match="argument 2 is longer"):
        map_params(np.add, (a,), (a, a))
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        map_params(np.add, (a, a), (a,))


def test_names_of_leaves_are_paths():
    a = np.ones(2)
    assert [name for name, _ in leaves((a, (None, a)))] == ["0", "1.1"]
    assert [name for name, _ in leaves(network())][:2] == ["cell.W_xh", "cell.W_hh"]
    assert [name for name, _ in leaves(a)] == ["params"]
    assert list(leaves(None)) == []
    assert map_params(np.add, None, None) is None
    assert type(map_params(np.negative, (a, None))) is tuple


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clip_by_global_norm(network(), "1"), "max_norm must be a number, got str"),
        (lambda: SGD(None), "lr must be a number, got NoneType"),
        (lambda: SGD(0.1, momentum="much"), "momentum must be a number, got str"),
        (lambda: Adam(beta1="much"), "beta1 must be a number, got str"),
        (lambda: Adam(beta2="much"), "beta2 must be a number, got str"),
        (lambda: Adam(eps="little"), "eps must be a number, got str"),
        (
            lambda: Adam().update(network(), network(), network()),
            "state must be an AdamState, got Network",
        ),
    ],
)
def test_what_is_no_number_or_no_state_is_named(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


def test_eps_may_be_zero():
    """Then the first update moves a parameter by lr, however small its gradient is."""
    params, grads, optimiser = network(0), network(1), Adam(0.1, eps=0.0)
    tiny = map_params(lambda g: 1e-12 * g, grads)
    moved, _ = optimiser.update(params, tiny, optimiser.init(params))
    for (_, a), (_, b), (_, g) in zip(leaves(params), leaves(moved), leaves(grads), strict=True):
        assert np.allclose(a - b, 0.1 * np.sign(g))
