"""One cell, fed and read in five ways: gradients, torch's answer, and what padding must not do."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rnn_edu import GRUCell, RNNCell, unroll
from rnn_edu.gradcheck import check_grads
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import leaves
from rnn_edu.topologies import (
    EncoderDecoder,
    Network,
    read_to_end,
    read_to_end_backward,
    teacher_forced,
)

from .reference import CELLS, D, H, K, N, T, assert_same, make_case

kinds = pytest.mark.parametrize("kind", CELLS)
reads = pytest.mark.parametrize("read", ["last", "every"])
LENGTHS = np.array([2, 5, 1])
S, V = 8, 2  # outputs of a decoder, and how many there are to choose from


def example(kind, D=D, H=H, dtype=np.float64):
    """A network, its input, targets for "last" and for "every"."""
    rng = np.random.default_rng(1)
    cell, x, *_ = make_case(kind, D=D, H=H, dtype=dtype)
    net = Network(cell, *(rng.normal(size=s).astype(dtype) for s in ((H, K), (K,))))
    return net, x, {"last": rng.integers(0, K, N), "every": rng.integers(0, K, (T, N))}


def gradients(net, x, targets, lengths=None, read="last", mask=None):
    logits, cache = net.forward(x, lengths, read)
    loss, dlogits = cross_entropy(logits, targets[read], mask)
    return loss, net.backward(dlogits, cache)


@pytest.mark.parametrize(
    ("read", "lengths", "masked"),
    [("last", None, False), ("last", LENGTHS, True), ("every", None, False), ("every", None, True)],
)
@kinds
def test_gradients_against_finite_differences(kind, read, lengths, masked):
    net, x, targets = example(kind, D=2, H=4)
    mask = np.random.default_rng(2).random(targets[read].shape) < 0.6 if masked else None
    run = (x, targets, lengths, read, mask)
    _, grads = gradients(net, *run)
    assert 0 < check_grads(lambda p: gradients(p, *run)[0], net, grads) < 1e-7


@reads
@kinds
def test_values_and_gradients_equal_torch(kind, read):
    net, x, targets = example(kind)
    cell = net.cell
    module = getattr(torch.nn, kind.__name__.removesuffix("Cell"))(D, H, dtype=torch.float64)
    b_hh = np.concatenate([np.zeros(2 * H), cell.b_hn]) if hasattr(cell, "b_hn") else 0 * cell.b_h
    readout = torch.nn.Linear(H, K, dtype=torch.float64)
    values = cell.W_xh.T, cell.W_hh.T, cell.b_h, b_hh, net.W_hy.T, net.b_y
    parameters = [*module.parameters(), *readout.parameters()]
    for parameter, value in zip(parameters, values, strict=True):
        parameter.data = torch.from_numpy(value.copy())
    h, _ = module(torch.from_numpy(x))
    if read == "last":
        h = h[torch.from_numpy(LENGTHS - 1), torch.arange(N)]
    logits = readout(h)
    target = torch.from_numpy(targets[read])
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, K), target.reshape(-1))
    loss.backward()

    lengths = LENGTHS if read == "last" else None
    assert_same(net.forward(x, lengths, read)[0], logits.detach().numpy(), 1e-10)
    value, grads = gradients(net, x, targets, lengths, read)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    ours = grads.cell.W_xh.T, grads.cell.W_hh.T, grads.cell.b_h, grads.W_hy.T, grads.b_y
    theirs = [p.grad.numpy() for p in (*parameters[:3], *parameters[4:])]
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b, 1e-10)


@kinds
def test_the_result_is_independent_of_the_padding(kind):
    net, x, targets = example(kind)
    loss, grads = gradients(net, x, targets, LENGTHS)
    other = np.concatenate([x, x[:2]])  # longer
    for i, n in enumerate(LENGTHS):
        other[n:, i] = 9.0  # and filled with something else
    other_loss, other_grads = gradients(net, other, targets, LENGTHS)
    assert other_loss == pytest.approx(loss, rel=1e-13)
    assert_same(other_grads, grads, 1e-13)


@kinds
def test_each_sequence_alone_without_padding_gives_the_same(kind):
    net, x, _ = example(kind)
    together = net.forward(x, LENGTHS)[0]
    for i, n in enumerate(LENGTHS):
        assert_same(together[i : i + 1], net.forward(x[:n, i : i + 1])[0], 1e-13)


@kinds
def test_the_last_token_of_each_sequence_counts(kind):
    """Reading column T instead of the last token, or dropping it, is the usual mistake."""
    net, x, _ = example(kind)
    before = net.forward(x, LENGTHS)[0]
    for i, n in enumerate(LENGTHS):
        moved = x.copy()
        moved[n - 1, i] += 1
        changed = (net.forward(moved, LENGTHS)[0] != before).any(axis=1)
        assert changed.tolist() == [j == i for j in range(N)]


@kinds
def test_the_last_is_one_of_every(kind):
    net, x, _ = example(kind)
    every, _ = net.forward(x, read="every")
    assert_same(net.forward(x)[0], every[-1], 1e-14)
    assert_same(net.forward(x, LENGTHS)[0], every[LENGTHS - 1, np.arange(N)], 1e-14)


@kinds
def test_a_mask_on_every_is_a_read_of_the_last(kind):
    """Two topologies, one gradient: count one step per sequence, or read only that one."""
    net, x, targets = example(kind)
    mask = np.zeros((T, N), bool)
    mask[LENGTHS - 1, np.arange(N)] = True
    loss, grads = gradients(net, x, targets, read="every", mask=mask)
    targets["last"] = targets["every"][LENGTHS - 1, np.arange(N)]
    other_loss, other_grads = gradients(net, x, targets, LENGTHS)
    assert loss == pytest.approx(other_loss, rel=1e-14)
    assert_same(grads, other_grads, 1e-13)


@reads
@kinds
def test_float32_stays_float32(kind, read):
    """Also where the gradient comes in as float64."""
    net, x, _ = example(kind, dtype=np.float32)
    logits, cache = net.forward(x.astype(np.float64), read=read)
    assert logits.dtype == np.float32
    grads = net.backward(np.ones(logits.shape), cache)
    assert {a.dtype for _, a in leaves(grads)} == {np.dtype(np.float32)}


@kinds
def test_init_is_uniform_like_the_cell(kind):
    cell = kind.init(D, 100, np.random.default_rng(0), np.float32)
    net = Network.init(cell, 50, np.random.default_rng(1))
    assert (net.W_hy.shape, net.b_y.shape) == ((100, 50), (50,))
    assert net.W_hy.dtype == net.b_y.dtype == np.float32
    assert np.abs(net.W_hy).max() <= np.float32(0.1)
    assert net.W_hy.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05)
    assert net.cell is cell


# --- fed at the first step, or from another state --------------------------------------------


@kinds
@reads
@pytest.mark.parametrize("form", ["(N, D)", "(1, N, D)"])
def test_fed_at_the_first_step_is_fed_zeros_at_the_others(kind, read, form):
    net, x, targets = example(kind)
    first = x[0] if form == "(N, D)" else x[:1]
    zeros = np.concatenate([x[:1], np.zeros_like(x[1:])])
    logits, cache = net.forward(first, read=read, T=T)
    want, want_cache = net.forward(zeros, read=read)
    assert_same(logits, want, 1e-15)
    dlogits = cross_entropy(logits, targets[read])[1]
    grads, dx, dstate0 = net.backward_to_inputs(dlogits, cache)
    want_grads, want_dx, want_dstate0 = net.backward_to_inputs(dlogits, want_cache)
    assert_same(grads, want_grads, 1e-15)
    assert_same(dx, want_dx[0] if form == "(N, D)" else want_dx[:1], 1e-15)
    assert_same(dstate0, want_dstate0, 1e-15)


@kinds
@reads
@pytest.mark.parametrize("first_only", [True, False])
def test_gradients_of_all_that_is_fed(kind, read, first_only):
    """Parameters, x and the first state, against finite differences."""
    net, x, targets = example(kind, D=2, H=4)
    x = x[0] if first_only else x
    state = make_case(kind, D=2, H=4).state
    fed = {"net": net, "x": x, "state": state}

    def run(p):
        return p["net"].forward(p["x"], None, read, T=T if first_only else None, state=p["state"])

    def loss(p):
        return cross_entropy(run(p)[0], targets[read])[0]

    logits, cache = run(fed)
    results = net.backward_to_inputs(cross_entropy(logits, targets[read])[1], cache)
    assert 0 < check_grads(loss, fed, dict(zip(fed, results, strict=True))) < 1e-7


@kinds
def test_one_step_from_nothing_gives_the_loop_no_gradient(kind):
    """One-to-one: with T = 1 and h = 0 there is nothing that W_hh could carry."""
    net, x, targets = example(kind)
    logits, cache = net.forward(x[0], T=1)
    grads = net.backward(cross_entropy(logits, targets["last"])[1], cache)
    assert not grads.cell.W_hh.any()
    assert grads.cell.W_xh.any()
    other = Network(kind(**vars(net.cell) | {"W_hh": -net.cell.W_hh}), net.W_hy, net.b_y)
    assert np.array_equal(other(x[0], T=1), logits)


@kinds
def test_a_call_gives_the_logits_of_forward(kind):
    net, x, _ = example(kind)
    state = make_case(kind).state
    given = {"lengths": LENGTHS, "state": state}
    assert np.array_equal(net(x, **given), net.forward(x, **given)[0])
    assert np.array_equal(net(x, read="every"), net.forward(x, read="every")[0])
    assert np.array_equal(net(x[0], T=2), net.forward(x[0], T=2)[0])


# --- encoder and decoder ---------------------------------------------------------------------


def translator(kind, dtype=np.float64, D=D, H=H):
    """An encoder-decoder, its input, targets, and what the decoder is fed."""
    net, x, _ = example(kind, D=V, H=H, dtype=dtype)
    rng = np.random.default_rng(3)
    decoder = Network(net.cell, *(rng.normal(size=s).astype(dtype) for s in ((H, V), (V,))))
    targets = rng.integers(0, V, (S, N))
    encoder, x, *_ = make_case(kind, D=D, H=H, dtype=dtype, seed=4)
    y = teacher_forced(targets, V, dtype)
    return SimpleNamespace(model=EncoderDecoder(encoder, decoder), x=x, y=y, targets=targets)


def translated(case, model=None, lengths=None, x=None):
    """Loss and gradients."""
    model = case.model if model is None else model
    logits, cache = model.forward(case.x if x is None else x, case.y, lengths)
    loss, dlogits = cross_entropy(logits, case.targets)
    return loss, model.backward(dlogits, cache)


lengths_or_not = pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])


@kinds
@lengths_or_not
def test_encoder_decoder_gradients_against_finite_differences(kind, lengths):
    case = translator(kind, D=2, H=3)
    _, grads = translated(case, lengths=lengths)
    error = check_grads(lambda p: translated(case, p, lengths)[0], case.model, grads)
    assert 0 < error < 1e-7


@kinds
def test_the_decoder_starts_where_the_encoder_stops(kind):
    """One unroll after the other, and nothing else between them."""
    case = translator(kind)
    _, state, _ = unroll(case.model.encoder, case.x)
    assert_same(case.model.encode(case.x), state, 1e-15)
    want = case.model.decoder(case.y, read="every", state=state)
    assert_same(case.model(case.x, case.y), want, 1e-14)


@kinds
def test_each_source_alone_without_padding_gives_the_same(kind):
    case = translator(kind)
    together = case.model(case.x, case.y, LENGTHS)
    for i, n in enumerate(LENGTHS):
        alone = case.model(case.x[:n, i : i + 1], case.y[:, i : i + 1])
        assert_same(together[:, i : i + 1], alone, 1e-13)


@kinds
def test_an_encoder_hands_over_the_state_at_each_end(kind):
    case = translator(kind)
    for state, part in zip(case.model.encode(case.x, LENGTHS), kind.state_names, strict=True):
        for i, n in enumerate(LENGTHS):
            alone = dict(
                zip(kind.state_names, case.model.encode(case.x[:n, i : i + 1]), strict=True)
            )
            assert_same(state[i : i + 1], alone[part], 1e-13)


@kinds
def test_an_encoder_is_independent_of_the_padding(kind):
    case = translator(kind)
    loss, grads = translated(case, lengths=LENGTHS)
    other = np.concatenate([case.x, case.x[:2]])
    for i, n in enumerate(LENGTHS):
        other[n:, i] = 9.0
    other_loss, other_grads = translated(case, lengths=LENGTHS, x=other)
    assert other_loss == pytest.approx(loss, rel=1e-13)
    assert_same(other_grads, grads, 1e-13)


@kinds
def test_every_input_reaches_every_output(kind):
    """Through one state: a decoder that never heard its encoder would pass a test of shapes."""
    case = translator(kind)
    before = case.model(case.x, case.y)
    for t in range(T):
        moved = case.x.copy()
        moved[t] += 1
        assert (case.model(moved, case.y) != before).any(axis=2).all()


def test_teacher_forcing_is_one_step_late():
    targets = np.array([[2, 0], [1, 1], [0, 2]])
    y = teacher_forced(targets, 3, np.float32)
    assert y.dtype == np.float32
    assert not y[0].any()
    assert np.array_equal(y[1:].argmax(axis=2), targets[:-1])
    assert np.array_equal(y[1:].sum(axis=2), np.ones((2, 2)))


# --- bad input -------------------------------------------------------------------------------

NET = Network.init(RNNCell.init(D, H, np.random.default_rng(0)), K, np.random.default_rng(0))
X = np.zeros((T, N, D))
BOTH = translator(RNNCell)
_, ENDS, STRETCHES = read_to_end(NET.cell, X, LENGTHS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: NET(X, T=T), ValueError, "x must be (1, N, D=4), got (5, 3, 4)"),
        (lambda: NET(X[0, 0], T=T), ValueError, "x must be (N, D=4), got (4,)"),
        (lambda: NET(X[0, :, 1:], T=T), ValueError, "x must be (N, D=4), got (3, 3)"),
        (lambda: NET(X[0]), ValueError, "x must be (T, N, D=4), got (3, 4)"),
        (lambda: NET(X[0], T=0), ValueError, "T must be an integer of at least 1, got 0"),
        (lambda: NET(X[0], T=2.5), ValueError, "T must be an integer of at least 1, got 2.5"),
        (lambda: NET(X[0].tolist(), T=2), TypeError, "x must be a NumPy array (N, D=4), got list"),
        (
            lambda: NET(X, state=(np.zeros((2, H)),)),
            ValueError,
            "state.h must be (N=3, H=6), got (2, 6)",
        ),
        (
            lambda: EncoderDecoder(BOTH.model.encoder, BOTH.model.decoder.cell),
            TypeError,
            "decoder must be a Network, got RNNCell",
        ),
        (
            lambda: EncoderDecoder(None, BOTH.model.decoder),
            TypeError,
            "encoder must be a cell, got NoneType",
        ),
        (
            lambda: EncoderDecoder(translator(GRUCell).model.encoder, BOTH.model.decoder),
            ValueError,
            "encoder must be like the decoder, RNNCell, H=6, float64, got GRUCell, H=6, float64",
        ),
        (
            lambda: BOTH.model(X[0], BOTH.y),
            ValueError,
            "x must be (T, N, D=4), got (3, 4)",
        ),
        (
            lambda: BOTH.model(X, BOTH.y[:, 1:]),
            ValueError,
            "y must be (S, N=3, K=2), got (8, 2, 2)",
        ),
        (
            lambda: BOTH.model(X, BOTH.y, LENGTHS + 1),
            ValueError,
            "lengths must lie in 1..5, got 2..6",
        ),
        (
            lambda: teacher_forced(BOTH.targets, 1),
            ValueError,
            "targets must lie in 0..0, got 0..1",
        ),
        (
            lambda: teacher_forced(BOTH.targets[0], V),
            ValueError,
            "targets must be (S, N), got (3,)",
        ),
        (
            lambda: teacher_forced(BOTH.targets, 0),
            ValueError,
            "K must be an integer of at least 1, got 0",
        ),
        (lambda: NET(X, LENGTHS + 1, "every"), ValueError, "lengths must lie in 1..5, got 2..6"),
        (
            lambda: NET.backward(np.zeros((N, K)), None),
            TypeError,
            "cache must be a NetworkCache, got NoneType",
        ),
        (
            lambda: BOTH.model.backward(BOTH.y, NET.forward(X)[1]),
            TypeError,
            "cache must be an EncoderDecoderCache, got NetworkCache",
        ),
        (
            lambda: Network(NET.cell, NET.W_hy, NET.b_y.astype(np.float32)),
            TypeError,
            "b_y must be float64 like the cell, got float32",
        ),
        (lambda: read_to_end(None, X), TypeError, "cell must be a cell, got NoneType"),
        (lambda: read_to_end(NET.cell, X[0]), ValueError, "x must be (T, N, D=4), got (3, 4)"),
        (
            lambda: read_to_end_backward(None, ENDS, STRETCHES),
            TypeError,
            "cell must be a cell, got NoneType",
        ),
        (
            lambda: read_to_end_backward(NET.cell, (ENDS[0][1:],), STRETCHES),
            ValueError,
            "dends.h must be (N=3, H=6), got (2, 6)",
        ),
        (
            lambda: read_to_end_backward(NET.cell, ENDS, STRETCHES, X),
            ValueError,
            "dh must be (T=5, N=3, H=6), got (5, 3, 4)",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert str(caught.value) == message


def test_gradients_that_overflowed_are_handed_on():
    """They belong to the answer: `fit` says at which update they came."""
    logits, cache = NET.forward(X)
    endless = tuple(np.full_like(end, np.inf) for end in ENDS)
    steps = sum(len(caches.x) for _, caches in STRETCHES)
    dh = np.full((steps, *ENDS[0].shape), np.inf)
    none = tuple(np.zeros_like(end) for end in ENDS)
    with np.errstate(all="ignore"):
        dcell = NET.backward_to_inputs(np.full_like(logits, np.inf), cache)[0].cell
        at_ends = read_to_end_backward(NET.cell, endless, STRETCHES)
        by_another_way = read_to_end_backward(NET.cell, none, STRETCHES, dh)
    for grads in (dcell, at_ends, by_another_way):
        assert not np.isfinite(grads.b_h).any()
