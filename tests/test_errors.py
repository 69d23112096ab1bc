"""Bad input gets an error that names the argument, what was expected and what came.

Each row: a call, and the whole message that answers it. All have the form "name must ..., got ...".
"""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from rnn_edu import GRUCell, LSTMCell, Trace, record, unroll, unroll_backward, windows
from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy, mean_squared_error
from rnn_edu.ops import one_hot
from rnn_edu.optim import SGD, Adam, clip_by_global_norm
from rnn_edu.topologies import Network
from rnn_edu.train import Minibatches

from .reference import CELLS, D, H, K, N, T, make_case


def check(call, error, message):
    assert re.match(r"\S.* must .*, got ", message)
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert str(caught.value) == message


def with_one(a, value):
    a = a.copy()
    a[(1,) * a.ndim] = value
    return a


# --- what every cell is given; {state} and {gates} in a message depend on the cell -----------

X, DH = "(T, N, D=4)", "(T=5, N=3, H=6)"
WRONG_VALUES = [
    (lambda c: unroll(c.cell, c.x[0]), f"x must be {X}, got (3, 4)"),
    (lambda c: unroll(c.cell, c.x[None]), f"x must be {X}, got (1, 5, 3, 4)"),
    (lambda c: unroll(c.cell, c.x[..., :2]), f"x must be {X}, got (5, 3, 2)"),
    (lambda c: unroll(c.cell, c.x[:0]), f"x must be {X}, got (0, 3, 4)"),
    (lambda c: unroll(c.cell, c.x[:, :0]), f"x must be {X}, got (5, 0, 4)"),
    (lambda c: unroll(c.cell, with_one(c.x, np.nan)), "x must be finite, got nan at (1, 1, 1)"),
    (lambda c: unroll(c.cell, with_one(c.x, -np.inf)), "x must be finite, got -inf at (1, 1, 1)"),
    (lambda c: unroll(c.cell, c.x, ()), "state must be {state}, got 0 arrays"),
    (lambda c: unroll(c.cell, c.x, 5 * c.state[:1]), "state must be {state}, got 5 arrays"),
    (lambda c: unroll(c.cell, c.x[:, 1:], c.state), "state.h must be (N=2, H=6), got (3, 6)"),
    (
        lambda c: unroll(c.cell, c.x, c.each(lambda s: s.T)),
        "state.h must be (N=3, H=6), got (6, 3)",
    ),
    (lambda c: unroll(c.cell, c.x, c.each(lambda s: s[0])), "state.h must be (N=3, H=6), got (6,)"),
    (
        lambda c: unroll(c.cell, c.x, c.each(lambda s: with_one(s, np.nan))),
        "state.h must be finite, got nan at (1, 1)",
    ),
    (lambda c: c.cell.step(c.x, c.state), "x_t must be (N, D=4), got (5, 3, 4)"),
    (lambda c: c.cell.step(c.x[0, :, 1:], c.state), "x_t must be (N, D=4), got (3, 3)"),
    (lambda c: c.cell.step(c.x[0, :2], c.state), "state.h must be (N=2, H=6), got (3, 6)"),
    (lambda c: c.cell.step_backward((), c.cache), "dstate must be {state}, got 0 arrays"),
    (
        lambda c: c.cell.step_backward(c.each(lambda d: d[:2]), c.cache),
        "dstate.h must be (N=3, H=6), got (2, 6)",
    ),
    (lambda c: unroll_backward(c.cell, c.dh[1:], c.caches), f"dh must be {DH}, got (4, 3, 6)"),
    (lambda c: unroll_backward(c.cell, c.dh[-1], c.caches), f"dh must be {DH}, got (3, 6)"),
    (
        lambda c: unroll_backward(c.smaller, c.dh, c.caches),
        "dh must be (T=5, N=3, H=2), got (5, 3, 6)",
    ),
    (lambda c: c.cell.zero_state(0), "N must be an integer of at least 1, got 0"),
    (lambda c: c.cell.zero_state(1.5), "N must be an integer of at least 1, got 1.5"),
    (lambda c: c.kind.init(0, H, c.rng), "D must be an integer of at least 1, got 0"),
    (lambda c: c.kind.init(D, 2.5, c.rng), "H must be an integer of at least 1, got 2.5"),
    (
        lambda c: c.made(W_xh=np.zeros((D, 7))),
        "W_xh must be (4, {gates}) for D=4, H=6, got (4, 7)",
    ),
    (
        lambda c: c.made(W_hh=c.cell.W_hh.T[:, :1]),
        "W_hh must be ({gates}, {gates_squared}) for D=4, H={gates}, got ({gates}, 1)",
    ),
    (lambda c: c.made(b_h=np.zeros((1, 9))), "b_h must be (columns,), got (1, 9)"),
    (lambda c: c.made(b_h=np.zeros(5)), "b_h must be ({gates},) for D=4, H=6, got (5,)"),
]
WRONG_TYPES = [
    (lambda c: unroll(c.cell, c.x.astype(int)), f"x must hold floats {X}, got dtype int64"),
    (lambda c: unroll(c.cell, c.x.astype(object)), f"x must hold floats {X}, got dtype object"),
    (lambda c: unroll(c.cell, c.x * 1j), f"x must hold floats {X}, got dtype complex128"),
    (lambda c: unroll(c.cell, c.x.tolist()), f"x must be a NumPy array {X}, got list"),
    (lambda c: unroll(c.cell, None), f"x must be a NumPy array {X}, got NoneType"),
    (lambda c: unroll(c.kind, c.x), "cell must be a cell, got type"),
    (lambda c: unroll("GRU", c.x), "cell must be a cell, got str"),
    (lambda c: unroll_backward(c.kind, c.dh, c.caches), "cell must be a cell, got type"),
    (lambda c: unroll(c.cell, c.x, c.x[0]), "state must be a tuple {state}, got ndarray"),
    (lambda c: unroll(c.cell, c.x, list(c.state)), "state must be a tuple {state}, got list"),
    (
        lambda c: unroll(c.cell, c.x, c.each(lambda s: s.astype(int))),
        "state.h must hold floats (N=3, H=6), got dtype int64",
    ),
    (
        lambda c: c.cell.step(c.x[0].astype(int), c.state),
        "x_t must hold floats (N, D=4), got dtype int64",
    ),
    (lambda c: c.cell.step(c.x[0], None), "state must be a tuple {state}, got NoneType"),
    (
        lambda c: unroll_backward(c.cell, c.dh.tolist(), c.caches),
        f"dh must be a NumPy array {DH}, got list",
    ),
    (lambda c: unroll_backward(c.cell, c.dh, None), "caches must be {cache}, got NoneType"),
    (lambda c: c.cell.step_backward(c.dstate, None), "cache must be {cache}, got NoneType"),
    (lambda c: c.kind.init(D, H, 0), "rng must be a numpy.random.Generator, got int"),
    (lambda c: c.kind.init(D, H, c.rng, int), "dtype must be float32 or float64, got int64"),
    (lambda c: c.kind.init(D, H, c.rng, "f2"), "dtype must be float32 or float64, got float16"),
    (lambda c: c.made(W_xh=[[1.0]]), "W_xh must be a NumPy array (rows, columns), got list"),
    (
        lambda c: c.made(W_hh=c.cell.W_hh.astype(int)),
        "W_hh must hold floats (rows, columns), got dtype int64",
    ),
    (
        lambda c: c.made(b_h=c.cell.b_h.astype(np.float32)),
        "b_h must be float64 like W_xh, got float32",
    ),
]


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (e, *row)
        for e, rows in ((ValueError, WRONG_VALUES), (TypeError, WRONG_TYPES))
        for row in rows
    ],
)
def test_bad_input_to_a_cell(kind, error, call, message):
    run = make_case(kind)
    given = SimpleNamespace(
        **run._asdict(),
        kind=kind,
        rng=np.random.default_rng(0),
        smaller=make_case(kind, H=2).cell,
        cache=run.cell.step(run.x[0], run.state)[1],
        caches=unroll(run.cell, run.x)[2],
        each=lambda f: tuple(f(s) for s in run.state),
        made=lambda **changed: kind(**vars(run.cell) | changed),
    )
    gates = len(run.cell.b_h)
    names = {
        "{state}": "(h, c)" if kind is LSTMCell else "(h,)",
        "{gates}": str(gates),
        "{gates_squared}": str(gates * gates // H),
        "{cache}": f"{kind.__name__.removesuffix('Cell')}Cache",
    }
    for key, value in names.items():
        message = message.replace(key, value)
    check(lambda: call(given), error, message)


# --- the rest --------------------------------------------------------------------------------

case = make_case(LSTMCell)
cell, x = case.cell, case.x
net = Network.init(cell, K, np.random.default_rng(0))
rng = np.random.default_rng(0)
logits, classes = np.zeros((T, N, K)), np.zeros((T, N), int)
some, lengths = np.zeros(N, int), np.array([1, 5, 2])

WRONG_VALUES = [
    (
        lambda: GRUCell(*map(np.zeros, ((4, 18), (6, 18), 18, 18))),
        "b_hn must be (6,) for D=4, H=6, got (18,)",
    ),
    (lambda: next(windows(x, 0)), "length must be an integer of at least 1, got 0"),
    (lambda: next(windows(x, 0.5)), "length must be an integer of at least 1, got 0.5"),
    (lambda: cross_entropy(logits[0, 0], classes[0, 0]), "logits must be (N, K), got (7,)"),
    (lambda: cross_entropy(logits, classes.T), "targets must be (5, 3), got (3, 5)"),
    (lambda: cross_entropy(logits, classes + K), "targets must lie in 0..6, got 7..7"),
    (lambda: cross_entropy(logits, classes - 1), "targets must lie in 0..6, got -1..-1"),
    (
        lambda: cross_entropy(logits, classes, np.ones(T, bool)),
        "mask must be (5, 3), got (5,)",
    ),
    (
        lambda: cross_entropy(logits, classes, np.zeros((T, N), bool)),
        "mask must keep at least one position, got none",
    ),
    (lambda: mean_squared_error(x, x[0]), "target must be (5, 3, 4), got (3, 4)"),
    (lambda: mean_squared_error(x, x[:1]), "target must be (5, 3, 4), got (1, 3, 4)"),
    (
        lambda: mean_squared_error(x, with_one(x, np.nan)),
        "target must be finite, got nan at (1, 1, 1)",
    ),
    (lambda: one_hot(np.array([3]), 3), "index must lie in 0..2, got 3..3"),
    (lambda: SGD(0), "lr must be finite and above 0, got 0"),
    (lambda: SGD(np.inf), "lr must be finite and above 0, got inf"),
    (lambda: Adam(float("nan")), "lr must be finite and above 0, got nan"),
    (lambda: SGD(0.1, 1.0), "momentum must lie in [0, 1), got 1.0"),
    (lambda: Adam(beta1=1), "beta1 must lie in [0, 1), got 1"),
    (lambda: Adam(beta2=-0.1), "beta2 must lie in [0, 1), got -0.1"),
    (lambda: Adam(eps=-1), "eps must be at least 0, got -1"),
    (
        lambda: SGD(0.1).update(cell, make_case(LSTMCell, H=1).cell, cell),
        "params and grads must be of one shape, got (4, 24), (4, 4)",
    ),
    (lambda: clip_by_global_norm(cell, 0), "max_norm must be above 0, got 0"),
    (lambda: Network.init(cell, 0, rng), "K must be an integer of at least 1, got 0"),
    (lambda: Network.init(cell, 1.5, rng), "K must be an integer of at least 1, got 1.5"),
    (lambda: Network(cell, net.W_hy.T, net.b_y), "W_hy must be (H=6, K), got (7, 6)"),
    (lambda: Network(cell, net.W_hy, net.b_y[1:]), "b_y must be (K=7,), got (6,)"),
    (lambda: net.forward(x, read="all"), 'read must be "last" or "every", got \'all\''),
    (lambda: net.forward(x, lengths - 1), "lengths must lie in 1..5, got 0..4"),
    (lambda: net.forward(x, lengths + 1), "lengths must lie in 1..5, got 2..6"),
    (lambda: net.forward(x, lengths[1:]), "lengths must be (3,), got (2,)"),
    (
        lambda: net.backward(logits, net.forward(x)[1]),
        "dlogits must be (3, K=7), got (5, 3, 7)",
    ),
    (
        lambda: Minibatches(x, some, lengths, 1, 1.5),
        "epochs must be an integer of at least 1, got 1.5",
    ),
    (lambda: Minibatches(x, some, lengths - 1, 1, 1), "lengths must lie in 1..5, got 0..4"),
    (lambda: Minibatches(x, some[1:], lengths, 1, 1), "targets must be (3,), got (2,)"),
    (lambda: record(cell, x[0]), f"x must be {X}, got (3, 4)"),
    (lambda: record(cell, x, tokens="ab"), "tokens must be 5, one per step, got 2"),
    (lambda: record(net, x, labels="ab"), "labels must be 7, one per class, got 2"),
    (lambda: Trace({"c": x}, tuple("abcde")), "arrays must hold \"h\", got ['c']"),
    (
        lambda: Trace({"h": x, "c": x[1:]}, tuple("abcde")),
        "c must be (T=5, N=3, H), got (4, 3, 4)",
    ),
    (lambda: check_grads(lambda p: 0.0, {}, {}), "params must hold an array, got none"),
]
WRONG_TYPES = [
    (lambda: cross_entropy([0.5], classes), "logits must be a NumPy array (N, K), got list"),
    (lambda: cross_entropy(logits, logits), "targets must hold integers, got dtype float64"),
    (
        lambda: cross_entropy(logits, classes, np.ones((T, N))),
        "mask must be a boolean array (5, 3), got float64",
    ),
    (
        lambda: mean_squared_error(x, x.astype(int)),
        "target must hold floats (5, 3, 4), got dtype int64",
    ),
    (lambda: one_hot(np.array([0.5]), 3), "index must hold integers, got dtype float64"),
    (lambda: SGD("fast"), "lr must be a number, got str"),
    (
        lambda: SGD(0.1).update(cell, make_case(GRUCell).cell, cell),
        "params and grads must be of one type, got LSTMCell, GRUCell",
    ),
    (lambda: SGD(0.1).init({"a": x}), "params must be arrays in dataclasses or tuples, got dict"),
    (
        lambda: clip_by_global_norm({"a": x}, 1),
        "params must be arrays in dataclasses or tuples, got dict",
    ),
    (lambda: Network(x, net.W_hy, net.b_y), "cell must be a cell, got ndarray"),
    (lambda: Network.init(None, K, rng), "cell must be a cell, got NoneType"),
    (lambda: Network.init(cell, K, 0), "rng must be a numpy.random.Generator, got int"),
    (
        lambda: Network(cell, net.W_hy.astype(np.float32), net.b_y),
        "W_hy must be float64 like the cell, got float32",
    ),
    (
        lambda: net.forward(x, lengths / 1),
        "lengths must hold integers, got dtype float64",
    ),
    (
        lambda: record(5, x),
        "model must be a cell or have one as .cell, got int"
        " (rnn_edu.fast.from_torch turns a torch module into a cell)",
    ),
]


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (e, *row)
        for e, rows in ((ValueError, WRONG_VALUES), (TypeError, WRONG_TYPES))
        for row in rows
    ],
)
def test_bad_input_elsewhere(error, call, message):
    check(call, error, message)


@pytest.mark.parametrize("kind", CELLS)
def test_what_is_not_bad_is_let_through(kind):
    """Other floats, other memory orders, read-only arrays, NumPy's integers."""
    run = make_case(kind)
    h = unroll(run.cell, np.asfortranarray(run.x.astype(np.float32)))[0]
    assert h.dtype == np.float64
    run.x.setflags(write=False)
    unroll(run.cell, run.x)
    kind.init(np.int64(D), np.int32(H), rng)
