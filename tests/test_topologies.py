"""A cell and a readout: which step is read, and what the padding must not do."""

import numpy as np
import pytest
import torch

from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import leaves
from rnn_edu.topologies import Network

from .reference import CELLS, D, H, K, N, T, assert_same, make_case

pytestmark = pytest.mark.parametrize("kind", CELLS)
reads = pytest.mark.parametrize("read", ["last", "every"])
LENGTHS = np.array([2, 5, 1])


def example(kind, D=D, H=H, dtype=np.float64):
    """A network, its input, targets for "last" and for "every"."""
    rng = np.random.default_rng(1)
    cell, x, *_ = make_case(kind, D=D, H=H, dtype=dtype)
    net = Network(cell, *(rng.normal(size=s).astype(dtype) for s in ((H, K), (K,))))
    return net, x, {"last": rng.integers(0, K, N), "every": rng.integers(0, K, (T, N))}


def gradients(net, x, targets, lengths=None, read="last", mask=None):
    logits, cache = net.forward(x, lengths, read)
    loss, dlogits = cross_entropy(logits, targets[read], mask)
    return loss, net.backward(dlogits, cache)


@pytest.mark.parametrize(
    ("read", "lengths", "masked"),
    [("last", None, False), ("last", LENGTHS, True), ("every", None, False), ("every", None, True)],
)
def test_gradients_against_finite_differences(kind, read, lengths, masked):
    net, x, targets = example(kind, D=2, H=4)
    mask = np.random.default_rng(2).random(targets[read].shape) < 0.6 if masked else None
    run = (x, targets, lengths, read, mask)
    _, grads = gradients(net, *run)
    assert 0 < check_grads(lambda p: gradients(p, *run)[0], net, grads) < 1e-7


@reads
def test_values_and_gradients_equal_torch(kind, read):
    net, x, targets = example(kind)
    cell = net.cell
    module = getattr(torch.nn, kind.__name__.removesuffix("Cell"))(D, H, dtype=torch.float64)
    b_hh = np.concatenate([np.zeros(2 * H), cell.b_hn]) if hasattr(cell, "b_hn") else 0 * cell.b_h
    readout = torch.nn.Linear(H, K, dtype=torch.float64)
    values = cell.W_xh.T, cell.W_hh.T, cell.b_h, b_hh, net.W_hy.T, net.b_y
    parameters = [*module.parameters(), *readout.parameters()]
    for parameter, value in zip(parameters, values, strict=True):
        parameter.data = torch.from_numpy(value.copy())
    h, _ = module(torch.from_numpy(x))
    if read == "last":
        h = h[torch.from_numpy(LENGTHS - 1), torch.arange(N)]
    logits = readout(h)
    target = torch.from_numpy(targets[read])
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, K), target.reshape(-1))
    loss.backward()

    lengths = LENGTHS if read == "last" else None
    assert_same(net.forward(x, lengths, read)[0], logits.detach().numpy(), 1e-10)
    value, grads = gradients(net, x, targets, lengths, read)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    ours = grads.cell.W_xh.T, grads.cell.W_hh.T, grads.cell.b_h, grads.W_hy.T, grads.b_y
    theirs = [p.grad.numpy() for p in (*parameters[:3], *parameters[4:])]
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b, 1e-10)


def test_the_result_is_independent_of_the_padding(kind):
    net, x, targets = example(kind)
    loss, grads = gradients(net, x, targets, LENGTHS)
    other = np.concatenate([x, x[:2]])  # longer
    for i, n in enumerate(LENGTHS):
        other[n:, i] = 9.0  # and filled with something else
    other_loss, other_grads = gradients(net, other, targets, LENGTHS)
    assert other_loss == pytest.approx(loss, rel=1e-13)
    assert_same(other_grads, grads, 1e-13)


def test_each_sequence_alone_without_padding_gives_the_same(kind):
    net, x, _ = example(kind)
    together = net.forward(x, LENGTHS)[0]
    for i, n in enumerate(LENGTHS):
        assert_same(together[i : i + 1], net.forward(x[:n, i : i + 1])[0], 1e-13)


def test_the_last_token_of_each_sequence_counts(kind):
    """Reading column T instead of the last token, or dropping it, is the usual mistake."""
    net, x, _ = example(kind)
    before = net.forward(x, LENGTHS)[0]
    for i, n in enumerate(LENGTHS):
        moved = x.copy()
        moved[n - 1, i] += 1
        changed = (net.forward(moved, LENGTHS)[0] != before).any(axis=1)
        assert changed.tolist() == [j == i for j in range(N)]


def test_the_last_is_one_of_every(kind):
    net, x, _ = example(kind)
    every, _ = net.forward(x, read="every")
    assert_same(net.forward(x)[0], every[-1], 1e-14)
    assert_same(net.forward(x, LENGTHS)[0], every[LENGTHS - 1, np.arange(N)], 1e-14)


def test_a_mask_on_every_is_a_read_of_the_last(kind):
    """Two topologies, one gradient: count one step per sequence, or read only that one."""
    net, x, targets = example(kind)
    mask = np.zeros((T, N), bool)
    mask[LENGTHS - 1, np.arange(N)] = True
    loss, grads = gradients(net, x, targets, read="every", mask=mask)
    targets["last"] = targets["every"][LENGTHS - 1, np.arange(N)]
    other_loss, other_grads = gradients(net, x, targets, LENGTHS)
    assert loss == pytest.approx(other_loss, rel=1e-14)
    assert_same(grads, other_grads, 1e-13)


@reads
def test_float32_stays_float32(kind, read):
    """Also where the gradient comes in as float64."""
    net, x, _ = example(kind, dtype=np.float32)
    logits, cache = net.forward(x.astype(np.float64), read=read)
    assert logits.dtype == np.float32
    grads = net.backward(np.ones(logits.shape), cache)
    assert {a.dtype for _, a in leaves(grads)} == {np.dtype(np.float32)}


def test_init_is_uniform_like_the_cell(kind):
    cell = kind.init(D, 100, np.random.default_rng(0), np.float32)
    net = Network.init(cell, 50, np.random.default_rng(1))
    assert (net.W_hy.shape, net.b_y.shape) == ((100, 50), (50,))
    assert net.W_hy.dtype == net.b_y.dtype == np.float32
    assert np.abs(net.W_hy).max() <= np.float32(0.1)
    assert net.W_hy.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05)
    assert net.cell is cell
