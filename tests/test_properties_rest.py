"""What losses, optimisers, rules, scans and attention keep to, whatever the sizes and numbers."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnn_edu import GRUCell
from rnn_edu.attention import Attention, AttentionDecoder
from rnn_edu.bidirectional import Bidirectional
from rnn_edu.decode import probabilities
from rnn_edu.forecast import bootstrap_interval, conformal_radius
from rnn_edu.losses import cross_entropy, mean_squared_error
from rnn_edu.ops import leaves, log_softmax, map_params, mask_of, shuffled, sigmoid, softmax
from rnn_edu.optim import SGD, Adam, clip_by_global_norm
from rnn_edu.scan import scan, scan_backward, scan_loop
from rnn_edu.topologies import EncoderDecoder, Network
from rnn_edu.translator import Translator

from .reference import assert_same, make_case

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32)
WIDE = st.floats(-1e4, 1e4)


def rng_of(seed):
    return np.random.default_rng(seed)


# --- activations and losses --------------------------------------------------------------------


@given(arrays(np.float64, st.tuples(sizes, sizes), elements=st.floats(-1e300, 1e300)))
def test_a_sigmoid_stays_between_0_and_1_and_mirrors_itself(a):
    assert ((sigmoid(a) >= 0) & (sigmoid(a) <= 1)).all()
    assert np.allclose(sigmoid(-a), 1 - sigmoid(a), rtol=0, atol=1e-15)


@given(arrays(np.float64, st.tuples(sizes, sizes), elements=WIDE), WIDE)
def test_a_constant_on_all_logits_changes_no_probability(logits, shift):
    assert np.allclose(softmax(logits).sum(axis=-1), 1, rtol=1e-12)
    assert np.allclose(log_softmax(logits + shift), log_softmax(logits), rtol=0, atol=1e-10)
    assert np.allclose(probabilities(logits + shift), probabilities(logits), rtol=0, atol=1e-10)


def predictions(loss, shape, scale, seed):
    """y, target and a mask with at least one position."""
    rng = rng_of(seed)
    y, mask = scale * rng.normal(size=shape), rng.random(shape[:-1]) < 0.5
    mask.flat[rng.integers(mask.size)] = True
    if loss is cross_entropy:
        return y, rng.integers(0, shape[-1], shape[:-1]), mask
    return y, rng.normal(size=shape), mask


shapes = st.lists(sizes, min_size=2, max_size=3).map(tuple)
losses = pytest.mark.parametrize("loss", [cross_entropy, mean_squared_error])


@losses
@given(shape=shapes, scale=st.sampled_from([1, 1e4]), seed=seeds)
def test_only_what_the_mask_keeps_counts(loss, shape, scale, seed):
    y, target, mask = predictions(loss, shape, scale, seed)
    value, dy = loss(y, target, mask)
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(dy).all()
    assert not dy[~mask].any()
    changed = np.where(mask[..., None], y, 1e9)
    assert loss(changed, target, mask)[0] == pytest.approx(value, rel=1e-12, abs=1e-15)
    alone, dalone = loss(y[mask], target[mask])
    assert alone == pytest.approx(value, rel=1e-12, abs=1e-15)
    assert np.allclose(dalone, dy[mask], rtol=1e-12, atol=0)


@losses
@given(shape=shapes, seed=seeds)
def test_a_batch_that_stands_there_twice_has_the_same_mean(loss, shape, seed):
    y, target, mask = predictions(loss, shape, 1, seed)
    value, dy = loss(y, target, mask)
    twice, dtwice = loss(*(np.concatenate([a, a]) for a in (y, target, mask)))
    assert twice == pytest.approx(value, rel=1e-12)
    assert np.allclose(dtwice, np.concatenate([dy, dy]) / 2, rtol=1e-12, atol=0)


@given(shape=shapes, scale=st.sampled_from([1, 1e4]), seed=seeds, shift=WIDE)
def test_cross_entropy_does_not_see_a_constant_and_its_gradient_holds_none(
    shape, scale, seed, shift
):
    logits, targets, mask = predictions(cross_entropy, shape, scale, seed)
    value, dlogits = cross_entropy(logits, targets, mask)
    assert cross_entropy(logits + shift, targets, mask)[0] == pytest.approx(value, abs=1e-9)
    assert np.abs(dlogits.sum(axis=-1)).max() < 1e-14


# --- optimisers --------------------------------------------------------------------------------

OPTIMISERS = (SGD(0.1), SGD(0.1, 0.9), Adam(0.1))


def steps(optimiser, params, gradients):
    state = optimiser.init(params)
    for grads in gradients:
        params, state = optimiser.update(params, grads, state)
    return params


def some_gradients(seed, n=3):
    return [make_case(GRUCell, H=2, seed=seed + k).cell for k in range(n)]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@settings(max_examples=20)
@given(seed=seeds, scale=st.floats(1e-3, 1e3))
def test_an_update_takes_each_array_for_itself(optimiser, seed, scale):
    a, *da = some_gradients(seed)
    b, *db = (map_params(lambda g: scale * g, g) for g in some_gradients(seed + 9))
    together = steps(optimiser, (a, b), list(zip(da, db, strict=True)))
    assert_same(together, (steps(optimiser, a, da), steps(optimiser, b, db)), 1e-14)


@settings(max_examples=20)
@given(seed=seeds, scale=st.floats(1e-3, 1e3))
def test_adam_does_not_see_the_size_of_the_loss_and_sgd_is_in_proportion(seed, scale):
    params, *gradients = some_gradients(seed)
    larger = [map_params(lambda g: scale * g, g) for g in gradients]
    adam = partial(steps, Adam(0.1, eps=0.0), params)
    assert_same(adam(larger), adam(gradients), 1e-9)
    moved, moved_more = (steps(SGD(0.1, 0.9), params, g) for g in (gradients, larger))
    by, by_more = (map_params(np.subtract, p, params) for p in (moved, moved_more))
    assert_same(by_more, map_params(lambda d: scale * d, by), 1e-9)


@given(seed=seeds, scale=st.floats(1e-3, 1e3), max_norm=st.floats(1e-3, 1e3))
def test_clipping_twice_is_clipping_once_in_any_unit(seed, scale, max_norm):
    (grads,) = some_gradients(seed, 1)
    once, norm = clip_by_global_norm(grads, max_norm)
    assert_same(clip_by_global_norm(once, max_norm * (1 + 1e-12))[0], once, 0)
    scaled, larger = clip_by_global_norm(map_params(lambda g: scale * g, grads), scale * max_norm)
    assert larger == pytest.approx(scale * norm, rel=1e-12)
    assert_same(scaled, map_params(lambda g: scale * g, once), 1e-12)


# --- scan, attention ---------------------------------------------------------------------------


@given(T=st.integers(1, 20), N=sizes, H=sizes, seed=seeds, data=st.data())
def test_a_scan_goes_on_where_another_stopped(T, N, H, seed, data):
    a, b = rng_of(seed).normal(size=(2, T, N, H))
    a[rng_of(seed).random(a.shape) < 0.2] = 0
    h0, cut = rng_of(seed + 1).normal(size=(N, H)), data.draw(st.integers(1, T))
    whole, first = scan(a, b, h0), scan(a[:cut], b[:cut], h0)
    assert_same(first, scan_loop(a, b, h0)[:cut], 1e-9)
    if cut < T:
        assert_same(np.concatenate([first, scan(a[cut:], b[cut:], first[-1])]), whole, 1e-9)
    dh, dlast = np.zeros_like(b), np.ones((N, H))
    _, db, dh0 = scan_backward(a, np.concatenate([h0[None], whole[:-1]]), dh, dlast)
    assert_same(dh0, a.prod(axis=0), 1e-9)  # what is left of h0 after T steps
    assert_same(db[-1], dlast, 0)


@given(sizes=st.tuples(*[sizes] * 5), seed=seeds, scale=st.sampled_from([1, 1e4]), data=st.data())
def test_attention_shares_itself_out_among_the_places_that_are_there(sizes, seed, scale, data):
    S, N, P, H, M = sizes
    rng = rng_of(seed)
    looks, h = Attention.init(H, M, rng), scale * rng.normal(size=(S, N, H))
    memory, mask = rng.normal(size=(P, N, M)), rng.random((P, N)) < 0.5
    mask[rng.integers(P, size=N), np.arange(N)] = True
    h_tilde, cache = looks.forward(h, memory, mask)
    assert np.allclose(cache.weights.sum(axis=2), 1, rtol=1e-12)
    assert not cache.weights[:, ~mask.T].any()
    grads, _, dmemory = looks.backward(np.ones_like(h_tilde), cache)
    assert not dmemory[~mask].any()
    assert all(np.isfinite(g).all() for _, g in leaves(grads))
    order = data.draw(st.permutations(range(P)))
    same, other = looks.forward(h, memory[order], mask[order])
    assert np.allclose(same, h_tilde, rtol=0, atol=1e-12)
    assert np.allclose(other.weights, cache.weights[..., order], rtol=0, atol=1e-12)


# --- models ------------------------------------------------------------------------------------


def answers(model, x, y, lengths):
    fed = (x, y, lengths) if hasattr(model, "decoder") else (x, lengths)
    return model.forward(*fed)[0]


@settings(max_examples=30)
@given(T=sizes, N=sizes, H=sizes, seed=seeds, data=st.data())
def test_another_order_of_the_batch_is_another_order_of_the_answers(T, N, H, seed, data):
    one, other = (GRUCell.init(3, H, rng_of(seed + k)) for k in range(2))
    writes = GRUCell.init(4, H, rng_of(seed + 2))
    models = (
        Network.init(one, 4, rng_of(seed)),
        Bidirectional.init(one, other, 4, rng_of(seed)),
        EncoderDecoder(one, Network.init(writes, 4, rng_of(seed))),
        Translator(one, AttentionDecoder.init(writes, 4, rng_of(seed), H)),
    )
    x, y = rng_of(seed).normal(size=(T, N, 3)), rng_of(seed).normal(size=(2, N, 4))
    lengths = np.array(data.draw(st.lists(st.integers(1, T), min_size=N, max_size=N)))
    order = data.draw(st.permutations(range(N)))
    for model in models:
        logits = answers(model, x, y, lengths)
        turned = answers(model, x[:, order], y[:, order], lengths[order])
        assert_same(turned, logits[..., order, :], 1e-9)


# --- batches and forecasts ---------------------------------------------------------------------


@given(T=sizes, lengths=st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_a_mask_counts_its_lengths(T, lengths):
    lengths = np.minimum(lengths, T)
    mask = mask_of(lengths, T, len(lengths))
    assert mask.sum(axis=0).tolist() == lengths.tolist()
    assert (np.diff(mask.astype(int), axis=0) <= 0).all()  # once it has ended, it has ended


@given(N=st.integers(1, 20), size=st.integers(1, 25), epochs=st.integers(1, 3), seed=seeds)
def test_every_sequence_comes_once_an_epoch(N, size, epochs, seed):
    batches = list(shuffled(N, size, epochs, rng_of(seed)))
    whole = np.concatenate(batches).reshape(epochs, N)
    assert (np.sort(whole, axis=1) == np.arange(N)).all()
    assert max(map(len, batches)) <= size


@given(n=st.integers(1, 40), level=st.floats(0.05, 0.95), seed=seeds, scale=st.floats(0.1, 10))
def test_a_conformal_interval_holds_its_share_of_the_errors_it_was_made_from(n, level, seed, scale):
    errors = rng_of(seed).normal(size=(n, 2))
    if np.ceil((n + 1) * level) > n:
        with pytest.raises(ValueError, match="errors must be at least"):
            conformal_radius(errors, level)
        return
    radius = conformal_radius(errors, level)
    assert ((np.abs(errors) <= radius).mean(axis=0) >= level).all()
    assert np.allclose(conformal_radius(-scale * errors, level), scale * radius, rtol=1e-12)


@settings(max_examples=20)
@given(T=st.integers(2, 20), seed=seeds, shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_a_bootstrap_interval_moves_with_its_values(T, seed, shift, scale):
    values = rng_of(seed).normal(size=T)
    low, high = bootstrap_interval(values, 2, rng_of(0), draws=50)
    assert values.min() <= low <= high <= values.max()
    moved = bootstrap_interval(scale * values + shift, 2, rng_of(0), draws=50)
    assert moved == pytest.approx((scale * low + shift, scale * high + shift), rel=1e-9, abs=1e-9)
