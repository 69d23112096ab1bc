"""Two readings of one sequence: torch's answer, gradients, and what padding must not do."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.bidirectional import Bidirectional, turn_around
from rnn_edu.fast import to_torch
from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import leaves
from rnn_edu.optim import Adam
from rnn_edu.topologies import Network
from rnn_edu.train import Batch, classify, fit

from .reference import CELLS, D, H, K, N, T, assert_same, make_case

kinds = pytest.mark.parametrize("kind", CELLS)
reads = pytest.mark.parametrize("read", ["last", "every"])
LENGTHS = np.array([2, T, 1])


def example(kind=GRUCell, D=D, H=H, T=T, N=N, seed=0):
    """A network with different cells, its input, and targets for "last" and for "every"."""
    rng = np.random.default_rng(seed)
    onward, x, *_ = make_case(kind, T, N, D, H, seed=seed)
    reverse = make_case(kind, D=D, H=H, seed=seed + 100).cell
    net = Bidirectional(onward, reverse, rng.normal(size=(2 * H, K)), rng.normal(size=K))
    return net, x, {"last": rng.integers(0, K, N), "every": rng.integers(0, K, (T, N))}


def inside(lengths, T=T):
    return np.arange(T)[:, None] < lengths


def gradients(net, x, targets, lengths, read, mask=None):
    logits, cache = net.forward(x, lengths, read)
    loss, dlogits = cross_entropy(logits, targets[read], mask)
    return loss, *net.backward_to_inputs(dlogits, cache)


@reads
@kinds
def test_values_and_gradients_equal_torch(kind, read):
    net, x, targets = example(kind)
    module = type(to_torch(net.onward))(D, H, bidirectional=True, dtype=torch.float64)
    reverse = {f"{name}_reverse": a for name, a in to_torch(net.reverse).state_dict().items()}
    module.load_state_dict(to_torch(net.onward).state_dict() | reverse)
    readout = torch.nn.Linear(2 * H, K, dtype=torch.float64)
    readout.weight.data, readout.bias.data = map(torch.from_numpy, (net.W_hy.T.copy(), net.b_y))
    x_t, lengths = torch.from_numpy(x).requires_grad_(), torch.from_numpy(LENGTHS)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x_t, lengths, enforce_sorted=False)
    h, last = module(packed)
    if read == "every":
        h, _ = torch.nn.utils.rnn.pad_packed_sequence(h, total_length=T)
    else:
        h = torch.cat([*(last[0] if kind is LSTMCell else last)], dim=1)
    logits, mask = readout(h), inside(LENGTHS) if read == "every" else np.ones(N, bool)
    counted = torch.from_numpy(mask)
    target = torch.from_numpy(targets[read])
    loss = torch.nn.functional.cross_entropy(logits[counted], target[counted])
    loss.backward()

    ours = net(x, LENGTHS, read)
    assert_same(ours[mask], logits.detach().numpy()[mask], 1e-10)
    value, grads, dx = gradients(net, x, targets, LENGTHS, read, mask)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    assert_same(dx, x_t.grad.numpy(), 1e-10)
    assert_same(grads.W_hy, readout.weight.grad.numpy().T, 1e-10)
    assert_same(grads.b_y, readout.bias.grad.numpy(), 1e-10)
    for cell, end in ((grads.onward, ""), (grads.reverse, "_reverse")):
        for name, a in (("weight_ih", cell.W_xh.T), ("weight_hh", cell.W_hh.T)):
            assert_same(a, getattr(module, f"{name}_l0{end}").grad.numpy(), 1e-10)
        assert_same(cell.b_h, getattr(module, f"bias_ih_l0{end}").grad.numpy(), 1e-10)


@reads
@kinds
def test_gradients_against_finite_differences(kind, read):
    net, x, targets = example(kind, D=2, H=3)
    mask = inside(LENGTHS) if read == "every" else None
    run = x, targets, LENGTHS, read, mask
    _, grads, _ = gradients(net, *run)
    assert 0 < check_grads(lambda p: gradients(p, *run)[0], net, grads) < 1e-7


ragged = st.lists(st.integers(1, 7), min_size=1, max_size=4).map(np.array)


@reads
@settings(max_examples=30)
@given(lengths=ragged, more=st.integers(0, 3), seed=st.integers(0, 99))
def test_nothing_depends_on_the_padding(read, lengths, more, seed):
    T, N = lengths.max() + more, len(lengths)
    net, x, targets = example(T=T, N=N, seed=seed)
    mask = inside(lengths, T) if read == "every" else None
    other = np.where(inside(lengths, T)[..., None], x, 9.0)
    loss, grads, dx = gradients(net, x, targets, lengths, read, mask)
    other_loss, other_grads, other_dx = gradients(net, other, targets, lengths, read, mask)
    assert other_loss == pytest.approx(loss, rel=1e-13)
    assert_same(other_grads, grads, 1e-12)
    assert (dx[~inside(lengths, T)] == 0).all()
    assert_same(other_dx, dx, 1e-12)
    for n, length in enumerate(lengths):
        alone = net(x[:length, n : n + 1], read=read)[..., 0, :]
        together = net(x, lengths, read)[..., n, :]
        assert_same(together[:length] if read == "every" else together, alone, 1e-12)


@given(lengths=ragged, seed=st.integers(0, 99))
def test_turning_around_twice_changes_nothing(lengths, seed):
    a = np.random.default_rng(seed).normal(size=(9, len(lengths), 2))
    turned = turn_around(a, lengths)
    for n, length in enumerate(lengths):
        assert (turned[:length, n] == a[:length, n][::-1]).all()
    assert (turned[~inside(lengths, 9)] == a[~inside(lengths, 9)]).all()
    assert (turn_around(turned, lengths) == a).all()


def moves(model, x, t):
    """How far each answer moves, at the most, when the input at step t is another: (T,)."""
    other = x.copy()
    other[t] += 1.0
    return np.abs(model(other, read="every") - model(x, read="every")).max(axis=(1, 2))


@given(steps=st.integers(2, 9), seed=st.integers(0, 99), data=st.data())
def test_a_changed_future_moves_no_causal_past(steps, seed, data):
    t = data.draw(st.integers(1, steps - 1))
    both, x, _ = example(T=steps, seed=seed)
    causal = Network(both.onward, both.W_hy[:H], both.b_y)
    assert (moves(causal, x, t)[:t] == 0).all()
    assert moves(causal, x, t)[t] > 0
    assert (moves(both, x, t)[t - 1 : t + 1] > 0).all()


def test_it_is_the_sum_of_two_networks():
    net, x, _ = example()
    g = unroll(net.reverse, x[::-1])[0][::-1]
    onward = Network(net.onward, net.W_hy[:H], net.b_y)(x, read="every")
    assert_same(net(x, read="every"), onward + g @ net.W_hy[H:], 1e-13)


def test_fit_trains_it_to_name_the_letter_that_comes_next():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (12, 40, 1)).astype(float)
    targets = np.concatenate([x[1:, :, 0], np.zeros((1, 40))]).astype(int)
    cells = (RNNCell.init(1, 6, rng) for _ in range(2))
    model = Bidirectional.init(*cells, 2, rng)
    batch = Batch(x, targets, np.full(40, 12), np.arange(12)[:, None] < np.full(40, 11))
    model, history = fit(model, [batch] * 60, Adam(lr=0.03), lambda m, b: classify(m, b, "every"))
    assert history.loss[0] > 0.6
    assert history.loss[-1] < 0.1  # a reading onward can only toss a coin: 0.69


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("reverse", make_case(GRUCell, H=2).cell, r"reverse must be like onward, GRUCell, .* H=2"),
        ("reverse", make_case(RNNCell).cell, "reverse must be like onward"),
        ("W_hy", np.ones((H, K)), r"W_hy must be \(2H=12, K\), got \(6, 7\)"),
        ("b_y", np.ones(2), r"b_y must be \(K=7,\), got \(2,\)"),
    ],
)
def test_parts_that_do_not_fit_are_named(field, value, says):
    with pytest.raises(ValueError, match=says):
        replace(example()[0], **{field: value})


def test_arguments_that_do_not_fit_are_named():
    net, x, _ = example()
    with pytest.raises(ValueError, match=r"lengths must lie in 1\.\.5, got 1\.\.6"):
        net(x, np.array([1, 2, 6]))
    with pytest.raises(ValueError, match=r"read must be .* got 'first'"):
        net(x, read="first")
    with pytest.raises(TypeError, match="reverse must be a cell, got str"):
        replace(net, reverse="LSTM")
    with pytest.raises(TypeError, match="b_y must be float64 like onward, got float32"):
        replace(net, b_y=net.b_y.astype(np.float32))
    assert {name.split(".")[0] for name, _ in leaves(net)} == set(vars(net))
