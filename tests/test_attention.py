"""Attention: its gradients, its masks, that it reads, and the same in torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell, fast
from rnn_edu.attention import Attention, AttentionDecoder
from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import leaves, one_hot, softmax
from rnn_edu.optim import Adam
from rnn_edu.topologies import EncoderDecoder, Network, teacher_forced
from rnn_edu.train import Pairs, fit, translate
from rnn_edu.translator import Translator

from .reference import CELLS, D, H, K, N, T, make_case

S, P, M = 4, 5, 2
LENGTHS = np.array([2, T, 3])


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.fixture
def attention():
    return Attention(draw(H, M, seed=1), draw(M + H, H, seed=2))


def make_translator(kind=GRUCell, attends=True):
    encoder, rng = make_case(kind).cell, np.random.default_rng(3)
    decoder = AttentionDecoder.init(make_case(kind, D=K).cell, K, rng, H if attends else None)
    targets = rng.integers(0, K, (S, N))
    return Translator(encoder, decoder), Pairs(draw(T, N, D), targets, LENGTHS, targets > 0)


def test_by_hand(attention):
    h, memory = draw(S, N, H), draw(P, N, M, seed=4)
    h_tilde, cache = attention.forward(h, memory)
    for s, n in np.ndindex(S, N):
        weights = softmax(h[s, n] @ attention.W_a @ memory[:, n].T)
        context = sum(weights[p] * memory[p, n] for p in range(P))
        expected = np.tanh(np.concatenate([context, h[s, n]]) @ attention.W_c)
        np.testing.assert_allclose(cache.weights[s, n], weights, atol=1e-12)
        np.testing.assert_allclose(h_tilde[s, n], expected, atol=1e-12)


@pytest.mark.parametrize("masked", [False, True])
def test_gradients(attention, masked):
    h, memory, toward = draw(S, N, H), draw(P, N, M, seed=4), draw(S, N, H, seed=5)
    mask = np.arange(P)[:, None] < np.array([1, P, 3]) if masked else None

    def loss(given):
        a, h, memory = given
        return float((a.forward(h, memory, mask)[0] * toward).sum())

    grads = attention.backward(toward, attention.forward(h, memory, mask)[1])
    check_grads(loss, (attention, h, memory), grads)


@pytest.mark.parametrize("attends", [True, False])
@pytest.mark.parametrize("kind", CELLS)
def test_gradients_of_a_translator(kind, attends):
    model, batch = make_translator(kind, attends)
    if not attends:  # a numeric gradient cannot walk over None
        same = EncoderDecoder(
            model.encoder, Network(model.decoder.cell, model.decoder.W_hy, model.decoder.b_y)
        )
        (loss, grads), (expected_loss, expected) = translate(model, batch), translate(same, batch)
        assert loss == expected_loss
        for (_, a), (_, b) in zip(leaves(grads), leaves(expected), strict=True):
            np.testing.assert_array_equal(a, b)
        return
    check_grads(lambda m: translate(m, batch)[0], model, translate(model, batch)[1])


@pytest.mark.parametrize("attends", [True, False])
@pytest.mark.parametrize("kind", CELLS)
def test_torch_computes_the_same(kind, attends):
    model, batch = make_translator(kind, attends)
    loss, grads = translate(model, batch)
    module = fast.Translator.from_numpy(model)
    y = torch.from_numpy(teacher_forced(batch.targets, K))
    logits = module(torch.from_numpy(batch.x), y, torch.from_numpy(LENGTHS))
    picked = logits.log_softmax(2).gather(2, torch.from_numpy(batch.targets)[..., None])[..., 0]
    torch_loss = -picked[torch.from_numpy(batch.mask)].mean()
    assert abs(torch_loss.item() - loss) < 1e-10
    torch_loss.backward()
    for parameter in module.parameters():  # the gradients, where `to_numpy` looks for the values
        parameter.data = parameter.grad
    by_torch = dict(leaves(module.to_numpy()))
    for name, ours in leaves(grads):
        if name.endswith(("b_h", "b_hn")):  # torch's two biases each have the whole gradient
            continue
        np.testing.assert_allclose(by_torch[name], ours, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("kind", CELLS)
def test_to_torch_and_back_is_exact(kind):
    model, _ = make_translator(kind)
    back = fast.Translator.from_numpy(model).to_numpy()
    for (name, a), (_, b) in zip(leaves(model), leaves(back), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


@given(st.data())
@settings(max_examples=40)
def test_what_stands_behind_an_end_changes_nothing(data):
    T, N = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    lengths = np.array(data.draw(st.lists(st.integers(1, T), min_size=N, max_size=N)))
    kind = data.draw(st.sampled_from([RNNCell, GRUCell, LSTMCell]))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    decoder = AttentionDecoder.init(kind.init(K, H, rng), K, rng, H)
    model = Translator(kind.init(D, H, rng), decoder)
    targets = rng.integers(0, K, (S, N))
    x = rng.normal(size=(T, N, D))
    loss, grads = translate(model, Pairs(x, targets, lengths))
    behind = np.arange(T)[:, None] >= lengths
    padded = np.concatenate([np.where(behind[..., None], 9.0, x), rng.normal(size=(2, N, D))])
    again, more = translate(model, Pairs(padded, targets, lengths))
    assert loss == pytest.approx(again, abs=1e-12)
    for (name, a), (_, b) in zip(leaves(grads), leaves(more), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12, err_msg=name)


def test_what_is_masked_gets_no_weight(attention):
    mask = np.arange(P)[:, None] < np.array([1, P, 3])
    weights = attention.forward(draw(S, N, H), draw(P, N, M), mask)[1].weights
    assert (weights[:, ~mask.T] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=2), 1)
    np.testing.assert_array_equal(weights[:, 0, 0], 1)


def test_a_changed_source_moves_the_weights():
    """The bug of an "attention" that never read the encoder: its weights would stay."""
    model, batch = make_translator()
    y = teacher_forced(batch.targets, K)
    _, cache = model.forward(batch.x, y)
    state = tuple(np.zeros((N, H)) for _ in range(1))
    memory, _, mask = model.encode(batch.x)
    moved = memory.copy()
    moved[2] += 0.5
    before, after = (
        model.decoder.forward(y, m, state, mask)[1].attention.weights for m in (memory, moved)
    )
    assert cache.decoder.attention.weights.shape == (S, N, T)
    assert (np.abs(before - after).max(axis=(0, 2)) > 0.01).all()


@pytest.mark.parametrize("kind", CELLS)
def test_step_by_step_is_the_same(kind):
    model, batch = make_translator(kind)
    y = teacher_forced(batch.targets, K)
    memory, state, mask = model.encode(batch.x, LENGTHS)
    logits, cache = model.decoder.forward(y, memory, state, mask)
    for t, y_t in enumerate(y):
        logits_t, state, weights = model.decoder.step(y_t, state, memory, mask)
        np.testing.assert_allclose(logits_t, logits[t], atol=1e-12)
        np.testing.assert_allclose(weights, cache.attention.weights[t], atol=1e-12)


def test_training_by_translate_learns_to_repeat():
    """Three letters, said again: loss from about ln K to near nothing."""
    rng = np.random.default_rng(0)
    decoder = AttentionDecoder.init(GRUCell.init(K, 16, rng), K, rng, 16)
    model = Translator(GRUCell.init(K, 16, rng), decoder)
    tokens = [rng.integers(0, K, (3, 20)) for _ in range(300)]
    _, history = fit(model, (Pairs(one_hot(t, K), t) for t in tokens), Adam(0.02), translate)
    assert abs(history.loss[0] - np.log(K)) < 0.3
    assert history.loss[-1] < 0.1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda a: a.forward(draw(S, N, H), draw(P, N, M + 1)),
            ValueError,
            "memory must be (P, N=3, M=2), got (5, 3, 3)",
        ),
        (
            lambda a: a.forward(draw(S, N, H), None),
            TypeError,
            "memory must be a NumPy array (P, N=3, M=2), got NoneType",
        ),
        (
            lambda a: a.forward(draw(S, N, H), draw(P, N, M), np.ones((P, N))),
            TypeError,
            "mask must hold booleans, got dtype float64",
        ),
        (
            lambda a: a.forward(draw(S, N, H), draw(P, N, M), np.ones((N, P), bool)),
            ValueError,
            "mask must be (P=5, N=3), got (3, 5)",
        ),
        (
            lambda a: a.forward(draw(S, N, H), draw(P, N, M), np.arange(N) + np.zeros((P, 1)) > 0),
            ValueError,
            "mask must leave each sequence a place, got none at 0",
        ),
        (
            lambda a: Attention(a.W_a, a.W_c[1:]),
            ValueError,
            "W_c must be (M+H=8, H=6), got (7, 6)",
        ),
        (
            lambda a: Translator(GRUCell.init(D, H, np.random.default_rng(0)), make_wrong(a)),
            ValueError,
            "attention.W_a must be (H, M=6), got (6, 2)",
        ),
    ],
)
def test_errors_name_the_argument(attention, call, error, message):
    with pytest.raises(error) as caught:
        call(attention)
    assert str(caught.value) == message


def make_wrong(attention):
    rng = np.random.default_rng(0)
    return AttentionDecoder(GRUCell.init(K, H, rng), attention, draw(H, K), draw(K))


def test_loss_is_the_mean_over_what_the_mask_leaves():
    model, batch = make_translator()
    logits = model.forward(batch.x, teacher_forced(batch.targets, K), LENGTHS)[0]
    assert translate(model, batch)[0] == cross_entropy(logits, batch.targets, batch.mask)[0]
