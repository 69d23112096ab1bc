"""Hidden checks of A3: LSTM and GRU, forward, backward and beside others, on fresh inputs."""

import numpy as np

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.grading import Case, Limits

LIMITS = Limits(cell_seconds=3, total_seconds=20)  # a right answer takes milliseconds

BATCHES = ((4, "a batch of four"), (1, "a batch of one"))
GRU_SHAPES = "W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), b_hn (H,)"


def lstm_step(rng):
    for N, label in BATCHES:
        cell = _cell(LSTMCell, rng)
        x_t, h_prev, c_prev = _normal(rng, (N, 3), (N, 5), (N, 5))
        args = (x_t, h_prev, c_prev, *vars(cell).values())
        right = dict(zip("hc", cell.step(x_t, (h_prev, c_prev))[0], strict=True))
        yield Case(by_name, ("lstm_step", tuple("hc"), *args), right, label)


def gru_step(rng):
    for N, label in BATCHES:
        cell = _cell(GRUCell, rng)
        x_t, h_prev = _normal(rng, (N, 3), (N, 5))
        args = (x_t, h_prev, *vars(cell).values())
        yield Case("gru_step", args, cell.step(x_t, (h_prev,))[0][0], label)


def lstm_backward(rng):
    names = "dx_t", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db_h"
    for N, only_dc, label in (*((N, False, label) for N, label in BATCHES), (3, True, "dh is 0")):
        cell = _cell(LSTMCell, rng)
        x_t, h_prev, c_prev, dh, dc = _normal(rng, (N, 3), *[(N, 5)] * 4)
        if only_dc:
            dh = 0 * dh
        k = cell.step(x_t, (h_prev, c_prev))[1]
        grads, dx_t, before = cell.step_backward((dh, dc), k)
        args = (dh, dc, x_t, h_prev, c_prev, k.i, k.f, k.g, k.o, k.c, cell.W_xh, cell.W_hh)
        right = dict(zip(names, (dx_t, *before, *vars(grads).values()), strict=True))
        yield Case(by_name, ("lstm_backward", names, *args), right, label)


def gru_backward(rng):
    names = "dx_t", "dh_prev", "dW_xh", "dW_hh", "db_h", "db_hn"
    for N, label in BATCHES:
        cell = _cell(GRUCell, rng)
        x_t, h_prev, dh = _normal(rng, (N, 3), (N, 5), (N, 5))
        k = cell.step(x_t, (h_prev,))[1]
        grads, dx_t, before = cell.step_backward((dh,), k)
        args = (dh, x_t, h_prev, k.r, k.z, k.n, k.hn, cell.W_xh, cell.W_hh)
        right = dict(zip(names, (dx_t, *before, *vars(grads).values()), strict=True))
        yield Case(by_name, ("gru_backward", names, *args), right, label)


def by_name(student, call, names, *args):
    return dict(zip(names, getattr(student, call)(*args), strict=True))


def lstm_from_onnx(rng):
    names = "W_xh", "W_hh", "b_h"
    for D, H, label in ((3, 4, ""), (1, 2, "one input")):
        W, R, B = _normal(rng, (1, 4 * H, D), (1, 4 * H, H), (1, 8 * H))
        blocks = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate("iofc")}
        order = np.concatenate([np.arange(4 * H)[blocks[gate]] for gate in "ifco"])
        b = B[0, : 4 * H] + B[0, 4 * H :]
        right = dict(zip(names, (W[0, order].T, R[0, order].T, b[order]), strict=True))
        yield Case(by_name, ("lstm_from_onnx", names, W, R, B), right, label)


def gru_from_onnx(rng):
    names = "W_xh", "W_hh", "b_h", "b_hn"
    for D, H, label in ((3, 4, ""), (1, 2, "one input")):
        W, R, B = _normal(rng, (1, 3 * H, D), (1, 3 * H, H), (1, 6 * H))
        blocks = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate("zrh")}
        order = np.concatenate([np.arange(3 * H)[blocks[gate]] for gate in "rzh"])
        b, b_R = B[0, : 3 * H].copy(), B[0, 3 * H :]
        b[: 2 * H] += b_R[: 2 * H]
        arrays = W[0, order].T, R[0, order].T, b[order], b_R[blocks["h"]]
        right = dict(zip(names, arrays, strict=True))
        yield Case(by_name, ("gru_from_onnx", names, W, R, B), right, label)


def rnn_in_gru(rng):
    for T, D, H, label in ((20, 3, 4, ""), (300, 2, 3, "three hundred steps")):
        plain = RNNCell(*_normal(rng, (D, H), (H, H), (H,), scale=0.5))
        x, h0 = rng.normal(size=(T, 4, D)), rng.uniform(-1, 1, size=(4, H))

        def judge(answer, plain=plain, x=x, h0=h0):
            gru, said = _gru(answer)
            if said:
                return said
            if (gru.D, gru.H) != (plain.D, plain.H):
                return f"a GRU of {plain.D} inputs and {plain.H} units is asked for"
            off = np.abs(unroll(gru, x, (h0,))[0] - unroll(plain, x, (h0,))[0]).max(axis=(1, 2))
            if off.max() < 1e-6:
                return ""
            return (
                f"at step {np.argmax(off >= 1e-6) + 1} a state is off by {off[off >= 1e-6][0]:.1e}"
            )

        yield Case("rnn_in_gru", tuple(vars(plain).values()), judge, label)


def one_function(rng):
    noise = rng.normal(size=(30, 5, 50))

    def judge(answer):
        gru, said = _gru(answer)
        if said:
            return said
        if not (2 <= gru.D <= 50 and 3 <= gru.H <= 50):
            return f"at least 2 inputs and 3 units, at most 50; got {gru.D} and {gru.H}"
        for name in ("W_xh", "W_hh"):
            size = np.abs(getattr(gru, name))
            if size.min() < 0.05 or size.max() > 3:
                return f"{name} holds a number that is not between 0.05 and 3 in size"
        x = noise[:, :, : gru.D]
        heard = unroll(gru, x)[0]
        r_open = gru.b_h + np.repeat([40.0, 0.0, 0.0], gru.H)
        wide = GRUCell(gru.W_xh, gru.W_hh, r_open, gru.b_hn)
        if not np.abs(heard - unroll(wide, x)[0]).max() > 0.01:
            return "the reset gate does nothing: opening it wide changes no state by 0.01"
        off = np.abs(heard - _said_scaled(gru, x)).max()
        return "" if off < 1e-6 else f"the two differ by {off:.1e}"

    yield Case("one_function", (), judge)


def _said_scaled(gru, x):
    """The states of the other GRU: r scales h before the product."""
    h, states = np.zeros((x.shape[1], gru.H)), []
    W_xn, W_hn, b_n = (a[..., 2 * gru.H :] for a in (gru.W_xh, gru.W_hh, gru.b_h))
    for x_t in x:
        gates = gru.step(x_t, (h,))[1]
        n = np.tanh(x_t @ W_xn + b_n + (gates.r * h) @ W_hn + gru.b_hn)
        h = (1 - gates.z) * n + gates.z * h
        states.append(h)
    return np.stack(states)


def _gru(answer):
    """The GRU that a student's four arrays make, and what is wrong with them, "" if nothing is."""
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        return None, f"four arrays are asked for: {GRU_SHAPES}"
    arrays = [np.asarray(a) for a in answer]
    if any(a.dtype.kind not in "fiu" for a in arrays):
        return None, "the arrays must hold real numbers"
    if not all(np.isfinite(a).all() for a in arrays):
        return None, "the arrays must hold finite numbers"
    try:
        return GRUCell(*(a.astype(float) for a in arrays)), ""
    except ValueError as error:
        return None, str(error)


def _cell(kind, rng, D=3, H=5):
    shapes = [(D, kind.G * H), (H, kind.G * H), (kind.G * H,), (H,)]
    return kind(*_normal(rng, *shapes[: 4 if kind is GRUCell else 3], scale=0.7))


def _normal(rng, *shapes, scale=1.0):
    return [rng.normal(scale=scale, size=shape) for shape in shapes]
