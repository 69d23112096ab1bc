"""Decoding: exact identities of the rules, the chain rule, and beam search against all texts."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu import GRUCell, RNNCell
from rnn_edu.decode import (
    as_step,
    beam_search,
    generate,
    greedy,
    min_p,
    probabilities,
    sample,
    score,
    temperature,
    top_k,
    top_p,
)
from rnn_edu.ops import log_softmax, one_hot, softmax
from rnn_edu.topologies import Network

V = 5
LOGITS = np.log([[0.1, 0.4, 0.3, 0.2], [0.25, 0.25, 0.3, 0.2]])


def network(V=V, H=6, scale=3.0):
    """A network of random weights, large enough for its opinions to differ from step to step."""
    rng = np.random.default_rng(0)
    net = Network.init(GRUCell.init(D=V, H=H, rng=rng), K=V, rng=rng)
    return Network(net.cell, scale * net.W_hy, scale * net.b_y)


def start(net, N=1):
    return net.cell.zero_state(N), np.zeros(N, int)


sizes = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32 - 1))
rules = st.one_of(
    st.floats(0.05, 20).map(temperature),
    st.integers(1, 12).map(top_k),
    st.floats(0.01, 1).map(top_p),
    st.floats(0.01, 1).map(min_p),
)


def drawn(sizes):
    N, V, seed = sizes
    return np.random.default_rng(seed).normal(0, 3, (N, V))


@given(sizes, st.lists(rules, max_size=4))
def test_what_rules_leave_is_a_distribution_with_the_likeliest_in_it(sizes, rules):
    logits = drawn(sizes)
    p = probabilities(logits, *rules)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-12)
    assert (p[np.arange(len(p)), logits.argmax(axis=1)] > 0).all()


@given(sizes, st.integers(1, 12).map(top_k) | st.floats(0.01, 1).map(top_p))
def test_a_cut_keeps_the_ratios_of_what_it_keeps(sizes, cut):
    logits = drawn(sizes)
    p, kept = softmax(logits), probabilities(logits, cut)
    where = kept > 0
    assert np.allclose(kept, p * where / (p * where).sum(axis=1, keepdims=True))
    least, lost = np.where(where, p, 1).min(axis=1), np.where(where, 0, p).max(axis=1)
    assert (lost <= least).all()


@given(sizes)
def test_rules_that_change_nothing_leave_every_bit(sizes):
    logits = np.pad(drawn(sizes), ((0, 0), (0, 1)), constant_values=-50)  # below rounding
    for rule in (temperature(1), top_k(logits.shape[1]), top_p(1)):
        assert np.array_equal(probabilities(logits, rule), softmax(logits))


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (top_k(2), [[0, 1, 1, 0], [1, 0, 1, 0]]),  # of equals the first
        (top_p(0.65), [[0, 1, 1, 0], [1, 1, 1, 0]]),
        (top_p(0.75), [[0, 1, 1, 1], [1, 1, 1, 0]]),
        (top_p(0.01), [[0, 1, 0, 0], [0, 0, 1, 0]]),
        (min_p(0.6), [[0, 1, 1, 0], [1, 1, 1, 1]]),
        (min_p(1), [[0, 1, 0, 0], [0, 0, 1, 0]]),
    ],
)
def test_cuts_worked_by_hand(rule, kept):
    assert np.array_equal(probabilities(LOGITS, rule) > 0, np.array(kept, bool))


def test_rules_apply_in_their_order():
    cold_first = probabilities(LOGITS, temperature(0.5), top_p(0.5))
    assert (cold_first > 0).sum(axis=1).tolist() == [1, 2]  # .16 of .30, .09 of .255
    assert (probabilities(LOGITS, top_p(0.5), temperature(0.5)) > 0).sum(axis=1).tolist() == [2, 2]


def test_temperature_divides_logits():
    assert np.allclose(probabilities(LOGITS, temperature(2)), softmax(LOGITS / 2))
    squared = np.exp(LOGITS) ** 2
    assert np.allclose(
        probabilities(LOGITS, temperature(0.5)), squared / squared.sum(axis=1, keepdims=True)
    )


@given(sizes)
def test_top_1_and_min_p_1_are_greedy(sizes):
    logits = drawn(sizes)
    for rule in (top_k(1), min_p(1), top_p(1e-9)):
        chosen = sample(np.random.default_rng(0), rule)(logits)
        assert np.array_equal(chosen, greedy(logits))


def test_sampling_inverts_the_running_sum():
    class Fixed(np.random.Generator):
        def random(self, size):
            return np.array([[0.45], [0.55]])

    choose = sample(Fixed(np.random.PCG64(0)))
    assert choose(LOGITS).tolist() == [1, 2]  # .1 < .45 < .5 and .5 < .55 < .8


def test_samples_come_as_often_as_their_probability():
    rule = top_k(3)
    choose = sample(np.random.default_rng(0), rule)
    logits = np.repeat(LOGITS[:1], 20_000, axis=0)
    share = np.bincount(choose(logits), minlength=4) / len(logits)
    assert np.abs(share - probabilities(LOGITS[:1], rule)[0]).max() < 0.015
    assert share[0] == 0


def test_greedy_takes_the_first_of_equals():
    assert greedy(np.array([[1.0, 3.0, 3.0]])).tolist() == [1]


def test_generate_feeds_back_what_it_chose():
    net = network()
    out = generate(as_step(net), *start(net, 3), 7, sample(np.random.default_rng(1)))
    assert out.shape == (7, 3)
    fed = np.concatenate([np.zeros((1, 3), int), out[:-1]])
    logits = net(one_hot(fed, V), read="every")
    rng = np.random.default_rng(1)
    again = [sample(rng)(logits_t) for logits_t in logits]
    assert np.array_equal(out, again)


def test_the_token_just_chosen_moves_the_next_logits():
    net = network()
    step = as_step(net)
    state, _ = start(net)
    answers = [step(np.array([v]), state)[0] for v in range(V)]
    assert min(np.abs(a - b).max() for a, b in pairwise(answers)) > 1e-3


def superposes(cell):
    """Whether the response to two inputs together is the sum of the responses to each."""
    net = Network(cell, np.eye(cell.H), np.zeros(cell.H))
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 4, 1, cell.D))
    rest = net(np.zeros_like(a), read="every")
    together = net(a + b, read="every") - rest
    return np.allclose(together, net(a, read="every") + net(b, read="every") - 2 * rest)


def test_a_cell_without_a_nonlinearity_superposes_and_a_tanh_cell_does_not():
    class Linear(RNNCell):
        def sweep(self, x, state):
            h, out = state[0], []
            for x_t in x:
                h = x_t @ self.W_xh + h @ self.W_hh + self.b_h
                out.append(h)
            return np.stack(out), (h,), None

    weights = RNNCell.init(D=3, H=4, rng=np.random.default_rng(0))
    assert superposes(Linear(weights.W_xh, weights.W_hh, weights.b_h))
    assert not superposes(weights)
    assert not superposes(GRUCell.init(D=3, H=4, rng=np.random.default_rng(0)))


def test_nothing_comes_after_the_end():
    net = network()
    run = (as_step(net), *start(net, 40), 30, sample(np.random.default_rng(0)))
    out = generate(*run, end=2)
    free = generate(*run[:-1], sample(np.random.default_rng(0)))
    ends = [c.tolist().index(2) if 2 in c else 30 for c in out.T]
    assert min(ends) < 3
    assert len(set(ends)) > 3
    for column, whole, first in zip(out.T, free.T, ends, strict=True):
        assert (column[first:] == 2).all()
        assert np.array_equal(column[: first + 1], whole[: first + 1])


def test_generate_stops_when_all_have_ended():
    calls = []

    def step(tokens, state):
        calls.append(tokens)
        return np.eye(3)[[2] * len(tokens)], state

    out = generate(step, (), np.array([0, 1]), 9, greedy, end=2)
    assert (out == 2).all()
    assert len(calls) == 1


@given(st.integers(2, 12), st.integers(1, 3), st.data())
@settings(max_examples=30)
def test_the_chain_rule_does_not_mind_where_a_text_is_cut(T, N, data):
    net = network()
    tokens = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, V, (T, N))
    whole, last = score(as_step(net), net.cell.zero_state(N), tokens)
    log_p = log_softmax(net(one_hot(tokens[:-1], V), read="every"))
    assert np.allclose(whole, np.take_along_axis(log_p, tokens[1:, :, None], axis=2)[..., 0])
    state, pieces, at = net.cell.zero_state(N), [], 0
    while at < T - 1:
        to = data.draw(st.integers(at + 1, T - 1))
        piece, state = score(as_step(net), state, tokens[at : to + 1])
        pieces.append(piece)
        at = to
    assert np.array_equal(np.concatenate(pieces), whole)
    assert np.array_equal(state[0], last[0])


def test_the_probabilities_of_all_texts_sum_to_one():
    net = network(V=3)
    texts = np.array(list(product(range(3), repeat=4))).T
    tokens = np.concatenate([np.zeros((1, texts.shape[1]), int), texts])
    log_probs, _ = score(as_step(net), net.cell.zero_state(tokens.shape[1]), tokens)
    assert np.exp(log_probs.sum(axis=0)).sum() == pytest.approx(1, abs=1e-12)


def all_texts(net, S, end=None):
    """Every text of S tokens or up to its first end: (tokens, log_prob)."""
    texts = {t[: t.index(end) + 1] if end in t else t for t in product(range(net.cell.D), repeat=S)}
    for text in texts:
        tokens = np.array([0, *text])[:, None]
        yield text, score(as_step(net), net.cell.zero_state(1), tokens)[0].sum()


@pytest.mark.parametrize("end", [None, 1])
def test_a_beam_as_wide_as_everything_finds_every_text(end):
    net = network(V=3)
    found = beam_search(as_step(net), net.cell.zero_state(1), 0, width=81, S=4, end=end)
    truth = dict(all_texts(net, 4, end))
    assert {h.tokens: h.log_prob for h in found.hypotheses} == pytest.approx(truth)
    assert all(h.finished == (h.tokens[-1] == end) for h in found.hypotheses)
    ranked = [(not h.finished, -h.score) for h in found.hypotheses]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize("end", [None, 1])
def test_a_beam_of_one_is_greedy(end):
    net = network()
    state, tokens = start(net)
    out = generate(as_step(net), state, tokens, 12, greedy, end)[:, 0].tolist()
    if end in out:
        out = out[: out.index(end) + 1]
    (only,) = beam_search(as_step(net), state, 0, width=1, S=12, end=end).hypotheses
    assert list(only.tokens) == out


def test_a_wider_beam_finds_a_likelier_text_that_greedy_misses():
    def step(tokens, state):  # 1 is the likelier beginning, and a dead end
        probs = {0: [0.1, 0.5, 0.4], 1: [0.34, 0.33, 0.33], 2: [0.05, 0.05, 0.9]}
        return np.log([probs[int(t)] for t in tokens]), state

    texts = [beam_search(step, (), 0, width, S=2).hypotheses[0] for width in (1, 2)]
    assert [h.tokens for h in texts] == [(1, 0), (2, 2)]
    assert [h.log_prob for h in texts] == pytest.approx(np.log([0.17, 0.36]))


def test_the_state_goes_with_its_hypothesis():
    net = network()
    for h in beam_search(as_step(net), net.cell.zero_state(1), 0, width=4, S=6).hypotheses:
        log_probs, _ = score(
            as_step(net), net.cell.zero_state(1), np.array([0, *h.tokens])[:, None]
        )
        assert h.log_prob == pytest.approx(log_probs.sum())


def test_the_tree_holds_every_hypothesis():
    net = network()
    found = beam_search(as_step(net), net.cell.zero_state(1), 0, width=3, S=5, end=1, alpha=0.7)
    statuses = [c.status for c in found.tree]
    assert statuses.count("finished") == sum(h.finished for h in found.hypotheses) > 0
    depth = []
    for k, c in enumerate(found.tree):
        assert -1 <= c.parent < k
        assert c.parent < 0 or found.tree[c.parent].status == "kept"
        depth.append(1 + (depth[c.parent] if c.parent >= 0 else 0))
    for step in set(depth):
        statuses = [c.status for c, d in zip(found.tree, depth, strict=True) if d == step]
        assert 1 <= len(statuses) - statuses.count("pruned") <= 3
    for h in found.hypotheses:
        assert h.score == pytest.approx(h.log_prob / len(h.tokens) ** 0.7)


def test_what_is_impossible_is_never_a_candidate():
    def masked(tokens, state):
        return np.array([[0.0, 0.0, -np.inf]] * len(tokens)), state

    found = beam_search(masked, (), 0, width=3, S=2)
    assert {c.token for c in found.tree} == {0, 1}
    assert len(found.hypotheses) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: temperature(0), "t must be finite and above 0"),
        (lambda: top_k(0), "k must be an integer of at least 1, got 0"),
        (lambda: top_p(0), r"p must lie in \(0, 1\], got 0"),
        (lambda: min_p(1.1), r"p must lie in \(0, 1\], got 1.1"),
        (lambda: greedy(np.zeros(3)), r"logits must be \(N, V\), got \(3,\)"),
        (lambda: probabilities(np.array([[0.0, np.nan]])), "logits must have a finite largest"),
        (lambda: probabilities(np.full((2, 2), -np.inf)), "logits must have a finite largest"),
        (lambda: generate(None, (), np.array([], int), 1, greedy), r"tokens must be \(N,\), got"),
        (lambda: generate(None, (), np.array([0]), 0, greedy), "S must be an integer"),
        (lambda: score(None, (), np.array([[0]])), "tokens must be at least 2 steps, got 1"),
        (lambda: score(None, (), np.array([0, 1])), r"tokens must be \(T, N\), got \(2,\)"),
        (lambda: beam_search(None, (), 0, 0, 1), "width must be an integer"),
        (lambda: beam_search(None, (), -1, 1, 1), "token must lie in 0"),
        (lambda: beam_search(None, (), 0, 1, 1, alpha=-1), "alpha must be finite and at least 0"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_seed_is_not_a_generator():
    with pytest.raises(TypeError, match=r"rng must be a numpy.+Generator, got int"):
        sample(0)
