"""Examples, in the manner of `examples`, of attention with a cache.

A state with more places than the documentation's P goes in as a list: its shapes are not held.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from rnn_edu import fast
from rnn_edu.causal import CausalAttention

from .examples import SIZES, Example, fresh
from .reference import D, H, K, N, T


def of_causal() -> Iterator[Example]:
    kind, rng, P = CausalAttention, fresh(), SIZES["P"]
    one = kind.init(D, H, rng, K=K)
    x, dh = rng.normal(size=(T, N, D)), rng.normal(size=(T, N, H))

    def state(places: int) -> tuple:
        return tuple(rng.normal(size=s) for s in ((N, H), (N, places, K), (N, places, H)))

    at_t, over_x = ({"x_t": x[0], "state": [*state(P - 1)]}, {"x": x, "state": [*state(P - T)]})
    _, cache = one.step(x[0], tuple(at_t["state"]))
    _, _, caches = one.sweep(x, tuple(over_x["state"]))
    names = ("dh", "dkeys", "dvalues")
    dlast = dict(zip(names, state(P), strict=True))
    over_dh = {"dh": dh, "dstate": [*state(P)], "caches": caches}
    module, there = fast.CausalAttention.from_numpy(one), torch.from_numpy(x)
    yield from (
        Example(kind, kind, vars(one), "cell"),
        Example(type(cache), type(cache), cache._asdict(), "cache"),
        Example(kind.init, kind.init, {"D": D, "H": H, "rng": fresh(), "K": K}, "cell"),
        Example(
            kind.step,
            lambda x_t, state: one.step(x_t, tuple(state) if type(state) is list else state),
            at_t,
            (("h", "keys", "values"), "cache"),
        ),
        Example(
            kind.step_backward,
            lambda cache, **dstate: one.step_backward(tuple(dstate.values()), cache)[:2],
            {"cache": cache, **dlast},
            ("grads", "dx_t"),
        ),
        Example(kind.sweep, lambda x, state: one.sweep(x, tuple(state))[0], over_x, "h"),
        Example(
            kind.sweep_backward,
            lambda dstate, **given: one.sweep_backward(dstate=tuple(dstate), **given)[:2],
            over_dh,
            ("grads", "dx"),
        ),
        Example(module.from_numpy, lambda: fast.CausalAttention.from_numpy(one), {}, "module"),
        Example(module.to_numpy, module.to_numpy, {}, "cell"),
        Example(fast.CausalAttention.forward, lambda: module(there), {}, ""),
    )
