"""Gradient flow: how much of the loss reaches each step, computed backwards as one drags."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from .base import Figure, pack, script, style

D = 4  # inputs per step
LONGEST = 100  # steps
LARGEST = 64  # units


class Flow(NamedTuple):
    """What `flow` finds; the gradient is that of W_xh, W_hh and b_h together."""

    norms: np.ndarray  # (T,) length of dL/dh_t
    terms: np.ndarray  # (T,) length of what step t adds to the gradient
    total: float  # length of the gradient
    slope: float  # mean of tanh'


class GradientFlow(Figure):
    """dL/dh_t for t = T..1 along a real run; the loss L = v h_T looks at the last state alone.

    kind "rnn": h_t = n_t; "gated": h_t = f h_{t-1} + (1 - f) n_t, a GRU with z = f and r = 1;
    n_t = tanh(x_t W_xh + h_{t-1} W_hh), W_xh scaled by gain, W_hh to the spectral radius.
    Backwards: dL/dh_{t-1} = f dL/dh_t + (1 - f) (dL/dh_t * (1 - n_t^2)) W_hh^T, f = 0 in an RNN.

    W_hh: (H, H), at most 64 units; 16 with normally distributed weights if None. seed: of those,
    and of what else is drawn: the inputs x, W_xh, and v of length 1.
    Its state is radius, gain (large ones saturate tanh), kind, forget (f), T, clip (the largest
    norm that clipping leaves to the gradient) and t, the step that is read off, 1..T: Python can
    read and set them.
    Raises TypeError or ValueError naming the argument, TraitError for the state.
    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013.
    """

    _esm = script("gradient_flow.js")
    _css = style("gradient_flow.css")
    heights = (560, 790)

    radius = traitlets.Float(0.9, min=0, max=3).tag(sync=True)
    gain = traitlets.Float(0.5, min=0, max=2).tag(sync=True)
    kind = traitlets.Enum(("rnn", "gated"), "rnn").tag(sync=True)
    forget = traitlets.Float(0.98, min=0, max=1).tag(sync=True)
    T = traitlets.Int(50, min=2, max=LONGEST).tag(sync=True)
    clip = traitlets.Float(5.0, min=0.01, max=1000).tag(sync=True)
    t = traitlets.Int(1).tag(sync=True)

    sizes = traitlets.List(traitlets.Int()).tag(sync=True)  # LONGEST, D, H
    arrays = traitlets.Bytes().tag(sync=True)  # x, W_xh, W_hh of radius 1, v

    def __init__(
        self,
        W_hh: np.ndarray | None = None,
        *,
        seed: int = 4,  # explodes when W_hh is large, as most do
        title: str = "How much of the loss reaches step t",
        **traits: Any,
    ) -> None:
        rng = np.random.default_rng(seed)
        drawn = W_hh is None
        W_hh = rng.normal(size=(16, 16)) if drawn else _checked(W_hh)
        H, radius = len(W_hh), float(np.abs(np.linalg.eigvals(W_hh)).max())
        if not radius > 1e-6:
            raise ValueError(f"W_hh must have a spectral radius above 0, got {radius:.2g}")
        x, W_xh, v = rng.normal(size=(LONGEST, D)), rng.normal(size=(D, H)), rng.normal(size=H)
        parts = x, W_xh / np.sqrt(D), W_hh / radius, v / np.linalg.norm(v)
        super().__init__(
            sizes=[LONGEST, D, H],
            arrays=b"".join(pack("W_hh", a) for a in parts),
            title=title,
            **({} if drawn else {"radius": min(radius, 3.0)}) | traits,
        )
        self.observe(self._put_into_words, ("radius", "gain", "kind", "forget", "T", "clip"))
        self._put_into_words()

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= self.T:
            raise traitlets.TraitError(f"t must lie in 1..{self.T}, got {proposal['value']}")
        return proposal["value"]

    @traitlets.observe("T")
    def _keep_t_in_range(self, _: Any) -> None:
        self.t = min(self.t, self.T)

    def parameters(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """x: (T, D), W_xh: (D, H) and W_hh: (H, H) with gain and radius in them, v: (H,)."""
        steps, _, H = self.sizes
        ends = np.cumsum([steps * D, D * H, H * H])
        x, W_xh, W_hh, v = np.split(np.frombuffer(self.arrays, "<f4").astype(float), ends)
        W_xh, W_hh = self.gain * W_xh.reshape(D, H), self.radius * W_hh.reshape(H, H)
        return x.reshape(steps, D)[: self.T], W_xh, W_hh, v

    def _put_into_words(self, _: Any = None) -> None:
        """The text alternative: robust against other roundings, since nbval compares it."""
        f = self.forget if self.kind == "gated" else 0.0
        norms, terms, total, slope = flow(*self.parameters(), f)
        cell = f"gated, f = {f:.2f}" if self.kind == "gated" else "tanh RNN"
        at = ", ".join(f"{_power(norms[t - 1])} at t = {t}" for t in (1, self.T // 2, self.T))
        lines = [
            f"{self.title}: {cell}, {self.sizes[2]} units, {self.T} steps",
            f"radius {self.radius:.2f}, gain {self.gain:.2f}, mean slope of tanh {slope:.2f}",
            f"size of dL/dh_t: {at}",
            "no weight gets a gradient: with f = 1 nothing is written",
        ]
        if total:
            most = np.cumsum(np.sort(terms / terms.sum())[::-1])
            factor = _power(min(1, self.clip / total))
            lines[-1] = (
                f"the gradient's norm is {_power(total)}, times {factor} if clipped at"
                f" {self.clip:.2f}; 90 % comes from {1 + (most < 0.9).sum()} of {self.T} steps"
            )
        self.words = "\n".join(lines)


def flow(x: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, v: np.ndarray, f: float) -> Flow:
    """Run forwards and backwards. x: (T, D), W_xh: (D, H), W_hh: (H, H), v: (H,), f in 0..1."""
    h, ns = [np.zeros(len(v))], []
    for x_t in x:
        ns.append(np.tanh(x_t @ W_xh + h[-1] @ W_hh))
        h.append(f * h[-1] + (1 - f) * ns[-1])
    dh, norms, terms, grad = v, [], [], 0.0
    for x_t, h_prev, n in zip(x[::-1], h[-2::-1], ns[::-1], strict=True):
        da = dh * (1 - f) * (1 - n**2)
        term = np.outer(np.concatenate([x_t, h_prev, [1]]), da)  # of W_xh, W_hh and b_h
        norms.append(np.linalg.norm(dh))
        terms.append(np.linalg.norm(term))
        grad = grad + term
        dh = f * dh + da @ W_hh.T
    slope = 1 - np.mean(np.square(ns))
    return Flow(
        np.array(norms[::-1]), np.array(terms[::-1]), float(np.linalg.norm(grad)), float(slope)
    )


def _checked(W_hh: Any) -> np.ndarray:
    """W_hh as a finite square matrix, or what is wrong with it."""
    if not isinstance(W_hh, np.ndarray):
        raise TypeError(f"W_hh must be a NumPy array (H, H), got {type(W_hh).__name__}")
    if W_hh.ndim != 2 or W_hh.shape[0] != W_hh.shape[1] or not 1 <= len(W_hh) <= LARGEST:
        raise ValueError(f"W_hh must be (H, H) with H in 1..{LARGEST}, got {W_hh.shape}")
    if not np.isfinite(W_hh).all():
        raise ValueError("W_hh must be finite, got NaN or infinity")
    return W_hh


def _power(v: float) -> str:
    return f"10^{np.log10(v):z.2f}" if v else "0"
