"""Examples, in the manner of `examples`, of the cells whose state is a matrix."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from rnn_edu import fast, memory

from .examples import SIZES, Example, fresh
from .reference import D, H, N, T

K = SIZES["K"]


def of_memory() -> Iterator[Example]:
    for name in ("LinearAttention", "GatedLinearAttention", "Delta"):
        kind, module = getattr(memory, f"{name}Cell"), getattr(fast, name)
        given = {"D": D, "H": H, "rng": fresh(), "K": K}
        one, x, dh = kind.init(**given), *(fresh().normal(size=(T, N, n)) for n in (D, H))
        state = dstate = fresh().normal(size=(N, H)), fresh().normal(size=(N, K, H))
        (_, cache), (_, _, caches) = one.step(x[0], state), one.sweep(x, state)
        at_t, back_at_t = {"x_t": x[0], "state": state}, {"dstate": dstate, "cache": cache}
        over_x, over_dh = {"x": x, "state": state}, {"dh": dh, "dstate": dstate, "caches": caches}
        made, there = module.from_numpy(one), torch.from_numpy(x)
        yield from (
            Example(kind, kind, vars(one), "cell"),
            Example(type(cache), type(cache), cache._asdict(), "cache"),
            Example(kind.init, kind.init, given, "cell"),
            Example(kind.step, one.step, at_t, (("h", "S"), "cache")),
            Example(
                kind.step_backward,
                one.step_backward,
                back_at_t,
                ("grads", "dx_t", ("dh_prev", "dS_prev")),
            ),
            Example(kind.sweep, one.sweep, over_x, ("h", "state", "caches")),
            Example(
                kind.sweep_backward, one.sweep_backward, over_dh, ("grads", "dx", ("dh0", "dS0"))
            ),
            Example(module.from_numpy, lambda m=module, one=one: m.from_numpy(one), {}, "module"),
            Example(module.to_numpy, made.to_numpy, {}, "cell"),
            Example(module.forward, lambda made=made, x=there: made(x), {}, ""),
        )
