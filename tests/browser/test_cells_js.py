"""The cells in JavaScript against NumPy, on random and on trained weights; folding and sampling."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.data import ALPHABET, encode_names, load_names
from rnn_edu.data.names import fold
from rnn_edu.ops import softmax
from rnn_edu.optim import Adam
from rnn_edu.topologies import Network
from rnn_edu.train import Minibatches, fit
from rnn_edu.widgets.base import STATIC

pytestmark = pytest.mark.browser

CELLS = (RNNCell, GRUCell, LSTMCell)
TOLERANCE = 1e-5  # weights travel as float32

# x is [cell, names and float32 bytes of its arrays, ...]; `weights` turns the second into arrays.
_SETUP = """async (source) => {
  window.js = await import(`data:text/javascript;base64,${source}`);
  window.weights = (packed) => Object.fromEntries(packed.map(([name, bytes]) => [
    name, new Float32Array(Uint8Array.from(atob(bytes), (c) => c.charCodeAt()).buffer)]));
}"""

_RUN = """([cell, packed, x, state]) => {
  const arrays = weights(packed), states = [];
  for (const x_t of x) states.push(state = js.STEP[cell](arrays, x_t, state));
  return states.map((arrays) => arrays.map((a) => [...a]));
}"""

_READ = """([cell, packed, alphabet, names]) => {
  const net = js.network(cell, weights(packed), [...alphabet]), read = net.reader();
  return names.map((name) => [...js.softmax(net.logits(read([...name]).at(-1)))]);
}"""


@pytest.fixture(scope="module")
def js(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Calls a JavaScript function that knows `js`, the module cells.js, and `weights`."""
    page = browser.new_page()
    page.evaluate(_SETUP, base64.b64encode((STATIC / "cells.js").read_bytes()).decode())
    yield page.evaluate
    page.close()


def packed(*holders: Any, **arrays: np.ndarray) -> list[list[str]]:
    for holder in holders:
        arrays |= {f.name: getattr(holder, f.name) for f in fields(holder)}
    return [
        [name, base64.b64encode(np.ascontiguousarray(a, "<f4").tobytes()).decode()]
        for name, a in arrays.items()
    ]


def kind(cell: type) -> str:
    return cell.__name__.removesuffix("Cell")


@pytest.mark.parametrize("cell", CELLS)
def test_random_cells_run_alike(js, cell):
    rng = np.random.default_rng(1)
    for T, D, H in ((1, 1, 1), (9, 5, 7), (30, 26, 64), (200, 3, 32)):
        c = cell.init(D, H, rng)
        x, state = rng.normal(size=(T, 1, D)), tuple(rng.normal(size=(1, H)) for _ in c.state_names)
        got = js(_RUN, [kind(cell), packed(c), x[:, 0].tolist(), [s[0].tolist() for s in state]])
        h, last, _ = unroll(c, x, state)
        assert np.abs(np.array([s[0] for s in got]) - h[:, 0]).max() < TOLERANCE
        for mine, theirs in zip(last, got[-1], strict=True):
            assert np.abs(mine[0] - theirs).max() < TOLERANCE


@pytest.mark.parametrize("cell", CELLS)
def test_trained_readers_answer_alike(js, cell):
    names, rng = load_names(), np.random.default_rng(0)
    x, lengths = encode_names(names.train.names[:2000])
    model = Network.init(cell.init(26, 32, rng), 12, rng)
    batches = Minibatches(x, names.train.labels[:2000], lengths, size=20, epochs=3)
    model, history = fit(model, batches, Adam(lr=0.01))
    assert history.loss[-20:].mean() < 0.75 * history.loss[0]
    some = names.test.names[:200]
    x, lengths = encode_names(some)
    expected = softmax(model.forward(x, lengths)[0])
    arrays = packed(model.cell, W_hy=model.W_hy, b_y=model.b_y)
    got = js(_READ, [kind(cell), arrays, ALPHABET, list(some)])
    assert np.abs(np.array(got) - expected).max() < TOLERANCE


def test_states_are_kept_for_the_same_beginning_alone(js):
    rng = np.random.default_rng(2)
    c = LSTMCell.init(3, 4, rng)
    readout = {"W_hy": rng.normal(size=(4, 2)), "b_y": rng.normal(size=2)}
    texts = ["", "a", "abc", "ab", "abca", "bbca", "abcab", "abcab"]
    one_by_one = [js(_READ, ["LSTM", packed(c, **readout), "abc", [text]])[0] for text in texts]
    assert js(_READ, ["LSTM", packed(c, **readout), "abc", texts]) == one_by_one


def test_counts_are_a_linear_layer_on_counts(js):
    rng = np.random.default_rng(3)
    c, W, b = RNNCell.init(3, 4, rng), rng.normal(size=(3, 2)), rng.normal(size=2)
    arrays = packed(c, W_hy=np.ones((4, 2)), b_y=np.ones(2), W_counts=W, b_counts=b)
    counts = "([cell, packed]) => js.network(cell, weights(packed), [...'abc']).counts"
    got = js(f"(x) => [...({counts})(x)([...'cabacc'])]", ["RNN", arrays])
    assert np.abs(got - softmax(np.array([2, 1, 3]) @ W + b)).max() < TOLERANCE
    without = [[name, a] for name, a in arrays if "counts" not in name]
    assert js(counts, ["RNN", without]) is None


def test_temperature_divides_the_logits(js):
    y = np.array([2.0, -1.0, 0.5, 900.0, 899.0])
    for temperature in (0.1, 1, 2):
        got = js("([y, t]) => [...js.softmax(Float64Array.from(y), t)]", [y.tolist(), temperature])
        assert np.allclose(got, softmax(y / temperature), atol=1e-12)


def test_draws_follow_the_probabilities(js):
    p = [0.5, 0.0, 0.3, 0.2]
    drawn = js("(p) => Array.from({ length: 20000 }, (_, k) => js.draw(p, js.uniform(5, k)))", p)
    shares = np.bincount(drawn, minlength=4) / len(drawn)
    assert np.abs(shares - p).max() < 0.01
    assert shares[1] == 0
    assert js("() => js.draw([0.25, 0.25, 0.5], 0.25)") == 1
    assert js("() => js.draw([0.5, 0.5], 0.9999999)") == 1
    assert js("() => js.draw([0.3, 0.3], 0.9)") == 1  # whatever rounding left of the sum


def test_a_seed_has_one_series_of_numbers(js):
    series = "(seed) => Array.from({ length: 1000 }, (_, k) => js.uniform(seed, k))"
    first, again, other = (np.array(js(series, seed)) for seed in (0, 0, 1))
    assert (first == again).all()
    assert first.min() >= 0
    assert first.max() < 1
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.1


def test_accents_are_folded_as_in_python(js):
    latin = [chr(k) for k in range(0x20, 0x250)] + [chr(k) for k in range(0x1E00, 0x1F00)]
    latin += ["\u0301", "ﬁ", "İ", "Ω", "ж", "1", "😀"]
    found = js("([all, a]) => all.map((c) => js.readable(c, [...a]))", [latin, ALPHABET])
    for c, got in zip(latin, found, strict=True):
        folded = fold(c)
        known = set(folded) <= set(ALPHABET)
        expected = {"letters": list(folded), "refused": []}
        nfc = unicodedata.normalize("NFC", c)
        assert got == (expected if known else {"letters": [], "refused": list(nfc)}), c


def test_letters_of_the_alphabet_stay_as_they_are(js):
    read = "([text, a]) => js.readable(text, [...a])"
    assert js(read, ["Öl ÖL", "Ölo "])["letters"] == ["Ö", "l", " ", "Ö", "l"]
    assert js(read, ["O\u0308", "Ö"])["letters"] == ["Ö"]
    assert js(read, ["שa", "של"]) == {"letters": ["ש"], "refused": ["a"]}
