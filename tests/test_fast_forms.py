"""The sweeps of rnn_edu.fast on inputs of every form, and beside the rest of torch."""

import gc
import weakref
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize, prune
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_edu.fast import cells

from .reference import D, H, N, T
from .torch_pairs import SWEPT, assert_equal, count_sweeps, pair, results, swept


@pytest.fixture
def sweeps(monkeypatch):
    return count_sweeps(monkeypatch)


class Form(NamedTuple):
    """How a module is built, and what it is given."""

    kinds: tuple
    options: dict
    lengths: list[int]
    D: int
    H: int
    given_as: str
    start: bool


sizes = st.integers(1, 5)
forms = st.builds(
    Form,
    kinds=st.sampled_from(SWEPT),
    options=st.fixed_dictionaries(
        {
            "num_layers": st.integers(1, 3),
            "bidirectional": st.booleans(),
            "batch_first": st.booleans(),
            "bias": st.booleans(),
            "dropout": st.sampled_from([0.0, 0.4]),
            "dtype": st.sampled_from([torch.float32, torch.float64]),
        }
    ),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    D=sizes,
    H=sizes,
    given_as=st.sampled_from(["batch", "one sequence", "packed"]),
    start=st.booleans(),
)


@pytest.mark.filterwarnings("ignore:dropout option adds dropout")
@settings(max_examples=60)
@given(form=forms)
def test_every_form_is_torchs_with_all_gradients(form):
    """Also dropout: the same seed drops the same units."""
    options, dtype = form.options, form.options["dtype"]
    N, T = len(form.lengths), max(form.lengths)
    a, b = pair(*form.kinds, form.D, form.H, **options)
    x = torch.randn((N, T, form.D) if options["batch_first"] else (T, N, form.D), dtype=dtype)
    runs = options["num_layers"] * (2 if options["bidirectional"] else 1)
    hx = torch.randn(runs, N, form.H, dtype=dtype)
    if form.given_as == "one sequence":
        x, hx = (x[0] if options["batch_first"] else x[:, 0]), hx[:, 0]
    elif form.given_as == "packed":
        first = options["batch_first"]
        x = pack_padded_sequence(x, torch.tensor(form.lengths), first, enforce_sorted=False)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_FEW", 1)
        sweeps = count_sweeps(patch)
        for module in (a, b):
            torch.manual_seed(7)
            found.append(results(module, x, hx if form.start else None))
    assert_equal(*found)
    stretches = len(set(form.lengths)) if form.given_as == "packed" else 1
    assert sweeps == {"sweep": runs * stretches, "sweep_backward": runs * stretches}


@swept
def test_packed_sequences_of_few_lengths_are_swept(ours, theirs, sweeps):
    a, b = pair(ours, theirs, D, H)
    x = pack_padded_sequence(torch.randn(12, N, D), torch.tensor([12, 4, 12]), enforce_sorted=False)
    (got, last), (want, want_last) = a(x), b(x)
    assert (got.data - want.data).abs().max() < 1e-5
    assert (last - want_last).abs().max() < 1e-5
    assert sweeps["sweep"] == 2  # four steps of three sequences, eight of two
    for name in ("batch_sizes", "sorted_indices", "unsorted_indices"):
        assert torch.equal(getattr(got, name), getattr(want, name)), name


@swept
@pytest.mark.parametrize("free", ["x", "hx", "weight_ih_l0", None])
def test_gradients_go_where_they_are_asked_for(ours, theirs, free):
    """One tensor alone is free, all others frozen; and with none there is nothing to go back."""
    a, b = pair(ours, theirs, D, H)
    found = []
    for module in (a, b):
        module.requires_grad_(False)
        torch.manual_seed(1)
        tensors = {"x": torch.randn(T, N, D), "hx": torch.randn(1, N, H)}
        tensors |= dict(module.named_parameters())
        if free:
            tensors[free].requires_grad_()
        h, last = module(tensors["x"], tensors["hx"])
        assert h.requires_grad == last.requires_grad == bool(free)
        if free:
            (h.sum() + 2 * last.sum()).backward()
        assert [name for name, t in tensors.items() if t.grad is not None] == (
            [free] if free else []
        )
        found.append({} if free is None else {free: tensors[free].grad})
    assert_equal(*found)


@swept
def test_what_was_kept_for_the_backward_pass_is_let_go(ours, theirs, monkeypatch):
    """Without gradients at once, with them after `backward`, though the output lives on."""
    kept = []
    real = ours._kind.sweep

    def watched(self, x, state):
        h, last, caches = real(self, x, state)
        kept.append(weakref.ref(caches[-1]))
        return h, last, caches

    def alive():
        gc.collect()
        return kept[-1]() is not None

    monkeypatch.setattr(ours._kind, "sweep", watched)
    a, _ = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    with torch.no_grad():
        h, _ = a(x)
    assert not alive()
    h, _ = a(x)
    assert alive()
    loss = h.sum()
    loss.backward(retain_graph=True)
    assert alive()
    loss.backward()
    assert not alive()


@swept
def test_two_modules_may_share_parameters(ours, theirs):
    """The second reads what the first wrote, with its very tensors: gradients add up."""
    found = []
    for kind in (ours, theirs):
        torch.manual_seed(0)
        first, second = kind(H, H), kind(H, H)
        for name, p in first.named_parameters():
            setattr(second, name, p)
        both = nn.ModuleList([first, second])
        x = torch.randn(T, N, H, requires_grad=True)
        second(first(x)[0])[0].pow(2).sum().backward()
        assert len(list(both.parameters())) == 4
        found.append({"dx": x.grad} | {n: p.grad for n, p in both.named_parameters()})
    assert_equal(*found)


@swept
def test_hooks_are_called_once_each(ours, theirs):
    for hidden in (torch.randn(T, N, D), torch.randn(T, D)):
        calls = []
        a, _ = pair(ours, theirs, D, H)
        a.register_forward_pre_hook(lambda m, args, calls=calls: calls.append("before"))
        a.register_forward_hook(lambda m, args, out, calls=calls: calls.append("after"))
        a.register_full_backward_hook(lambda m, dx, dh, calls=calls: calls.append("backward"))
        a.weight_hh_l0.register_hook(lambda g, calls=calls: calls.append("weight"))
        a(hidden.requires_grad_())[0].sum().backward()
        assert sorted(calls) == ["after", "backward", "before", "weight"]


@swept
def test_a_hook_that_moves_what_is_kept(ours, theirs):
    """`saved_tensors_hooks`, by which torch offloads and compresses, see all that is kept."""
    a, b = pair(ours, theirs, D, H)
    x, seen = torch.randn(T, N, D), []

    def pack(t):
        seen.append(t.shape)
        return t.clone()

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        got = results(a, x)
    assert_equal(got, results(b, x))
    assert seen.count((T, N, H)) >= 2


@swept
def test_weights_behind_old_and_new_parametrisations(ours, theirs):
    """`prune` and the old `spectral_norm` put a plain tensor in the parameter's place."""

    class Double(nn.Module):
        def forward(self, w):
            return 2 * w

    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    for module in (a, b):
        parametrize.register_parametrization(module, "weight_ih_l0", Double())
        mask = torch.ones(len(module.bias_hh_l0), H)
        mask[::2] = 0
        prune.custom_from_mask(module, "weight_hh_l0", mask)
    assert_equal(results(a, x), results(b, x))
    with parametrize.cached():
        assert_equal(results(a, x), results(b, x))


@swept
@pytest.mark.parametrize("x_type", [torch.float32, torch.bfloat16])
def test_autocast_takes_torchs_path(ours, theirs, x_type, sweeps):
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D).to(x_type)
    with torch.autocast("cpu", torch.bfloat16):
        (got, last), (want, want_last) = a(x), b(x)
    assert (got.dtype, last.dtype) == (want.dtype, want_last.dtype)
    assert torch.equal(got, want)
    got.sum().backward()
    assert a.weight_hh_l0.grad.dtype == torch.float32
    assert sweeps["sweep"] == 0


# torch's forward mode compiles some of its derivatives with what torch itself has deprecated
dual = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@dual
@swept
def test_transforms_of_functions_take_torchs_path(ours, theirs, sweeps):
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(2, T, N, D)

    def loss(module, x):
        return module(x)[0].pow(2).sum()

    for transform in (
        lambda m: torch.func.grad(lambda x: loss(m, x))(x[0]),
        lambda m: torch.func.jvp(lambda x: loss(m, x), (x[0],), (x[1],))[1],
        lambda m: torch.func.grad(lambda x: torch.func.grad(lambda x: loss(m, x))(x).sum())(x[0]),
    ):
        assert torch.equal(transform(a), transform(b))
    assert sweeps["sweep"] == 0


@dual
@swept
def test_dual_numbers_are_refused(ours, theirs):
    a, _ = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, torch.ones_like(x))
        with pytest.raises(NotImplementedError, match="forward mode AD"):
            a(dual)


@pytest.mark.filterwarnings("ignore")  # torch's own, from tracing what it then leaves alone
@swept
def test_compiled_models_give_the_same(ours, theirs):
    """torch.compile leaves a gap in its graph for torch.nn's recurrent modules, and for these."""
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, N, D)
    got = results(torch.compile(a, backend="eager"), x)
    want = results(b, x)
    assert_equal({name.removeprefix("_orig_mod."): t for name, t in got.items()}, want)


@swept
@pytest.mark.parametrize("T", [1, 2])
def test_a_single_step_that_is_swept(ours, theirs, T, monkeypatch, sweeps):
    monkeypatch.setattr(cells, "_FEW", 1)
    a, b = pair(ours, theirs, D, H)
    x, hx = torch.randn(T, N, D), torch.randn(1, N, H)
    assert_equal(results(a, x, hx), results(b, x, hx))
    assert sweeps["sweep"] == 1


@swept
def test_no_sequence_has_no_gradient_but_zeros(ours, theirs):
    a, b = pair(ours, theirs, D, H)
    x = torch.randn(T, 0, D)
    got, want = results(a, x), results(b, x)
    assert {n: t.shape for n, t in got.items() if t is not None} == {
        n: t.shape for n, t in want.items() if t is not None
    }
    assert all(not p.grad.any() for p in a.parameters())
