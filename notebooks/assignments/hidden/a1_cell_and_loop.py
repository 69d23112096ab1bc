"""Hidden checks of A1: the cell and the loop, on fresh inputs."""

import numpy as np

from rnn_edu import RNNCell, unroll
from rnn_edu.grading import Case, Limits

LIMITS = Limits(cell_seconds=3, total_seconds=15)  # a right answer takes milliseconds


def echo(rng):
    for T, label in ((9, ""), (1, "a sequence of one step")):
        x, (w_x, w_h) = rng.normal(size=T), rng.uniform(0.3, 1.2, size=2) * rng.choice([-1, 1], 2)
        cell = RNNCell(np.array([[w_x]]), np.array([[w_h]]), np.zeros(1))
        right = unroll(cell, x.reshape(T, 1, 1))[0].reshape(T)
        yield Case("echo", (x, float(w_x), float(w_h)), right, label)


def rnn_step(rng):
    for N, label in ((4, "a batch of four"), (1, "a batch of one")):
        x, h0, cell = _sequence(rng, 1, N)
        args = (x[0], h0, cell.W_xh, cell.W_hh, cell.b_h)
        yield Case("rnn_step", args, unroll(cell, x, (h0,))[0][0], label)


def rnn_unroll(rng):
    for T, N, label in (
        (7, 3, "seven steps, a batch of three"),
        (7, 1, "a batch of one"),
        (1, 3, "a sequence of one step"),
    ):
        x, h0, cell = _sequence(rng, T, N)
        args = (x, h0, cell.W_xh, cell.W_hh, cell.b_h)
        yield Case("rnn_unroll", args, unroll(cell, x, (h0,))[0], label)


def rnn_unroll_unchanged(rng):
    x, h0, cell = _sequence(rng, 5, 2)
    right = unroll(cell, x, (h0,))[0]
    args = (x, h0, cell.W_xh, cell.W_hh, cell.b_h)
    yield Case(unroll_twice, args, (right, right, *args), "called twice with the same arrays")


def unroll_twice(student, *args):
    import numpy as np

    first = np.array(student.rnn_unroll(*args))
    return (first, student.rnn_unroll(*args), *args)


def switch(rng):
    trains = [_claps(rng) for _ in range(5)]

    def judge(answer):
        numbers = np.asarray(answer)
        if numbers.shape != (3,) or numbers.dtype.kind not in "if":
            return "switch returns three numbers: w_x, w_h, b"
        w_x, w_h, b = numbers
        for claps in trains:
            h, sign = 0.0, 0.0
            for t, clap in enumerate(claps):
                h, sign = np.tanh(w_x * clap + w_h * h + b), clap or sign
                if not h * sign > 0.5:
                    return f"the last clap was {sign:+.0f}, but at step {t + 1} h is {h:+.2f}"
        return ""

    yield Case("switch", (), judge)


def _sequence(rng, T, N, D=3, H=5):
    """Inputs, a state that is not zero, and a cell whose bias is not zero either."""
    shapes = (D, H), (H, H), (H,)
    cell = RNNCell(*(rng.normal(scale=0.6, size=shape) for shape in shapes))
    return rng.normal(size=(T, N, D)), rng.normal(scale=0.5, size=(N, H)), cell


def _claps(rng):
    """Claps of both signs with up to forty silent steps between them; the first step is a clap."""
    signs = [1.0, -1.0, -1.0, 1.0, 1.0, -1.0]
    start = rng.choice([-1.0, 1.0])
    return np.concatenate([[s * start, *np.zeros(rng.integers(0, 41))] for s in signs])
