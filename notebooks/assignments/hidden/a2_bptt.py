"""Hidden checks of A2: backpropagation through time, and its judges, on fresh inputs."""

import numpy as np

from rnn_edu import RNNCell, unroll, unroll_backward
from rnn_edu.grading import Case, Limits

LIMITS = Limits(cell_seconds=3, total_seconds=20)  # a right answer takes milliseconds

SIZES = (
    (7, 3, "seven steps, a batch of three"),
    (7, 1, "a batch of one"),
    (1, 3, "a sequence of one step"),
)
SHAPES = "dh (T, N, H), x (T, N, D), h0 (N, H), W_xh (D, H), W_hh (H, H), b_h (H,)"


def numeric_gradient(rng):
    for shape, label in (
        ((2, 3), "a matrix"),
        ((4,), "a vector"),
        ((2, 1, 3), "an array of three axes"),
    ):
        w, eps = rng.uniform(0.2, 0.8, size=shape), float(rng.uniform(0.2, 0.4))
        # the central difference of exp and of a cube, as numbers
        right = np.exp(w) * np.sinh(eps) / eps + w.sum() ** 2 / 2 + eps**2 / 6
        yield Case(nudged, (w, eps), (right, w), label)


def nudged(student, w, eps):
    import numpy as np

    return student.numeric_gradient(lambda v: np.exp(v).sum() + v.sum() ** 3 / 6, w, eps), w


def bptt_weights(rng):
    yield from _parts_of_bptt(rng, "dW_xh", "dW_hh", "db_h")


def bptt_inputs(rng):
    yield from _parts_of_bptt(rng, "dx", "dh0")


def _parts_of_bptt(rng, *names):
    for T, N, label in SIZES:
        args, right = _backwards(rng, T, N)
        yield Case(by_name, (names, *args), {name: right[name] for name in names}, label)


def by_name(student, names, *args):
    five = "dx", "dh0", "dW_xh", "dW_hh", "db_h"
    answer = dict(zip(five, student.bptt(*args), strict=True))
    return {name: answer[name] for name in names}


def bptt_unchanged(rng):
    args, right = _backwards(rng, 5, 2)
    five = tuple(right.values())
    yield Case(bptt_twice, args, (five, five, *args), "called twice with the same arrays")


def bptt_twice(student, *args):
    import numpy as np

    first = tuple(np.array(a) for a in student.bptt(*args))
    return (first, student.bptt(*args), *args)


def blame(rng):
    for scale in (1.0, 1e-9, 1e9):
        nudged = {
            name: scale * rng.normal(size=shape)
            for name, shape in (("dW_xh", (2, 3)), ("dW_hh", (3, 3)), ("db_h", (3,)))
        }
        for guilty in ([], ["dW_hh"], ["dW_xh", "db_h"]):
            derived = {
                name: n * (1 + 1e-8 * rng.normal(size=n.shape)) for name, n in nudged.items()
            }
            for name in guilty:
                derived[name].flat[1] += scale * 1e-2
            yield Case("blame", (derived, nudged, 1e-6), guilty, f"gradients of about {scale:g}")
    n, not_a_number = rng.normal(size=(3, 1)), rng.normal(size=(2, 2))
    not_a_number[0, 1] = np.nan
    for derived, nudged, tol, guilty, label in (
        (not_a_number, np.ones((2, 2)), 1e-6, ["d"], "nan"),
        (np.ones(3), np.ones((3, 1)), 1e-6, ["d"], "another shape"),
        (np.zeros((2, 3)), np.zeros((2, 3)), 1e-6, [], "two zeros"),
        (1.001 * n, n, 1e-2, [], "a tolerance of 0.01"),
        (np.array([1.0, 2e-12]), np.array([1.0, 1e-12]), 1e-6, [], "an entry of no weight"),
    ):
        yield Case("blame", ({"d": derived}, {"d": nudged}, tol), guilty, label)


def slope_along(rng):
    for T, N, label in SIZES:
        (dh, _, h0, h, _, W_hh), right = _backwards(rng, T, N)
        V = rng.normal(size=W_hh.shape)
        yield Case("slope_along", (V, dh, h0, h, W_hh), (right["dW_hh"] * V).sum(), label)


def hides_transposed(rng):
    def transposed(cell, dh, caches):
        return _gradients(RNNCell(cell.W_xh, cell.W_hh.T.copy(), cell.b_h), dh, caches)

    yield Case("hides_transposed", (), lambda answer: _shows(transposed, answer))


def hides_shifted(rng):
    def shifted(cell, dh, caches):
        return _gradients(cell, dh, caches._replace(h_prev=caches.h))

    yield Case("hides_shifted", (), lambda answer: _shows(shifted, answer))


def _shows(mistake, answer):
    """Why a case does not hide the mistake by the rules of task 5, "" if it does."""
    names = "dh", "x", "h0", "W_xh", "W_hh", "b_h"
    if not isinstance(answer, tuple | list) or len(answer) != 6:
        return f"six arrays are asked for: {SHAPES}"
    arrays = [np.asarray(a) for a in answer]
    if any(a.dtype.kind not in "fiu" for a in arrays):
        return "the arrays must hold real numbers"
    dh, x, h0, W_xh, W_hh, b_h = arrays = [a.astype(float) for a in arrays]
    if dh.ndim != 3 or x.ndim != 3:
        return f"the arrays must have the shapes {SHAPES}"
    (T, N, H), D = dh.shape, x.shape[2]
    shapes = (T, N, H), (T, N, D), (N, H), (D, H), (H, H), (H,)
    for name, a, shape in zip(names, arrays, shapes, strict=True):
        if a.shape != shape:
            return f"{name} must be {shape} beside your dh, got {a.shape}"
        if not ((np.abs(a) >= 0.05) & (np.abs(a) <= 3)).all():
            return f"{name} holds a number that is not between 0.05 and 3 in size"
    if T < 4 or N < 2 or D < 2 or H < 3:
        return f"at least 4 steps, 2 sequences, 2 inputs and 3 units; got {T}, {N}, {D}, {H}"
    if T * N * max(D, H) * H > 1e6:
        return "a case as large as this is not needed, and would not be computed"
    cell = RNNCell(W_xh, W_hh, b_h)
    caches = unroll(cell, x, (h0,))[2]
    right = _gradients(cell, dh, caches)
    cut = _gradients(RNNCell(W_xh, 0 * W_hh, b_h), dh, caches)
    if not (back := _off(cut["dW_hh"], right["dW_hh"])) > 0.01:
        return f"leaving dh_next out changes dW_hh by {back:.1e} only"
    wrong = mistake(cell, dh, caches)
    worst = max(_off(wrong[name], right[name]) for name in right)
    return "" if worst < 1e-6 else f"the mistake shows: a relative error of {worst:.1e}"


def _gradients(cell, dh, caches):
    """What bptt returns, by name, as the cell goes back through the caches."""
    grads, dx, (dh0,) = unroll_backward(cell, dh, caches)
    return {"dx": dx, "dh0": dh0, "dW_xh": grads.W_xh, "dW_hh": grads.W_hh, "db_h": grads.b_h}


def _off(a, n):
    return np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))


def _backwards(rng, T, N, D=2, H=4):
    """The arguments of bptt, and what it must give, by name."""
    cell = RNNCell(*(rng.normal(scale=0.6, size=shape) for shape in ((D, H), (H, H), (H,))))
    x, h0, dh = rng.normal(size=(T, N, D)), rng.normal(size=(N, H)), rng.normal(size=(T, N, H))
    h, _, caches = unroll(cell, x, (h0,))
    return (dh, x, h0, h, cell.W_xh, cell.W_hh), _gradients(cell, dh, caches)
