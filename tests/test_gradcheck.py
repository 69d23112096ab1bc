"""The checker passes what is right, names what is wrong, and leaves no trace."""

from dataclasses import dataclass

import numpy as np
import pytest

from rnn_edu import RNNCell
from rnn_edu.gradcheck import GradientError, check_grads

from .reference import make_case


@dataclass
class Inner:
    w: np.ndarray


@dataclass
class Outer:
    inner: Inner
    b: np.ndarray


def example():
    """sum(w^3) + sum(b^2) and its gradient."""
    rng = np.random.default_rng(0)
    w, b = rng.uniform(1, 2, (2, 3)), rng.uniform(1, 2, 4)
    return Outer(Inner(w), b), Outer(Inner(3 * w**2), 2 * b)


def loss(p):
    return float((p.inner.w**3).sum() + (p.b**2).sum())


def test_a_right_gradient_passes_with_its_largest_error():
    params, grads = example()
    assert 0 < check_grads(loss, params, grads) < 1e-8


def test_the_error_returned_is_relative():
    params, grads = example()
    off = Outer(Inner(grads.inner.w * 1.01), grads.b)
    error = check_grads(loss, params, off, tol=1)
    assert error == pytest.approx(0.01 / 2.01, rel=1e-4)


@pytest.mark.parametrize("factor", [-1, 0, 2, 1.00001, np.nan])
def test_a_wrong_parameter_is_named_and_a_right_one_is_not(factor):
    params, grads = example()
    grads.inner.w[1, 2] *= factor
    with pytest.raises(GradientError) as caught:
        check_grads(loss, params, grads)
    message = str(caught.value)
    assert "inner.w: relative error" in message
    assert "\nb" not in message
    got, want = f"{grads.inner.w[1, 2]:.6g}", f"{3 * params.inner.w[1, 2] ** 2:.6g}"
    assert f"at (1, 2) the gradient says {got}, the loss says {want}" in message


def test_every_wrong_parameter_is_named():
    params, grads = example()
    with pytest.raises(GradientError, match=r"(?s)inner\.w: .*\nb: "):
        check_grads(loss, params, Outer(Inner(-grads.inner.w), -grads.b))


def test_a_dict_of_arrays_will_do():
    params = {"a": np.array([1.0, 2.0])}
    assert check_grads(lambda p: p["a"] @ p["a"], params, {"a": 2 * params["a"]}) < 1e-8
    with pytest.raises(GradientError, match="a: relative error"):
        check_grads(lambda p: p["a"] @ p["a"], params, {"a": params["a"]})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_does_not_pass(bad):
    with pytest.raises(GradientError, match="a: relative error nan"):
        check_grads(lambda p: bad, {"a": np.ones(2)}, {"a": np.ones(2)})


def test_a_parameter_without_influence_has_gradient_zero():
    params = {"a": np.ones(2)}
    assert check_grads(lambda p: 1.0, params, {"a": np.zeros(2)}) == 0


@pytest.mark.parametrize("fails", [False, True])
def test_parameters_are_put_back(fails):
    params, grads = example()
    before = params.inner.w.copy(), params.b.copy()

    def failing(p):
        raise RuntimeError("no loss today")

    if fails:
        with pytest.raises(RuntimeError):
            check_grads(failing, params, grads)
    else:
        check_grads(loss, params, grads)
    assert np.array_equal(params.inner.w, before[0])
    assert np.array_equal(params.b, before[1])


def test_float32_is_refused():
    cell = make_case(RNNCell, dtype=np.float32).cell
    with pytest.raises(TypeError, match=r"W_xh must be float64 .* got float32"):
        check_grads(lambda p: 0.0, cell, cell)


def test_other_names_and_shapes_are_refused():
    params, grads = example()
    with pytest.raises(ValueError, match=r"grads must hold inner\.w, got b"):
        check_grads(loss, params, {"b": grads.b})
    with pytest.raises(ValueError, match=r"gradient of inner\.w must be \(2, 3\), got \(3, 2\)"):
        check_grads(loss, params, Outer(Inner(grads.inner.w.T), grads.b))
