"""The references of the exercises against the package that the course teaches, by another route."""

import numpy as np
import pytest

from rnn_edu import (
    GRUCell,
    LSTMCell,
    RNNCell,
    attention,
    decode,
    forecast,
    losses,
    unroll,
    unroll_backward,
)
from rnn_edu.checks._recipes import RECIPES
from rnn_edu.checks._recipes.make import drawn
from rnn_edu.gru import GRUCache
from rnn_edu.lstm import LSTMCache
from rnn_edu.rnn import RNNCache


def grads_of(cell):
    return tuple(vars(cell).values())


def rnn_step(x_t, h_prev, *weights):
    return RNNCell(*weights).step(x_t, (h_prev,))[0]


def rnn_unroll(x, h0, *weights):
    return unroll(RNNCell(*weights), x, (h0,))[:1]


def bptt(dh, x, h0, h, W_xh, W_hh):
    cell = RNNCell(W_xh, W_hh, np.zeros(len(W_hh)))
    caches = RNNCache(x, np.concatenate([h0[None], h[:-1]]), h)
    grads, dx, (dh0,) = unroll_backward(cell, dh, caches)
    return dx, dh0, *grads_of(grads)


def lstm_step(x_t, h_prev, c_prev, *weights):
    return LSTMCell(*weights).step(x_t, (h_prev, c_prev))[0]


def lstm_backward(dh, dc, x_t, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    cell = LSTMCell(W_xh, W_hh, np.zeros(W_hh.shape[1]))
    cache = LSTMCache(x_t, h_prev, c_prev, i, f, g, o, c, np.tanh(c))
    grads, dx_t, before = cell.step_backward((dh, dc), cache)
    return dx_t, *before, *grads_of(grads)


def gru_step(x_t, h_prev, *weights):
    return GRUCell(*weights).step(x_t, (h_prev,))[0]


def gru_backward(dh, x_t, h_prev, r, z, n, hn, W_xh, W_hh):
    cell = GRUCell(W_xh, W_hh, np.zeros(W_hh.shape[1]), np.zeros(len(W_hh)))
    h = (1 - z) * n + z * h_prev
    grads, dx_t, before = cell.step_backward((dh,), GRUCache(x_t, h_prev, r, z, n, hn, h))
    return dx_t, *before, *grads_of(grads)


def temperature(logits, t):
    return (decode.probabilities(logits, decode.temperature(t)),)


def top_k(logits, k):
    return (decode.probabilities(logits, decode.top_k(k)),)


def top_p(logits, p):
    return (decode.probabilities(logits, decode.top_p(p)),)


def masked_loss(logits, targets, mask):
    return losses.cross_entropy(logits, targets, mask)


def masked_accuracy(logits, targets, mask):
    hits = [logits[t, n].argmax() == targets[t, n] for t, n in np.argwhere(mask)]
    return (np.mean(hits),)


def perplexity(log_p, mask):
    return (np.prod(np.exp(-log_p[mask] / mask.sum())),)


def masked_last(h, lengths):
    return (np.stack([h[:length, n][-1] for n, length in enumerate(lengths)]),)


def persistence(past, horizon):
    return (forecast.seasonal_naive(past, horizon, 1),)


def seasonal_naive(past, horizon, period):
    return (forecast.seasonal_naive(past, horizon, period),)


def mase(y, predicted, train, period):
    windows = forecast.cut_windows(train, period, 1)
    naive = forecast.seasonal_naive(windows.past, 1, period)
    return (np.abs(y - predicted).mean() / np.abs(windows.future - naive).mean(),)


def cut_windows(series, past, horizon):
    return forecast.cut_windows(series, past, horizon)[:2]


def attend(query, memory, mask):
    M = query.shape[-1]
    look = attention.Attention(np.eye(M), np.zeros((2 * M, M)))
    _, cache = look.forward(query, memory, mask)
    return cache.read[..., :M], cache.weights


BY_PACKAGE = {
    "rnn_step": rnn_step,
    "rnn_unroll": rnn_unroll,
    "bptt": bptt,
    "lstm_step": lstm_step,
    "lstm_backward": lstm_backward,
    "gru_step": gru_step,
    "gru_backward": gru_backward,
    "temperature": temperature,
    "top_k": top_k,
    "top_p": top_p,
    "masked_loss": masked_loss,
    "masked_accuracy": masked_accuracy,
    "masked_last": masked_last,
    "perplexity": perplexity,
    "persistence": persistence,
    "seasonal_naive": seasonal_naive,
    "mase": mase,
    "cut_windows": cut_windows,
    "attention": attend,
}


@pytest.mark.parametrize("name", BY_PACKAGE)
def test_the_reference_agrees_with_the_package(name):
    recipe = RECIPES[name]
    for arguments in drawn(recipe, seed=5).values():
        got = recipe.answer(recipe.solve, arguments)
        want = BY_PACKAGE[name](*arguments.values())
        for a, b in zip(got.values(), want, strict=True):
            assert a.shape == np.shape(b)
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_a_drawn_token_has_the_probability_that_it_should_have():
    probs = np.array([0.1, 0.6, 0.0, 0.3])
    u = (np.arange(1000) + 0.5) / 1000
    tokens = RECIPES["sample"].solve(np.tile(probs, (1000, 1)), u)
    assert np.bincount(tokens, minlength=4).tolist() == [100, 600, 0, 300]


def test_a_reversed_sequence_is_reversed_twice_to_itself():
    (arguments, *_) = drawn(RECIPES["reverse_padded"], seed=5).values()
    x, lengths = arguments.values()
    once = RECIPES["reverse_padded"].solve(x, lengths)
    for n, length in enumerate(lengths):
        assert (once[:length, n] == x[:length, n][::-1]).all()
        assert (once[length:, n] == x[length:, n]).all()


def test_scaled_training_data_have_mean_zero_and_spread_one():
    train, test = RECIPES["standardise"].solve(np.array([1.0, 3.0]), np.array([2.0, 5.0]))
    assert train.tolist() == [-1, 1]
    assert test.tolist() == [0, 3]


def test_a_numeric_gradient_is_exact_for_a_parabola():
    w = np.array([[1.0, -2.0, 0.5]])
    dw = RECIPES["numeric_gradient"].solve(lambda w: (w**2).sum(), w, 0.4)
    np.testing.assert_allclose(dw, 2 * w, rtol=1e-12)
