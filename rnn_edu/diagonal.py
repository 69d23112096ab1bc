"""A diagonal state-space layer: nothing in the loop but numbers that shrink while they turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from .cell import Cell
from .ops import Array, State
from .scan import scan, scan_backward


class DiagonalCache(NamedTuple):
    """What the forward pass keeps for the backward pass; `sweep` puts a time axis in front."""

    x: Array  # (N, D)
    s_prev: Array  # (N, 2H) what the step started from, real parts beside imaginary ones
    s: Array  # (N, 2H)
    h: Array  # (N, H)


@dataclass(frozen=True, eq=False)
class DiagonalCell(Cell):
    """s_t = lambda * s_{t-1} + x_t W_xh  (complex),  h_t = tanh([Re s_t, Im s_t] W_sh + b_h)

    lambda = exp(-exp(log_rate) + i angle): inside the unit circle whatever is learned.

    W_xh: (D, 2H), real parts beside imaginary ones. log_rate: (H,). angle: (H,), in radians a step.
    W_sh: (2H, H). b_h: (H,). The state is (h, re, im), (N, H) each: h is what is read, re and im
    are what the next step starts from. Matrix and tanh are those of an RNN, moved behind the loop.
    Source: Orvieto et al., "Resurrecting recurrent neural networks for long sequences" (LRU), ICML
    2023; the diagonal form is that of Gupta, Gu and Berant (DSS) and Gu et al. (S4D), NeurIPS
    2022. Theirs add x_t to what is read, and learn the size of the input apart from W_xh.
    """

    W_xh: Array
    log_rate: Array
    angle: Array
    W_sh: Array
    b_h: Array

    state_names: ClassVar[tuple[str, ...]] = ("h", "re", "im")
    cache_type: ClassVar[type] = DiagonalCache

    @classmethod
    def _shapes(cls, D: int, H: int) -> dict[str, tuple[int, ...]]:
        sizes = {"W_xh": (D, 2 * H), "log_rate": (H,), "angle": (H,)}
        return sizes | {"W_sh": (2 * H, H), "b_h": (H,)}

    @classmethod
    def init(cls, D: int, H: int, rng: np.random.Generator, dtype: Any = np.float64) -> Self:
        """Draw lambda evenly from the upper half of the unit disc, the rest as other cells do.

        What enters is scaled by sqrt(1 - |lambda|^2), so that no unit, however slowly it fades,
        begins larger than the others. D: input size. H: hidden size. rng: where the numbers come
        from. dtype: float32 or float64.
        """
        drawn = super().init(D, H, rng, dtype)
        radius = np.sqrt(rng.uniform(0.01, 0.999, H))
        scale = np.tile(np.sqrt(1 - radius**2), 2)
        rate, angle = -np.log(radius), rng.uniform(0, np.pi, H)
        arrays = drawn.W_xh * scale, np.log(rate), angle, drawn.W_sh, drawn.b_h
        return cls(*(a.astype(dtype) for a in arrays))

    @property
    def H(self) -> int:
        """Hidden size."""
        return len(self.log_rate)

    @property
    def decay(self) -> Array:
        """lambda: (H,), complex. What is left of a 1 after k steps is lambda^k."""
        return np.exp(-np.exp(self.log_rate) + 1j * self.angle)

    def step(self, x_t: Array, state: State) -> tuple[State, DiagonalCache]:
        """One turn of the loop.

        x_t: (N, D) input at time t. state: (h_prev, re, im), (N, H) each; h_prev is not read.
        Returns ((h, re, im), cache), (N, H) each. Raises TypeError or ValueError naming the
        argument.
        """
        x_t, (_, *s_prev) = self._check_step(x_t, state)
        s_prev = np.hstack(s_prev)
        s = _real(self.decay * _complex(s_prev) + _complex(x_t @ self.W_xh))
        h = np.tanh(s @ self.W_sh + self.b_h)
        return (h, *np.split(s, 2, axis=1)), DiagonalCache(x_t, s_prev, s, h)

    def step_backward(
        self, dstate: State, cache: DiagonalCache
    ) -> tuple[DiagonalCell, Array, State]:
        """The gradients of one step, from the gradient of the state that it returned.

        dstate: (dh, dre, dim), (N, H) each. cache: as `step` returned it.
        Returns (grads, dx_t, (dh_prev, dre_prev, dim_prev)), grads: a DiagonalCell of gradients,
        dx_t: (N, D), dh_prev, dre_prev, dim_prev: (N, H), the first of them zero. The gradients of
        a complex number's two parts are the parts of another, which lambda's conjugate turns back.
        """
        x_t, s_prev, s, h = self.check_cache("cache", cache)
        dh, *ds = self.check_state("dstate", dstate, len(h), finite=False)
        da = dh * (1 - h**2)  # through tanh
        ds = _complex(np.hstack(ds) + da @ self.W_sh.T)
        grads = self._grads(x_t, s, da, ds, _complex(s_prev).conj() * ds)
        dprev = np.split(_real(self.decay.conj() * ds), 2, axis=1)
        return grads, _real(ds) @ self.W_xh.T, (np.zeros_like(dh), *dprev)

    def sweep(self, x: Array, state: State) -> tuple[Array, State, DiagonalCache]:
        """T calls of `step` without a loop over them: one `scan`, then matrix and tanh for all t.

        x: (T, N, D). state: (h, re, im), (N, H) each. Returns h: (T, N, H), the last state, the
        cache.
        """
        s0 = np.hstack(state[1:])
        s = _real(scan(self._decays(len(x)), _complex(x @ self.W_xh), _complex(s0)))
        h = np.tanh(s @ self.W_sh + self.b_h)
        s_prev = np.concatenate([s0[None], s[:-1]])
        last = np.split(s[-1].copy(), 2, axis=1)
        return h, (h[-1].copy(), *last), DiagonalCache(x, s_prev, s, h)

    def sweep_backward(
        self, dh: Array, dstate: State, caches: DiagonalCache
    ) -> tuple[DiagonalCell, Array, State]:
        """T calls of `step_backward`, again as one scan, from the last step to the first.

        dh: (T, N, H). dstate: (dh_last, dre_last, dim_last), (N, H) each. caches: from `sweep`.
        Returns (grads, dx, (dh0, dre0, dim0)), dx: (T, N, D), dh0, dre0, dim0: (N, H), dh0 zero.
        """
        x, s_prev, s, h = caches
        da = dh.copy()
        da[-1] += dstate[0]
        da *= 1 - h**2
        dlambda, ds, ds0 = scan_backward(
            self._decays(len(x)).conj(),
            _complex(s_prev).conj(),
            _complex(da @ self.W_sh.T),
            _complex(np.hstack(dstate[1:])),
        )
        grads = self._grads(*(a.reshape(-1, a.shape[2]) for a in (x, s, da, ds, dlambda)))
        dprev = np.split(_real(ds0), 2, axis=1)
        return grads, _real(ds) @ self.W_xh.T, (np.zeros_like(dprev[0]), *dprev)

    def _decays(self, T: int) -> Array:
        """lambda as `scan` reads it: (T, 1, H), the same at all steps and of all sequences."""
        return np.broadcast_to(self.decay, (T, 1, self.H))

    def _grads(self, x: Array, s: Array, da: Array, ds: Array, dlambda: Array) -> DiagonalCell:
        """The gradients of all parameters: sums over rows, one for each sequence and step."""
        turned = self.decay.conj() * dlambda.sum(axis=0)  # of log lambda = -exp(log_rate) + i angle
        dlog_rate = -np.exp(self.log_rate) * turned.real
        dangle = turned.imag.copy()
        return DiagonalCell(x.T @ _real(ds), dlog_rate, dangle, s.T @ da, da.sum(axis=0))


def _complex(a: Array) -> Array:
    """(..., 2H) real parts beside imaginary ones, as (..., H) complex."""
    re, im = np.split(a, 2, axis=-1)
    return re + 1j * im


def _real(s: Array) -> Array:
    """The way back."""
    return np.concatenate([s.real, s.imag], axis=-1)
