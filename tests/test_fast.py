"""The modules of rnn_edu.fast are torch.nn's in all but speed; the sweep runs where it can."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_edu import RNNCell, fast
from rnn_edu.fast import from_torch, to_torch
from rnn_edu.losses import cross_entropy
from rnn_edu.ops import leaves
from rnn_edu.topologies import EncoderDecoder, Network, teacher_forced

from .reference import CELLS, TOLERANCE, D, H, K, N, T, assert_same, make_case
from .torch_pairs import assert_equal, count_sweeps, pair, results, swept

dtypes = pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["f64", "f32"])


@pytest.fixture
def sweeps(monkeypatch):
    return count_sweeps(monkeypatch)


FORMS = list(product([1, 2], [False, True], [False, True], [False, True], [False, True]))


@swept
@dtypes
@pytest.mark.parametrize(("layers", "both", "batch_first", "bias", "start"), FORMS)
def test_modules_equal_torch(ours, theirs, dtype, layers, both, batch_first, bias, start, sweeps):
    options = {"bidirectional": both, "batch_first": batch_first, "bias": bias, "dtype": dtype}
    a, b = pair(ours, theirs, D, H, layers, **options)
    x = torch.randn(*((N, T, D) if batch_first else (T, N, D)), dtype=dtype)
    runs = layers * (2 if both else 1)
    hx = torch.randn(runs, N, H, dtype=dtype) if start else None
    assert_equal(results(a, x, hx), results(b, x, hx))
    assert sweeps == {"sweep": runs, "sweep_backward": runs}


@swept
@pytest.mark.parametrize("training", [True, False])
def test_dropout_between_layers_equals_torch(ours, theirs, training, sweeps):
    a, b = pair(ours, theirs, D, H, 3, dropout=0.5)
    a.train(training), b.train(training)
    x = torch.randn(T, N, D)
    torch.manual_seed(1)
    got = results(a, x)
    torch.manual_seed(1)
    assert_equal(got, results(b, x))
    assert sweeps["sweep"] == 3


def other_forms():
    """Where the sweep must not be taken, or would be slower: (options, input)."""
    x = torch.randn(T, N, D)
    return {
        "packed, few steps to each length": (
            {},
            pack_padded_sequence(x, torch.tensor([5, 3, 1])),
        ),
        "few steps": ({}, x[:4]),
        "few steps of one sequence": ({}, x[:4, 0]),
        "no sequences": ({}, x[:, :0]),
        "bfloat16": ({"dtype": torch.bfloat16}, x.bfloat16()),
        "another device": ({"device": "meta"}, x.to("meta")),
    }


@swept
@pytest.mark.parametrize("form", other_forms())
def test_other_forms_take_torchs_path(ours, theirs, form, sweeps):
    options, x = other_forms()[form]
    a, b = pair(ours, theirs, D, H, **options)
    (got, last), (want, want_last) = a(x), b(x)
    if form.startswith("packed"):
        got, want = got.data, want.data
    assert got.shape == want.shape
    assert last.shape == want_last.shape
    if got.device.type == "cpu":
        assert torch.equal(got, want)
        assert torch.equal(last, want_last)
    assert sweeps["sweep"] == 0


def test_relu_takes_torchs_path(sweeps):
    a, b = pair(fast.RNN, nn.RNN, D, H, nonlinearity="relu")
    x = torch.randn(T, N, D)
    assert torch.equal(a(x)[0], b(x)[0])
    assert sweeps["sweep"] == 0


def test_the_lstm_is_torchs_own():
    assert fast.LSTM is nn.LSTM


@swept
@pytest.mark.parametrize(
    ("x", "hx"),
    [
        (torch.zeros(T, N, D + 1), None),
        (torch.zeros(T, N, D), torch.zeros(1, N + 1, H)),
        (torch.zeros(T, N, D), torch.zeros(N, H)),
        (torch.zeros(T, N, D), torch.zeros(1, N, H, dtype=torch.float64)),
        (torch.zeros(T, N, D, dtype=torch.float64), None),
        (torch.zeros(T, N, D, 1), None),
        (torch.zeros(0, N, D), None),
    ],
    ids=["D", "hx", "hx rank", "hx dtype", "dtype", "rank", "no steps"],
)
def test_bad_input_fails_as_in_torch(ours, theirs, x, hx):
    a, b = pair(ours, theirs, D, H)
    with pytest.raises((RuntimeError, ValueError)) as want:
        b(x, hx)
    with pytest.raises(want.type):
        a(x, hx)


@swept
def test_state_dicts_and_signatures_are_torchs(ours, theirs):
    a, b = pair(ours, theirs, D, H, 2, bidirectional=True)
    assert list(a.state_dict()) == list(b.state_dict())
    b.load_state_dict(a.state_dict())
    assert isinstance(a, theirs)
    assert repr(a) == repr(b)
    cell = make_case(ours._kind, dtype=np.float32).cell
    c = ours(D, H)
    c.load_state_dict(to_torch(cell).state_dict())
    assert from_torch(c).W_hh.tobytes() == cell.W_hh.tobytes()


@swept
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_move_on_their_own(ours, theirs, duplicate):
    """A copy runs on its own parameters; so does a module after a change of dtype."""
    a, b = pair(ours, theirs, D, H)
    c = duplicate(a)
    with torch.no_grad():
        for p in (*c.parameters(), *b.parameters()):
            p.mul_(0.5)
    x = torch.randn(T, N, D)
    assert_equal(results(c, x), results(b, x))
    assert_equal(results(c.double(), x.double()), results(b.double(), x.double()))


@swept
def test_parameters_put_in_from_outside_are_used(ours, theirs):
    """torch.func.functional_call and parametrisations replace the tensors of a module."""
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    other = {name: 0.5 * p.detach() for name, p in b.named_parameters()}
    got, want = (torch.func.functional_call(m, other, (x,))[0] for m in (a, b))
    assert (got - want).abs().max() < 1e-6
    for module in (a, b):
        nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    with torch.no_grad():
        for module in (a, b):
            module.parametrizations.weight_hh_l0.original0.mul_(2)
    assert_equal(results(a, x), results(b, x))


@swept
@pytest.mark.parametrize("frozen", ["weight_hh_l0", "bias_ih_l0"])
def test_a_frozen_parameter_gets_no_gradient(ours, theirs, frozen):
    a, b = pair(ours, theirs, D, H)
    for module in (a, b):
        getattr(module, frozen).requires_grad_(False)
    x = torch.randn(T, N, D)
    assert_equal(results(a, x), results(b, x))
    assert getattr(a, frozen).grad is None


@swept
def test_without_gradients(ours, theirs, sweeps):
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            h, _ = a(x)
            assert (h - b(x)[0]).abs().max() < 1e-6
            assert not h.requires_grad
    assert sweeps == {"sweep": 2, "sweep_backward": 0}


@swept
def test_numbers_that_are_not_finite_pass_through_as_in_torch(ours, theirs):
    """A diverged model must show NaN in its loss, not an error from inside the cell."""
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    for module in (a, b):
        with torch.no_grad():
            module.weight_hh_l0[0, 0] = torch.nan
    got, want = a(x)[0], b(x)[0]
    assert torch.equal(got.isnan(), want.isnan())
    assert got.isnan().any()
    got.sum().backward()
    assert a.weight_ih_l0.grad.isnan().any()


@swept
def test_gradients_of_gradients_are_refused_and_not_dropped(ours, theirs):
    """A penalty on a gradient, as in WGAN-GP: a term that silently had none would train wrongly."""
    a, _ = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D, requires_grad=True)
    with pytest.raises(RuntimeError, match="create_graph"):
        torch.autograd.grad(a(x)[0].sum(), x, create_graph=True)


@swept
@pytest.mark.parametrize("name", ["x", "hx", "weight_hh_l0", "bias_hh_l0"])
def test_a_change_in_place_before_backward_is_noticed(ours, theirs, name):
    a, _ = pair(ours, theirs, D, H)
    tensors = {"x": torch.randn(T, N, D), "hx": torch.randn(1, N, H)}
    h, _ = a(tensors["x"], tensors["hx"])
    with torch.no_grad():
        (tensors | dict(a.named_parameters()))[name].mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        h.sum().backward()


@swept
def test_a_change_of_the_output_in_place_is_no_harm(ours, theirs):
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    got = torch.autograd.grad(a(x)[0].mul_(3).sum(), a.weight_hh_l0)[0]
    want = torch.autograd.grad(b(x)[0].mul(3).sum(), b.weight_hh_l0)[0]
    assert (got - want).abs().max() < 1e-5 * want.abs().max()


@swept
def test_backward_twice(ours, theirs):
    """Refused as in torch, and allowed with retain_graph, with the same result."""
    a, _ = pair(ours, theirs, D, H)
    h, _ = a(torch.randn(T, N, D))
    h.sum().backward(retain_graph=True)
    first = a.weight_hh_l0.grad.clone()
    h.sum().backward()
    assert torch.equal(a.weight_hh_l0.grad, 2 * first)
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        h.sum().backward()


# --- the topologies: one interface, two engines ------------------------------------------------

LENGTHS = np.array([2, 5, 1])
FEEDS = {
    "one-to-one": ("first", {"T": 1}),
    "one-to-many": ("first", {"T": 4, "read": "every"}),
    "many-to-one": ("all", {}),
    "many-to-one, padded": ("all", {"lengths": LENGTHS}),
    "many-to-many": ("all", {"read": "every"}),
    "from a state": ("all", {"read": "every", "state": True}),
}
kinds = pytest.mark.parametrize("kind", CELLS)
float_types = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["f64", "f32"])


def in_torch(value):
    if isinstance(value, tuple):
        return tuple(map(in_torch, value))
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def readout(cell, K, seed=1):
    return Network.init(cell, K, np.random.default_rng(seed))


def translator(kind, dtype=np.float64):
    """An encoder-decoder, its input, targets, and what the decoder is fed."""
    encoder, x, *_ = make_case(kind, dtype=dtype)
    decoder = readout(make_case(kind, D=K, dtype=dtype, seed=1).cell, K)
    targets = np.random.default_rng(2).integers(0, K, (8, N))
    return EncoderDecoder(encoder, decoder), x, teacher_forced(targets, K, dtype), targets


def gradients(module):
    """The gradients in a torch module as the dataclass that NumPy's `backward` returns."""
    if isinstance(module, fast.EncoderDecoder):
        return EncoderDecoder(gradients(module.encoder), gradients(module.decoder))
    if isinstance(module, fast.Network):
        dW_hy, db_y = (p.grad.numpy() for p in module.readout.parameters())
        return Network(gradients(module.cell), dW_hy.T, db_y)
    dW_ih, dW_hh, db_ih, db_hh = (p.grad.numpy() for p in module.parameters())
    db_hn = [db_hh[2 * module.hidden_size :]] if isinstance(module, nn.GRU) else []
    return type(from_torch(module))(dW_ih.T, dW_hh.T, db_ih, *db_hn)


def assert_one_function(ours, theirs, given, targets):
    """The same logits, and the same gradient of every parameter."""
    logits, cache = ours.forward(**given)
    got = theirs(**{name: in_torch(value) for name, value in given.items()})
    tol = TOLERANCE[logits.dtype]
    assert_same(got.detach().numpy(), logits, tol)
    classes = torch.from_numpy(targets).flatten()
    nn.functional.cross_entropy(got.flatten(0, -2), classes).backward()
    assert_same(gradients(theirs), ours.backward(cross_entropy(logits, targets)[1], cache), tol)


@kinds
@float_types
@pytest.mark.parametrize("feed", FEEDS)
def test_a_network_in_torch_is_the_one_in_numpy(kind, dtype, feed):
    cell, x, state, *_ = make_case(kind, dtype=dtype)
    ours = readout(cell, K)
    fed, options = FEEDS[feed]
    given = {"x": x[0] if fed == "first" else x, **options}
    if "state" in given:
        given["state"] = state
    targets = np.random.default_rng(0).integers(0, K, ours(**given).shape[:-1])
    assert_one_function(ours, fast.Network.from_numpy(ours), given, targets)


@kinds
@float_types
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])
def test_an_encoder_decoder_in_torch_is_the_one_in_numpy(kind, dtype, lengths):
    ours, x, y, targets = translator(kind, dtype)
    given = {"x": x, "y": y, "lengths": lengths}
    theirs = fast.EncoderDecoder.from_numpy(ours)
    state = theirs.encode(*in_torch((x, lengths)))
    assert_same(tuple(s.detach().numpy() for s in state), ours.encode(x, lengths), 1e-5)
    assert_one_function(ours, theirs, given, targets)


@kinds
@float_types
def test_topologies_go_there_and_back_to_the_bit(kind, dtype):
    for ours, theirs in (
        (readout(make_case(kind, dtype=dtype).cell, K), fast.Network),
        (translator(kind, dtype)[0], fast.EncoderDecoder),
    ):
        module = theirs.from_numpy(ours)
        back = module.to_numpy()
        assert type(back) is type(ours)
        for (name, a), (_, b) in zip(leaves(ours), leaves(back), strict=True):
            assert a.dtype == b.dtype, name
            assert a.tobytes() == b.tobytes(), name
        with torch.no_grad():
            for p in module.parameters():
                p.zero_()
        assert all(a.any() for _, a in (*leaves(ours), *leaves(back)))  # memory is not shared


@swept
def test_topologies_take_the_fast_path(ours, theirs, sweeps):
    network = fast.Network.from_numpy(readout(make_case(ours._kind).cell, K))
    network(torch.zeros(T, N, D, dtype=torch.float64)).sum().backward()
    assert sweeps == {"sweep": 1, "sweep_backward": 1}


def test_another_read_is_refused_in_torch_too():
    network = fast.Network.from_numpy(readout(make_case(RNNCell).cell, K))
    with pytest.raises(ValueError, match='read must be "last" or "every", got \'all\''):
        network(torch.zeros(T, N, D, dtype=torch.float64), read="all")
