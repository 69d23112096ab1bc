"""Examples, in the manner of `examples`, of the scan and of the cells that it runs."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from rnn_edu import fast, scan
from rnn_edu.diagonal import DiagonalCell
from rnn_edu.fast import scan as in_torch
from rnn_edu.mingru import MinGRUCell

from .examples import Example, fresh
from .reference import D, H, N, T, make_case


def of_scan() -> Iterator[Example]:
    a, b, dh = fresh().normal(size=(3, T, N, H))
    h0, dlast = fresh().normal(size=(2, N, H))
    given = {"a": a, "b": b, "h0": h0}
    back = {"a": a, "h_prev": b, "dh": dh, "dlast": dlast}
    tensors = [torch.from_numpy(v) for v in given.values()]
    yield from (
        Example(scan.scan, scan.scan, given, "h"),
        Example(scan.scan_loop, scan.scan_loop, given, "h"),
        Example(scan.scan_backward, scan.scan_backward, back, ("da", "db", "dh0")),
        Example(in_torch.scan, lambda: in_torch.scan(*tensors), {}, ""),
    )
    for kind, module in ((MinGRUCell, fast.MinGRU), (DiagonalCell, fast.Diagonal)):
        one, x, state, dh, dstate = make_case(kind)
        _, cache = one.step(x[0], state)
        _, _, caches = one.sweep(x, state)
        before, start = (tuple(f"d{s}{at}" for s in kind.state_names) for at in ("_prev", "0"))
        over_x, over_dh = {"x": x, "state": state}, {"dh": dh, "dstate": dstate, "caches": caches}
        at_t, back_at_t = {"x_t": x[0], "state": state}, {"dstate": dstate, "cache": cache}
        forward, backward = ("h", "state", "caches"), ("grads", "dx", start)
        made, there = module.from_numpy(one), torch.from_numpy(x)
        yield from (
            Example(kind, kind, vars(one), "cell"),
            Example(type(cache), type(cache), cache._asdict(), "cache"),
            Example(kind.step, one.step, at_t, (kind.state_names, "cache")),
            Example(kind.step_backward, one.step_backward, back_at_t, ("grads", "dx_t", before)),
            Example(kind.sweep, one.sweep, over_x, forward),
            Example(kind.sweep_backward, one.sweep_backward, over_dh, backward),
            Example(kind.init, kind.init, {"D": D, "H": H, "rng": fresh()}, "cell"),
            Example(module.from_numpy, lambda one=one, m=module: m.from_numpy(one), {}, "module"),
            Example(module.to_numpy, made.to_numpy, {}, "cell"),
            Example(module.forward, lambda made=made, x=there: made(x), {}, ""),
        )
    decay = DiagonalCell.decay.fget
    yield Example(decay, lambda: decay(make_case(DiagonalCell).cell), {}, "")
