"""The losses against torch, against finite differences, and what a mask must do."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy, mean_squared_error
from rnn_edu.ops import log_softmax, one_hot, sigmoid, softmax

from .reference import TOLERANCE, K, N, T, assert_same

LEADING = [(N,), (T, N)]
leading = pytest.mark.parametrize("shape", LEADING)
losses = pytest.mark.parametrize("loss", [cross_entropy, mean_squared_error])


def example(loss, shape, dtype=np.float64, seed=0):
    """Predictions, targets, and a mask that keeps some positions and drops some."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(*shape, K)).astype(dtype)
    target = rng.integers(0, K, shape)
    if loss is mean_squared_error:
        target = rng.normal(size=(*shape, K)).astype(dtype)
    mask = rng.random(shape) < 0.6
    mask.flat[0], mask.flat[-1] = True, False
    return y, target, mask


def by_torch(loss, y, target, mask):
    """Only the kept positions, averaged."""
    y = torch.from_numpy(y).requires_grad_()
    kept = y[torch.from_numpy(mask)], torch.from_numpy(target[mask])
    f = torch.nn.functional
    value = f.cross_entropy(*kept) if loss is cross_entropy else f.mse_loss(*kept)
    value.backward()
    return value.item(), y.grad.numpy()


@losses
@leading
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("masked", [True, False])
def test_value_and_gradient_equal_torch(loss, shape, dtype, masked):
    y, target, mask = example(loss, shape, dtype)
    if not masked:
        mask = np.ones(shape, bool)
    value, dy = loss(y, target, mask if masked else None)
    want, dwant = by_torch(loss, y, target, mask)
    tol = TOLERANCE[np.dtype(dtype)]
    assert value == pytest.approx(want, rel=tol)
    assert type(value) is float
    assert_same(dy, dwant, tol)


@losses
@leading
def test_gradient_against_finite_differences(loss, shape):
    y, target, mask = example(loss, shape)
    grads = {"y": loss(y, target, mask)[1]}
    assert 0 < check_grads(lambda p: loss(p["y"], target, mask)[0], {"y": y}, grads) < 1e-7


@losses
@leading
def test_masked_positions_get_exactly_zero_and_change_nothing(loss, shape):
    y, target, mask = example(loss, shape)
    value, dy = loss(y, target, mask)
    assert not dy[~mask].any()
    assert dy[mask].all()
    other = y.copy()
    other[~mask] = 1e6
    assert loss(other, target, mask)[0] == value
    assert_same(loss(other, target, mask)[1], dy, 0)


@losses
def test_padding_more_positions_changes_nothing(loss):
    y, target, mask = example(loss, (T, N))
    value, dy = loss(y, target, mask)

    def pad(a, fill):
        return np.concatenate([a, np.full((2, *a.shape[1:]), fill, a.dtype)])

    longer, dlonger = loss(pad(y, 3), pad(target, 1), pad(mask, False))
    assert longer == pytest.approx(value, rel=1e-15)
    assert_same(dlonger[:T], dy, 1e-15)
    assert not dlonger[T:].any()


@pytest.mark.parametrize("classes", [2, 27])
def test_equal_logits_cost_ln_K(classes):
    value, dlogits = cross_entropy(np.zeros((N, classes)), np.zeros(N, int))
    assert value == pytest.approx(np.log(classes))
    assert np.abs(dlogits.sum(axis=-1)).max() < 1e-15  # pushes one class up, the rest down


def test_logits_of_any_size_do_not_overflow():
    logits = np.array([[1e4, -1e4, 0.0]])
    assert cross_entropy(logits, np.array([0]))[0] == 0
    assert cross_entropy(logits, np.array([1]))[0] == 2e4


def test_a_perfect_answer_costs_nothing():
    y = example(mean_squared_error, (T, N))[0]
    value, dy = mean_squared_error(y, y)
    assert value == 0
    assert not dy.any()


@losses
def test_what_overflowed_shows_in_the_loss(loss):
    y, target, _ = example(loss, (T, N))
    y[0, 0, 0] = np.inf
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(loss(y, target)[0])


def test_a_target_takes_the_type_of_the_prediction():
    y, target, _ = example(mean_squared_error, (T, N), np.float32)
    assert mean_squared_error(y, target.astype(np.float64))[1].dtype == np.float32


@losses
@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([0.5], TypeError, "must be a NumPy array (N, K), got list"),
        (np.zeros(K), ValueError, "must be (N, K), got (7,)"),
        (np.zeros((N, 0)), ValueError, "must be (N, K), got (3, 0)"),
        (np.zeros((N, K), int), TypeError, "must hold floats (N, K), got dtype int64"),
        (np.zeros((T, N, K), int), TypeError, "must hold floats (T, N, K), got dtype int64"),
        (
            np.zeros((2, T, N, K), int),
            TypeError,
            "must hold floats (..., T, N, K), got dtype int64",
        ),
    ],
)
def test_a_prediction_of_the_wrong_form_is_named(loss, y, error, message):
    name = "y" if loss is mean_squared_error else "logits"
    with pytest.raises(error) as caught:
        loss(y, np.zeros(np.shape(y)[:-1], int))
    assert str(caught.value) == f"{name} {message}"


@losses
def test_a_mask_of_the_wrong_form_is_named(loss):
    y, target, mask = example(loss, (T, N))
    for wrong, error, message in (
        (mask.tolist(), TypeError, "mask must be a boolean array (5, 3), got list"),
        (mask.astype(int), TypeError, "mask must be a boolean array (5, 3), got int64"),
        (mask[1:], ValueError, "mask must be (5, 3), got (4, 3)"),
    ):
        with pytest.raises(error) as caught:
            loss(y, target, wrong)
        assert str(caught.value) == message


@settings(max_examples=30)
@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_activations_equal_torch(shape, seed):
    a = 10 * np.random.default_rng(seed).normal(size=shape)
    t = torch.from_numpy(a)
    assert np.abs(sigmoid(a) - torch.sigmoid(t).numpy()).max() < 1e-15
    assert_same(softmax(a), torch.softmax(t, -1).numpy(), 1e-14)
    assert_same(log_softmax(a), torch.log_softmax(t, -1).numpy(), 1e-14)


def test_sigmoid_does_not_overflow():
    assert sigmoid(np.array([-1e300, 0.0, 1e300])).tolist() == [0, 0.5, 1]


@given(st.lists(st.integers(0, 4), min_size=1))
def test_one_hot_has_one_one_where_it_should(index):
    rows = one_hot(np.array(index), 5)
    assert rows.argmax(axis=-1).tolist() == index
    assert rows.sum() == len(index)
    assert set(rows.flat) <= {0.0, 1.0}
    assert one_hot(np.array([index]), 5, np.float32).dtype == np.float32


@pytest.mark.parametrize("size", [0, 2.5, True, 2**31])
def test_a_size_that_no_row_has_is_named(size):
    words = "most 2147483647" if size == 2**31 else "least 1"
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        one_hot(np.array([0]), size)
    assert str(caught.value) == f"size must be an integer of at {words}, got {size!r}"
