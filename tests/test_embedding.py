"""A lookup is a product, its gradient a sum; and padding is not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.embedding import Embedding, Reader, WordBatches
from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import mask_of, one_hot

CELLS = (RNNCell, GRUCell, LSTMCell)
V = 7


def reader(cell=GRUCell, seed=0) -> Reader:
    rng = np.random.default_rng(seed)
    made = Reader.init(V, cell.init(3, 4, rng), 2, rng)
    return Reader(Embedding(20 * made.embedding.E), made.network)  # rows that a state can feel


@st.composite
def ragged(draw) -> tuple[np.ndarray, np.ndarray]:
    """tokens (T, N) with anything behind the ends, lengths (N,) below T, T being no text's."""
    T, N = draw(st.integers(2, 9)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    return rng.integers(0, V, (T, N)), rng.integers(1, T, N)


def test_looking_up_is_multiplying_by_one_hot_rows():
    rng = np.random.default_rng(0)
    table, tokens = Embedding.init(V, 3, rng), rng.integers(0, V, (5, 2))
    assert np.array_equal(table.forward(tokens), one_hot(tokens, V) @ table.E)
    dx = rng.normal(size=(5, 2, 3))
    by_product = one_hot(tokens, V).reshape(-1, V).T @ dx.reshape(-1, 3)
    assert len(np.unique(tokens)) < tokens.size, "some row is met twice, and must get both terms"
    assert np.allclose(table.backward(dx, tokens).E, by_product, atol=1e-14)


@pytest.mark.parametrize("pool", ["last", "mean"])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients(cell, pool):
    model, labels = reader(cell), np.array([0, 1, 1])
    tokens, lengths = np.random.default_rng(1).integers(0, V, (6, 3)), np.array([6, 2, 4])

    def loss(m: Reader) -> float:
        return cross_entropy(m(tokens, lengths, pool), labels)[0]

    logits, cache = model.forward(tokens, lengths, pool)
    check_grads(loss, model, model.backward(cross_entropy(logits, labels)[1], cache))


@given(batch=ragged(), cell=st.sampled_from(CELLS), pool=st.sampled_from(["last", "mean"]))
def test_a_text_in_a_batch_is_the_text_alone(batch, cell, pool):
    tokens, lengths = batch
    model = reader(cell)
    together = model(tokens, lengths, pool)
    for n, length in enumerate(lengths):
        alone = model(tokens[:length, [n]], lengths[[n]], pool)
        assert np.abs(together[n] - alone[0]).max() < 1e-12
        assert np.array_equal(alone, model(tokens[:length, [n]], None, pool))


@given(batch=ragged(), pool=st.sampled_from(["last", "mean"]), seed=st.integers(0, 99))
def test_what_stands_behind_the_end_changes_nothing(batch, pool, seed):
    """Not the logits, not the gradients, to the last bit."""
    tokens, lengths = batch
    model, labels = reader(), np.zeros(len(lengths), int)
    garbage = np.random.default_rng(seed).integers(0, V, tokens.shape)
    other = np.where(mask_of(lengths, *tokens.shape), tokens, garbage)
    grads = []
    for read in (tokens, other):
        logits, cache = model.forward(read, lengths, pool)
        grads.append((logits, model.backward(cross_entropy(logits, labels)[1], cache)))
    (one, d_one), (two, d_two) = grads
    assert np.array_equal(one, two)
    assert np.array_equal(d_one.embedding.E, d_two.embedding.E)
    cells = (vars(grads.network.cell).values() for grads in (d_one, d_two))
    assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(*cells, strict=True))
    unread = set(range(V)) - set(tokens[mask_of(lengths, *tokens.shape)])
    assert (d_one.embedding.E[sorted(unread)] == 0).all()


def test_without_lengths_the_last_row_is_read():
    """The bug that the lesson ships: a text moves with its neighbours."""
    tokens, lengths = np.array([[3, 4], [5, 5], [0, 6]]), np.array([2, 3])
    assert np.array_equal(reader()(tokens), reader()(tokens, np.array([3, 3])))
    assert np.abs(reader()(tokens) - reader()(tokens, lengths))[0].max() > 1e-3


@given(batch=ragged())
def test_each_text_comes_once_an_epoch_with_its_own_words(batch):
    tokens, lengths = batch
    N = len(lengths)
    data = WordBatches(tokens, lengths, np.arange(N), size=2, epochs=3, seed=1)
    seen = []
    for b in data:
        assert len(b.tokens) == b.lengths.max()
        for k, n in enumerate(b.labels):
            assert np.array_equal(b.tokens[: b.lengths[k], k], tokens[: lengths[n], n])
        seen.append(b.labels)
    assert len(seen) == len(data)
    assert sorted(np.concatenate(seen)) == sorted([*range(N)] * 3)
    again = [b.labels for b in data]
    assert all(np.array_equal(a, b) for a, b in zip(seen, again, strict=True))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda r: r(np.array([[V]])), ValueError, "tokens must lie in 0..6, got 7..7"),
        (lambda r: r(np.ones((2, 1))), TypeError, "tokens must hold integers, got dtype float64"),
        (
            lambda r: r(np.zeros((2, 1), int), np.array([3]), "mean"),
            ValueError,
            "lengths must lie in 1..2, got 3..3",
        ),
        (
            lambda r: r(np.zeros((2, 1), int), None, "max"),
            ValueError,
            """pool must be "last" or "mean", got 'max'""",
        ),
        (
            lambda r: WordBatches(np.zeros((2, 2), int), np.array([1]), np.array([0, 1]), 1, 1),
            ValueError,
            r"lengths must be \(2,\), got \(1,\)",
        ),
        (lambda r: Embedding(np.zeros(3)), ValueError, r"E must be \(V, D\), got \(3,\)"),
    ],
)
def test_errors_name_the_argument(call, error, says):
    with pytest.raises(error, match=says):
        call(reader())
