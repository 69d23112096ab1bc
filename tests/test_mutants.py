"""Mutants of the cells: each is wrong in one place that a person might get wrong, and is caught.

A row names a method and replaces a piece of its text, which must occur there exactly once, so the
table cannot outlive the code that it changes. The cell is compiled anew from the changed source,
as `mutant.gru` beside `mutant.cell`; the package itself is not touched.
"""

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

import rnn_edu
from rnn_edu import ops
from rnn_edu.gradcheck import check_grads

from .reference import CELLS, Result, assert_same, by_steps, by_torch, make_case

SHAPE = {"T": 4, "N": 3, "D": 2, "H": 5}
TRANSPOSED = "self.W_hh.reshape(-1, self.H)"  # the right shape, the wrong numbers

COMMON = [  # what the cells share, once for each
    ("Cell._project", "a += self.b_h[columns]", "a += 0"),
    ("Cell._project", "@ self.W_xh", "@ self.W_xh[::-1]"),
    ("Cell._sum_over_time", "x2.T @ da2", "x2[::-1].T @ da2"),
    ("Cell._sum_over_time", "da2.sum(axis=0)", "da2.mean(axis=0)"),
    ("Cell._sum_over_time", "@ self.W_xh.T", "@ self.W_xh.reshape(-1, self.D)"),
    ("Cell._sum_over_time", "h2.T @ da_h2", "h2[::-1].T @ da_h2"),
]

RNN = [
    ("step", " + self.b_h", ""),
    ("step", "h_prev @ self.W_hh", "h_prev @ self.W_hh.T"),
    ("step", " + h_prev @ self.W_hh", ""),
    ("step", "+ h_prev", "- h_prev"),
    ("step", "np.tanh(", "np.sin("),
    ("step", "RNNCache(x_t, h_prev, h)", "RNNCache(x_t, h, h)"),
    ("step_backward", "1 - h**2", "1 - h"),
    ("step_backward", "1 - h**2", "1 + h**2"),
    ("step_backward", "1 - h**2", "1 - h_prev**2"),
    ("step_backward", "dh * (1 - h**2)", "dh"),
    ("step_backward", "h_prev.T @ da", "h.T @ da"),
    ("step_backward", "da @ self.W_hh.T", "da @ self.W_hh"),
    ("step_backward", "da @ self.W_xh.T", "da @ self.W_xh.reshape(-1, self.D)"),
    ("step_backward", "x_t.T @ da", "x_t.T @ dh"),
    ("step_backward", "da.sum(axis=0)", "da.mean(axis=0)"),
    ("sweep", "h[0] = state[0]", "h[0] = 0"),
    ("sweep", "np.matmul(h_prev, self.W_hh", "np.matmul(h_prev, self.W_hh.T"),
    ("sweep", "np.matmul(h_prev,", "np.matmul(h[0],"),
    ("sweep", "a_t += recurrent", "a_t -= recurrent"),
    ("sweep", "RNNCache(x, h[:-1], h[1:])", "RNNCache(x, h[1:], h[1:])"),
    ("sweep", "(h[-1].copy(),)", "(h[-2].copy(),)"),
    ("sweep_backward", "1 - h**2", "1 - h"),
    ("sweep_backward", "1 - h**2", "1 - h_prev**2"),
    ("sweep_backward", "dh_t += dh[t]", "dh_t[...] = dh[t]"),
    ("sweep_backward", "dstate[0].copy()", "np.zeros_like(dstate[0])"),
    ("sweep_backward", "self.W_hh.T", "self.W_hh"),
    ("sweep_backward", "reversed(range(len(x)))", "range(len(x))"),
    ("sweep_backward", "(x, h_prev, da, da)", "(x, h, da, da)"),
]

GRU = [
    ("step", " + self.b_h,", ","),
    ("step", "hn + self.b_hn", "hn"),
    ("step", "x_r, x_z, x_n =", "x_z, x_r, x_n ="),
    ("step", "h_r, h_z, hn =", "h_z, h_r, hn ="),
    ("step", "x_n + r * hn", "x_n + hn"),
    ("step", "x_n + r * hn", "x_n + z * hn"),
    ("step", "x_n + r * hn", "r * (x_n + hn)"),
    ("step", "r * hn)", "(r * h_prev) @ self.W_hh[:, 2 * self.H :] + self.b_hn)"),
    ("step", "(1 - z) * n + z * h_prev", "z * n + (1 - z) * h_prev"),
    ("step", "+ z * h_prev", "- z * h_prev"),
    ("step", " + z * h_prev", ""),
    ("step", "GRUCache(x_t, h_prev,", "GRUCache(x_t, h,"),
    ("step_backward", "dh * (1 - z)", "dh * z"),
    ("step_backward", "h_prev - n", "n - h_prev"),
    ("step_backward", "1 - n**2", "1 - n"),
    ("step_backward", "dr = da_n * hn", "dr = dn * hn"),
    ("step_backward", "dr = da_n * hn", "dr = da_n * h_prev"),
    ("step_backward", "dr * r * (1 - r)", "dr"),
    ("step_backward", "dz * z * (1 - z)", "dz * (1 - z)"),
    ("step_backward", "da_n * r", "da_n"),
    ("step_backward", "[da_r, da_z, da_n]", "[da_z, da_r, da_n]"),
    ("step_backward", "h_prev.T @ da_h", "h_prev.T @ da"),
    ("step_backward", "dhn.sum", "da_n.sum"),
    ("step_backward", "dh * z + ", ""),
    ("step_backward", "dh * z + da_h", "dh * z + da"),
    ("step_backward", "self.W_hh.T", TRANSPOSED),
    ("sweep", "self.W_xh * half", "self.W_xh"),
    ("sweep", "self.W_hh * half", "self.W_hh"),
    ("sweep", "self.b_h * half", "self.b_h"),
    ("sweep", "[0.5, 0.5, 1]", "[0.5, 1, 0.5]"),
    ("sweep", "h[0] = state[0]", "h[0] = 0"),
    ("sweep", "np.matmul(h[t],", "np.matmul(h[0],"),
    ("sweep", "rz_t += 0.5", "rz_t += 0"),
    ("sweep", "halved._project(x, slice(2 * H))", "self._project(x, slice(2 * H))"),
    ("sweep", ":], self.b_hn", ":], 0"),
    ("sweep", "np.multiply(rz_t[:, :H]", "np.multiply(rz_t[:, H:]"),
    ("sweep", "np.subtract(h[t], n_t", "np.subtract(n_t, h[t]"),
    ("sweep", "h_t *= rz_t[:, H:]", "h_t *= rz_t[:, :H]"),
    ("sweep", "h_t += n_t", "h_t -= n_t"),
    ("sweep", "rz[..., :H], rz[..., H:]", "rz[..., H:], rz[..., :H]"),
    ("sweep", "GRUCache(x, h[:-1],", "GRUCache(x, h[1:],"),
    ("sweep_backward", "new = 1 - z", "new = z"),
    ("sweep_backward", "1 - n**2", "1 - n"),
    ("sweep_backward", "(da_n, r, out=dhn)", "(da_n, z, out=dhn)"),
    ("sweep_backward", "dhn * hn", "dhn"),
    ("sweep_backward", "dhn * hn", "da_n * hn"),
    ("sweep_backward", "hn, 1 - r", "hn, 1"),
    ("sweep_backward", "* z, new", "* z, 1"),
    ("sweep_backward", "dhn, da_r, da_z, da_n =", "da_n, da_r, da_z, dhn ="),
    ("sweep_backward", "h_prev - n", "n - h_prev"),
    ("sweep_backward", "dstate[0].copy()", "np.zeros_like(dstate[0])"),
    ("sweep_backward", "dh_t += dh[t]", "dh_t[...] = dh[t]"),
    ("sweep_backward", "dh_t += kept", "dh_t -= kept"),
    ("sweep_backward", "np.roll(self.W_hh, H, axis=1)", "self.W_hh"),
    ("sweep_backward", "np.roll(dW_hh, -H, axis=1)", "np.roll(dW_hh, H, axis=1)"),
    ("sweep_backward", "np.multiply(dh_t, z[t]", "np.multiply(dh_t, r[t]"),
    ("sweep_backward", "(x, h_prev, da, da_h)", "(x, h_prev, da_h, da)"),
    ("sweep_backward", "dhn.sum", "da_n.sum"),
    ("Cell._sum_over_time", "h2.T @ da_h2", "h2.T @ da2"),
]

LSTM = [
    ("step", " + self.b_h", ""),
    ("step", "a_i, a_f, a_g, a_o =", "a_f, a_i, a_g, a_o ="),
    ("step", "a_i, a_f, a_g, a_o =", "a_i, a_f, a_o, a_g ="),
    ("step", "np.tanh(a_g)", "sigmoid(a_g)"),
    ("step", "f * c_prev + i * g", "f + i * g"),
    ("step", "f * c_prev + i * g", "c_prev + i * g"),
    ("step", "f * c_prev + i * g", "f * c_prev - i * g"),
    ("step", "f * c_prev + i * g", "i * c_prev + f * g"),
    ("step", "h = o * tanh_c", "h = o * c"),
    ("step", "return (h, c)", "return (h, c_prev)"),
    ("step", "LSTMCache(x_t, h_prev,", "LSTMCache(x_t, h,"),
    ("step_backward", "dc + dh * o", "dh * o"),
    ("step_backward", "dc + dh * o", "dc - dh * o"),
    ("step_backward", "dc + dh * o * (1 - tanh_c**2)", "dc"),
    ("step_backward", "1 - tanh_c**2", "1 - tanh_c"),
    ("step_backward", "dc * g, dc * c_prev", "dc * c_prev, dc * g"),
    ("step_backward", "dc * c_prev", "dc * h_prev"),
    ("step_backward", "dh * tanh_c", "dc * tanh_c"),
    ("step_backward", "di * i * (1 - i)", "di * (1 - i)"),
    ("step_backward", "1 - g**2", "1 - g"),
    ("step_backward", "dc * f)", "dc)"),
    ("step_backward", "dc * f)", "dc * i)"),
    ("step_backward", "h_prev.T @ da", "tanh_c.T @ da"),
    ("step_backward", "self.W_hh.T", TRANSPOSED),
    ("sweep", "[0.5, 0.5, 1, 0.5]", "[0.5, 0.5, 0.5, 1]"),
    ("sweep", "self.W_xh * half", "self.W_xh"),
    ("sweep", "self.W_hh * half", "self.W_hh"),
    ("sweep", "self.b_h * half", "self.b_h"),
    ("sweep", "h[0], c[0] = state", "c[0], h[0] = state"),
    ("sweep", "np.matmul(h[t],", "np.matmul(h[0],"),
    ("sweep", "a_t += lift", "a_t += 0"),
    ("sweep", "np.multiply(a_t[:, H : 2 * H], c[t]", "np.multiply(a_t[:, :H], c[t]"),
    ("sweep", "c[t], out=c[t + 1]", "c[0], out=c[t + 1]"),
    ("sweep", "c[t + 1] += written", "c[t + 1] -= written"),
    ("sweep", "np.multiply(a_t[:, 3 * H :], tanh_c[t]", "np.multiply(a_t[:, 3 * H :], c[t + 1]"),
    ("sweep", "i, f, g, o = np.split", "f, i, g, o = np.split"),
    ("sweep", "h[:-1], c[:-1],", "h[:-1], c[1:],"),
    ("sweep", "c[-1].copy()", "c[-2].copy()"),
    ("sweep_backward", "o * (1 - tanh_c**2)", "(1 - tanh_c**2)"),
    ("sweep_backward", "g * i * (1 - i)", "g * (1 - i)"),
    ("sweep_backward", "c_prev * f * (1 - f)", "f * (1 - f)"),
    ("sweep_backward", "i * (1 - g**2)", "i * (1 - g)"),
    ("sweep_backward", "tanh_c * o * (1 - o)", "tanh_c * o"),
    ("sweep_backward", "(d.copy() for d in dstate)", "(0 * d for d in dstate)"),
    ("sweep_backward", "dc_t += dh_t * dc_dh[t]", "dc_t += dh[t] * dc_dh[t]"),
    ("sweep_backward", "dc_t += dh_t * dc_dh[t]", "dc_t[...] = dh_t * dc_dh[t]"),
    ("sweep_backward", "dh_t += dh[t]", "dh_t[...] = dh[t]"),
    ("sweep_backward", "dc_t *= f[t]", "dc_t *= 1"),
    ("sweep_backward", "da[t, :, 3] *= dh_t", "da[t, :, 3] *= dc_t"),
    ("sweep_backward", "self.W_hh.T", TRANSPOSED),
    ("sweep_backward", "(x, h_prev, da, da)", "(x, tanh_c, da, da)"),
]

MUTANTS = [
    (kind, *row)
    for kind, rows in zip(CELLS, (RNN, GRU, LSTM), strict=True)
    for row in (*rows, *COMMON)
]


def mutate(source, method, old, new):
    """The source with `old`, which must occur in "Class.method" exactly once, replaced by `new`."""
    owner, _, name = method.rpartition(".")
    (segment,) = [
        ast.get_source_segment(source, function, padded=True)
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == owner
        for function in node.body
        if isinstance(function, ast.FunctionDef) and function.name == name
    ]
    assert segment.count(old) == 1, f"{old!r} occurs {segment.count(old)} times in {method}"
    assert source.count(segment) == 1
    return source.replace(segment, segment.replace(old, new))


@pytest.fixture
def compiled(monkeypatch):
    """A function that compiles a cell with one mutation, or with none."""

    def compile_cell(kind, method=None, old=None, new=None):
        stem = kind.__module__.rpartition(".")[2]
        monkeypatch.setitem(sys.modules, "mutant", ModuleType("mutant"))
        monkeypatch.setitem(sys.modules, "mutant.ops", ops)
        for part, owner in (("cell", "Cell"), (stem, kind.__name__)):
            path = Path(rnn_edu.__file__).with_name(f"{part}.py")
            source = path.read_text(encoding="utf-8")
            if method is not None and (method.rpartition(".")[0] or kind.__name__) == owner:
                source = mutate(source, f"{owner}.{method.rpartition('.')[2]}", old, new)
            module = ModuleType(f"mutant.{part}")
            module.__package__ = "mutant"
            monkeypatch.setitem(sys.modules, module.__name__, module)
            exec(compile(source, f"mutant/{path.name}", "exec"), module.__dict__)
        return getattr(module, kind.__name__)

    return compile_cell


def by_sweep(case):
    """As in `reference`, without `unroll`: to it a mutant is no cell."""
    h, state, caches = case.cell.sweep(case.x, case.state)
    return Result(h, state, *case.cell.sweep_backward(case.dh, case.dstate, caches))


def parity(case):
    """Both routes against torch, values and all gradients."""
    for route in (by_sweep, by_steps):
        assert_same(route(case), by_torch(case), 1e-10)


def sweep_equals_steps(case):
    """Values, gradients and what is kept for them."""
    assert_same(by_sweep(case), by_steps(case), 1e-13)


def finite_differences(case):
    """The gradients of each route against that route's own loss."""

    def loss(cell, route):
        h, state, *_ = route(case._replace(cell=cell))
        pairs = zip((h, *state), (case.dh, *case.dstate), strict=True)
        return sum((a * d).sum() for a, d in pairs)

    for route in (by_sweep, by_steps):
        check_grads(lambda cell, route=route: loss(cell, route), case.cell, route(case).grads)


CHECKS = (parity, sweep_equals_steps, finite_differences)


def caught_by(kind):
    """The names of the checks that a cell fails."""
    for check in CHECKS:
        try:
            check(make_case(kind, **SHAPE))
        except AssertionError:
            yield check.__name__


@pytest.mark.parametrize("kind", CELLS)
def test_the_unchanged_source_passes_every_check(kind, compiled):
    cell = compiled(kind)
    assert cell is not kind
    assert list(caught_by(cell)) == []


@pytest.mark.parametrize(("kind", "method", "old", "new"), MUTANTS)
def test_a_mutant_is_caught(kind, method, old, new, compiled):
    """By the first check that fails; an error of another kind is not a catch."""
    assert next(caught_by(compiled(kind, method, old, new)), None)


def test_a_row_that_no_longer_fits_the_source_fails(compiled):
    with pytest.raises(AssertionError, match="occurs 0 times"):
        compiled(CELLS[0], "step", "np.cosh(", "np.sin(")
    with pytest.raises(AssertionError, match=r"occurs [2-9] times"):
        compiled(CELLS[0], "step", "h_prev", "h")
