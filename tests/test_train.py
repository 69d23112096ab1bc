"""The loop learns, does what it says and nothing else."""

import numpy as np
import pytest

from rnn_edu import RNNCell
from rnn_edu.losses import cross_entropy, mean_squared_error
from rnn_edu.ops import leaves
from rnn_edu.optim import SGD, Adam, clip_by_global_norm
from rnn_edu.topologies import Network
from rnn_edu.train import Batch, Minibatches, classify, fit, regress


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    return Network.init(RNNCell.init(2, 5, rng), 2, rng)


def batches(n, seed=1):
    """Sequences of 6 signs; the class is the sign of the first step: something to remember."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        x = rng.choice([-1.0, 1.0], size=(6, 16, 2))
        yield Batch(x, (x[0, :, 0] > 0).astype(int))


def same(a, b):
    return all(np.array_equal(x, y) for (_, x), (_, y) in zip(leaves(a), leaves(b), strict=True))


def test_it_learns_to_remember(net):
    trained, history = fit(net, batches(400), Adam(0.01))
    assert history.loss[:10].mean() > 0.6  # ln 2 is chance
    assert history.loss[-10:].mean() < 0.1
    x, targets, *_ = next(batches(1, seed=2))
    assert (trained.forward(x)[0].argmax(axis=1) == targets).all()


def test_it_is_the_loop_one_would_write(net):
    optimiser = SGD(0.5, momentum=0.5)
    model, state, losses, norms = net, optimiser.init(net), [], []
    for batch in batches(5):
        loss, grads = classify(model, batch)
        grads, norm = clip_by_global_norm(grads, 0.1)
        model, state = optimiser.update(model, grads, state)
        losses.append(loss)
        norms.append(norm)
    trained, history = fit(net, batches(5), optimiser, clip=0.1)
    assert same(trained, model)
    assert history.loss.tolist() == losses
    assert history.grad_norm.tolist() == norms
    assert min(norms) > 0.1  # clipping had something to do


def test_the_model_given_stays_as_it_is(net):
    kept = [a.copy() for _, a in leaves(net)]
    trained, _ = fit(net, batches(3), SGD(0.1))
    assert all(np.array_equal(a, b) for a, (_, b) in zip(kept, leaves(net), strict=True))
    assert not same(trained, net)


def test_on_update_sees_each_update(net):
    seen = []
    trained, history = fit(net, batches(3), SGD(0.1), on_update=lambda *a: seen.append(a))
    assert [update for update, *_ in seen] == [1, 2, 3]
    assert [loss for _, loss, *_ in seen] == history.loss.tolist()
    assert [norm for *_, norm in seen] == history.grad_norm.tolist()
    assert seen[-1][2] is trained
    _, grads = classify(net, next(batches(1)))
    assert same(seen[0][2], SGD(0.1).update(net, clip_by_global_norm(grads, 1.0)[0], net)[0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops_with_the_last_model(net, bad):
    models = []

    def breaks_at_three(model, batch):
        loss, grads = classify(model, batch)
        models.append(model)
        return (bad if len(models) == 3 else loss), grads

    with pytest.raises(FloatingPointError, match=f"the loss is {bad} at update 3") as caught:
        fit(net, batches(5), SGD(0.1), breaks_at_three)
    assert caught.value.model is models[-1]


def test_a_training_that_diverges_is_told_as_such():
    """By itself, not by a loss made to fail: parameters overflow, and so does what follows."""
    rng = np.random.default_rng(0)
    net = Network.init(RNNCell.init(2, 5, rng, np.float32), 2, rng)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="nan at update 2"):
        fit(net, batches(5), SGD(1e300))


def test_no_batches_no_updates(net):
    trained, history = fit(net, [], SGD(0.1))
    assert trained is net
    assert history.loss.shape == history.grad_norm.shape == (0,)


@pytest.mark.parametrize("strict", [False, True])
def test_a_bar_shows_the_loss_unless_outputs_are_compared(net, strict, monkeypatch, capsys):
    monkeypatch.delenv("RNN_EDU_STRICT", raising=False)
    if strict:
        monkeypatch.setenv("RNN_EDU_STRICT", "1")
    fit(net, list(batches(3)), SGD(0.1))
    shown = capsys.readouterr().err
    assert (shown == "") is strict


@pytest.mark.parametrize("read", ["last", "every"])
def test_classify_is_forward_loss_backward(net, read):
    batch = next(batches(1))
    mask = None
    if read == "every":
        mask = np.random.default_rng(3).random((6, 16)) < 0.5
        batch = Batch(batch.x, np.tile(batch.targets, (6, 1)), None, mask)
    logits, cache = net.forward(batch.x, read=read)
    loss, dlogits = cross_entropy(logits, batch.targets, mask)
    value, grads = classify(net, batch, read)
    assert value == loss
    assert same(grads, net.backward(dlogits, cache))


def test_regress_is_forward_loss_backward(net):
    batch = next(batches(1))
    goal = np.random.default_rng(5).normal(size=(16, net.W_hy.shape[1]))
    y, cache = net.forward(batch.x)
    loss, dy = mean_squared_error(y, goal)
    value, grads = regress(net, batch._replace(targets=goal))
    assert value == loss
    assert same(grads, net.backward(dy, cache))


def data(N=10, T=7):
    """Sequence i holds i everywhere, so that a batch tells where its columns came from."""
    lengths = np.arange(N) % T + 1
    return np.tile(np.arange(float(N))[:, None], (T, 1, 2)), np.arange(N), lengths


@pytest.mark.parametrize("size", [1, 3, 10, 99])
def test_minibatches_bring_every_sequence_once_an_epoch(size):
    x, targets, lengths = data()
    found = list(Minibatches(x, targets, lengths, size, epochs=2))
    assert len(found) == len(Minibatches(x, targets, lengths, size, epochs=2))
    for batch in found:
        assert (batch.x[0, :, 0] == batch.targets).all()
        assert (batch.lengths == lengths[batch.targets]).all()
        assert len(batch.x) == batch.lengths.max()
        assert len(batch.targets) <= size
    order = np.concatenate([batch.targets for batch in found])
    first, second = order[:10], order[10:]
    assert sorted(first) == sorted(second) == list(range(10))
    assert not np.array_equal(first, second)


def test_minibatches_start_over_in_the_same_order():
    def order(seed):
        return [b.targets.tolist() for b in minibatches[seed]]

    minibatches = [Minibatches(*data(), size=3, epochs=2, seed=seed) for seed in (0, 1)]
    assert order(0) == order(0) != order(1)
