"""One example call of every public function of the core: arguments and results by name.

The sizes are those of `reference`, all different. `test_docs` holds documented shapes against
these arrays, and sees that no function changes what it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from rnn_edu import cell, data, fast, gradcheck, losses, ops, optim, sequence, trace, train
from rnn_edu.attention import Attention, AttentionDecoder
from rnn_edu.topologies import (
    EncoderDecoder,
    Network,
    read_to_end,
    read_to_end_backward,
    teacher_forced,
)
from rnn_edu.translator import Translator, writing

from .reference import CELLS, D, H, K, N, T, make_case

WEIGHTS = ("W_xh", "W_hh", "b_h")
S, P, M = 8, 10, 2
SIZES = {
    "T": T,
    "S": S,
    "P": P,
    "M": M,
    "N": N,
    "D": D,
    "H": H,
    "K": K,
    "size": 9,
    "length": 2,
    "updates": 1,
}


class Example(NamedTuple):
    """call(**arguments) gives results: a name, or a tuple of names; "" where the docs use none."""

    documented: Any  # the function or class whose docstring it is
    call: Callable[..., Any]
    arguments: dict[str, Any]
    results: Any
    gates: int = 0  # G
    writes: bool = False  # whether it says that it moves its arguments and puts them back


def fresh() -> np.random.Generator:
    return np.random.default_rng(0)


def of_cells() -> Iterator[Example]:
    for kind in CELLS:
        one, x, state, dh, dstate = make_case(kind)
        _, cache = one.step(x[0], state)
        _, _, caches = one.sweep(x, state)
        names = kind.state_names
        before, start = (tuple(f"d{name}{at}" for name in names) for at in ("_prev", "0"))
        forward, backward = ("h", "state", "caches"), ("grads", "dx", "dstate0")
        over_x, over_dh = {"x": x, "state": state}, {"dh": dh, "dstate": dstate, "caches": caches}
        at_t, back_at_t = {"x_t": x[0], "state": state}, {"dstate": dstate, "cache": cache}
        base, weights = cell.Cell, {name: getattr(one, name) for name in WEIGHTS}
        yield from (
            Example(kind, kind, vars(one), "cell"),
            Example(base, lambda **_: None, weights, None, kind.G),
            Example(type(cache), type(cache), cache._asdict(), "cache"),
            Example(kind.step, one.step, at_t, (names, "cache")),
            Example(kind.step_backward, one.step_backward, back_at_t, ("grads", "dx_t", before)),
            Example(kind.sweep, one.sweep, over_x, forward),
            Example(kind.sweep_backward, one.sweep_backward, over_dh, ("grads", "dx", start)),
            Example(base.init, kind.init, {"D": D, "H": H, "rng": fresh()}, "cell"),
            Example(base.zero_state, one.zero_state, {"N": N}, ""),
            Example(base.sweep, base.sweep, {"self": one, **over_x}, forward),
            Example(base.sweep_backward, base.sweep_backward, {"self": one, **over_dh}, backward),
            Example(sequence.unroll, sequence.unroll, {"cell": one, **over_x}, forward),
            Example(
                sequence.unroll_backward,
                sequence.unroll_backward,
                {"cell": one, **over_dh},
                backward,
            ),
            Example(trace.record, trace.record, {"model": one, **over_x}, "trace"),
            Example(fast.to_torch, fast.to_torch, {"cell": one}, "module"),
            Example(fast.cells.fast_cell, fast.cells.fast_cell, {"cell": one}, "module"),
        )


def of_functions() -> Iterator[Example]:
    logits, target = fresh().normal(size=(2, T, N, K))
    index, mask = fresh().integers(0, 7, (T, N)), np.arange(T * N).reshape(T, N) % 3 > 0
    x = fresh().normal(size=(T, N, D))
    one, grads = make_case(CELLS[1], seed=1).cell, make_case(CELLS[1], seed=2).cell
    for function in (ops.sigmoid, ops.softmax, ops.log_softmax):
        name = "a" if function is ops.sigmoid else "logits"
        yield Example(function, function, {name: logits}, "")
    for function, given in (
        (losses.cross_entropy, {"logits": logits, "targets": index}),
        (losses.mean_squared_error, {"y": logits, "target": target}),
    ):
        names = ("loss", "dlogits" if "logits" in given else "dy")
        yield Example(function, function, {**given, "mask": mask}, names)
    yield Example(ops.mask_of, ops.mask_of, {"lengths": np.array([2, T, 1]), "T": T, "N": N}, "")
    batches = {"N": 2 * SIZES["size"], "size": SIZES["size"], "epochs": 1, "rng": fresh()}
    yield Example(ops.shuffled, lambda **given: next(ops.shuffled(**given)), batches, "")
    yield Example(ops.one_hot, ops.one_hot, {"index": index, "size": SIZES["size"]}, "")
    yield Example(ops.leaves, lambda params: list(ops.leaves(params)), {"params": one}, None)
    yield Example(
        ops.map_params,
        lambda params, grads: ops.map_params(np.add, params, grads),
        {"params": one, "grads": grads},
        "sums",
    )
    yield Example(
        sequence.windows,
        lambda x, length: next(sequence.windows(x, length)),
        {"x": x, "length": SIZES["length"]},
        "",
    )
    clip = optim.clip_by_global_norm
    yield Example(clip, clip, {"grads": grads, "max_norm": 0.1}, ("grads", "norm"))
    for optimiser in (optim.SGD(0.1, 0.9), optim.Adam()):
        kind, state = type(optimiser), optimiser.init(one)
        yield Example(kind, kind, vars(optimiser), "optimiser")
        given = {"params": one, "grads": grads, "state": state}
        yield Example(kind.init, optimiser.init, {"params": one}, "state")
        yield Example(kind.update, optimiser.update, given, ("params", "state"))
    slope = type(one)(0 * one.W_xh, 0 * one.W_hh, 2 * one.b_h, 0 * one.b_hn)
    given = {"loss": lambda p: float((p.b_h**2).sum()), "params": one, "grads": slope}
    check = gradcheck.check_grads
    yield Example(check, check, given, "worst", writes=True)
    yield Example(fast.from_torch, lambda: fast.from_torch(fast.to_torch(one)), {}, "cell")


def of_torch(model: Any, *inputs: Any) -> Iterator[Example]:
    """The torch counterpart of a topology: tensors have no documented shape that is held here."""
    kind = getattr(fast, type(model).__name__)
    module, tensors = kind.from_numpy(model), [torch.from_numpy(a) for a in inputs]
    yield Example(kind.from_numpy, lambda: kind.from_numpy(model), {}, "module")
    yield Example(kind.to_numpy, module.to_numpy, {}, "model")
    yield Example(kind.forward, lambda: module(*tensors), {}, "")
    if kind is fast.AttentionDecoder:
        yield Example(kind.look, lambda: module.look(*tensors), {}, "")
    if hasattr(kind, "encode"):
        yield Example(kind.encode, lambda: module.encode(tensors[0]), {}, "")


def of_models() -> Iterator[Example]:
    one, x, *_ = make_case(CELLS[2])
    net = Network.init(one, K, fresh())
    index, lengths = fresh().integers(0, K, N), np.array([2, T, 1])
    yield Example(Network, Network, vars(net), "network")
    yield Example(Network.init, Network.init, {"cell": one, "K": K, "rng": fresh()}, "network")
    for read in ("last", "every"):
        logits, cache = net.forward(x, lengths, read)
        given = {"x": x, "lengths": lengths, "read": read}
        yield Example(Network.forward, net.forward, given, ("logits", "cache"))
        given = {"dlogits": logits, "cache": cache}
        yield Example(Network.backward, net.backward, given, "network")
        results = ("grads", "dx", "dstate0")
        yield Example(Network.backward_to_inputs, net.backward_to_inputs, given, results)
        if read == "last":  # for "every", steps is None
            yield Example(type(cache), type(cache), cache._asdict(), "cache")
    targets = fresh().integers(0, K, (S, N))
    y = teacher_forced(targets, K)
    both = EncoderDecoder(one, Network.init(make_case(CELLS[2], D=K).cell, K, fresh()))
    given = {"x": x, "y": y, "lengths": lengths}
    logits, cache = both.forward(**given)
    back = {"dlogits": logits, "cache": cache}
    source = {"x": x, "lengths": lengths}
    forced = {"targets": targets, "K": K}
    yield from (
        Example(EncoderDecoder, EncoderDecoder, vars(both), "model"),
        Example(EncoderDecoder.encode, both.encode, source, ""),
        Example(EncoderDecoder.forward, both.forward, given, ("logits", "cache")),
        Example(EncoderDecoder.backward, both.backward, back, "model"),
        Example(teacher_forced, teacher_forced, forced, ""),
    )
    yield from of_torch(net, x)
    yield from of_torch(both, x, y)
    batch = train.Batch(x, index, lengths, index > 0)
    yield Example(train.Batch, train.Batch, batch._asdict(), "batch")
    yield Example(train.classify, train.classify, {"model": net, "batch": batch}, ("loss", "grads"))
    sums = {"model": net, "batch": data.Adding(x, fresh().normal(size=(N, K)))}
    yield Example(train.regress, train.regress, sums, ("loss", "grads"))
    given = {"model": net, "batches": [batch], "optimiser": optim.SGD(0.1)}
    yield Example(train.fit, train.fit, given, ("model", "history"))
    _, history = train.fit(**given)
    yield Example(train.History, train.History, history._asdict(), "history")
    given = {"x": x, "targets": index, "lengths": lengths, "size": 2, "epochs": 1}
    yield Example(train.Minibatches, lambda **a: list(train.Minibatches(**a)), given, "batches")
    given = dict(vars(trace.record(net, x)))
    given["arrays"] = dict(given["arrays"])
    yield Example(trace.Trace, trace.Trace, given, "trace")
    yield Example(trace.Trace.h.fget, lambda: trace.Trace(**given).h, {}, "")


def of_attention() -> Iterator[Example]:
    one, x, *_ = make_case(CELLS[2])
    h, memory = fresh().normal(size=(S, N, H)), fresh().normal(size=(P, N, M))
    looks = Attention.init(H, M, fresh())
    given = {"h": h, "memory": memory, "mask": np.ones((P, N), bool)}
    h_tilde, cache = looks.forward(**given)
    back = {"dh_tilde": h_tilde, "cache": cache}
    yield from (
        Example(Attention, Attention, vars(looks), "attention"),
        Example(Attention.init, Attention.init, {"H": H, "M": M, "rng": fresh()}, "attention"),
        Example(Attention.forward, looks.forward, given, ("h_tilde", "cache")),
        Example(Attention.backward, looks.backward, back, ("grads", "dh", "dmemory")),
        Example(type(cache), type(cache), cache._asdict(), "cache"),
    )
    y = fresh().normal(size=(S, N, D))
    writes = AttentionDecoder.init(one, K, fresh(), M)
    given = {"y": y, "memory": memory, "state": one.zero_state(N), "mask": given["mask"]}
    logits, cache = writes.forward(**given)
    back, first = {"dlogits": logits, "cache": cache}, given | {"y_t": y[0]}
    del first["y"]
    made = {"cell": one, "K": K, "rng": fresh(), "M": M}
    yield from (
        Example(AttentionDecoder, AttentionDecoder, vars(writes), "decoder"),
        Example(AttentionDecoder.init, AttentionDecoder.init, made, "decoder"),
        Example(AttentionDecoder.forward, writes.forward, given, ("logits", "cache")),
        Example(AttentionDecoder.backward, writes.backward, back, ("grads", "dmemory", "dstate0")),
        Example(AttentionDecoder.step, writes.step, first, ("logits", "state", "weights")),
        Example(type(cache), type(cache), cache._asdict(), "cache"),
    )
    writes = AttentionDecoder.init(make_case(CELLS[2], D=K).cell, K, fresh(), H)
    both, y = Translator(one, writes), fresh().normal(size=(S, N, K))
    given = {"x": x, "y": y, "lengths": np.array([2, T, 1])}
    logits, cache = both.forward(**given)
    read = {"x": x, "lengths": given["lengths"]}
    words = {**read, "x": x.argmax(axis=2)}
    batch = train.Pairs(x, fresh().integers(0, K, (S, N)), read["lengths"], np.ones((S, N), bool))
    _, ends, stretches = read_to_end(one, **read)
    back = {"cell": one, "dends": ends, "stretches": stretches, "dh": np.ones((T, N, H))}
    yield from (
        Example(Translator, Translator, vars(both), "model"),
        Example(Translator.encode, both.encode, read, ("memory", "state", "mask")),
        Example(writing, lambda x, lengths: writing(both, x, lengths), words, ""),
        Example(Translator.forward, both.forward, given, ("logits", "cache")),
        Example(Translator.backward, both.backward, {"dlogits": logits, "cache": cache}, "model"),
        Example(type(cache), type(cache), cache._asdict(), "cache"),
        Example(train.Pairs, train.Pairs, batch._asdict(), "batch"),
        Example(train.translate, train.translate, {"model": both, "batch": batch}, "grads"),
        Example(read_to_end, read_to_end, {"cell": one, **read}, ("h", "ends", "stretches")),
        Example(read_to_end_backward, read_to_end_backward, back, "grads"),
    )
    module = fast.Attention.from_numpy(looks)
    h, memory = torch.from_numpy(h), torch.from_numpy(memory)
    kind = fast.Attention
    yield Example(kind.from_numpy, lambda: kind.from_numpy(looks), {}, "module")
    yield Example(kind.to_numpy, module.to_numpy, {}, "attention")
    yield Example(kind.forward, lambda: module(h, memory), {}, "")
    yield from of_torch(writes, y, both.encode(**read)[0])
    yield from of_torch(both, x, y)


from .examples_causal import of_causal  # noqa: E402, it needs what stands above
from .examples_memory import of_memory  # noqa: E402, it needs what stands above
from .examples_scan import of_scan  # noqa: E402, it needs what stands above

EXAMPLES = [*of_cells(), *of_functions(), *of_models(), *of_attention()]
EXAMPLES += [*of_scan(), *of_memory(), *of_causal()]
