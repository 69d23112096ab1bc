"""The sampler as a reader: typing, writing under each rule, and what is drawn of a choice."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.decode import min_p, probabilities, temperature, top_k, top_p
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets import Sampler
from rnn_edu.widgets.base import flatten

from .hands import field, frame, press

pytestmark = pytest.mark.browser

ABC = "\n abcdef"
V = len(ABC)
TEXT = "bad cafe\nfed"
NONE = {"temperature": 1, "top_k": V, "top_p": 1, "min_p": 0}


def network(cell=GRUCell, H=6) -> Network:
    rng = np.random.default_rng(4)
    c = cell.init(V, H, rng)
    rounded = [(4 * a).astype(np.float16).astype(float) for a in vars(c).values()]
    W_hy, b_y = (rng.normal(size=s).astype(np.float16).astype(float) for s in ((H, V), (V,)))
    return Network(type(c)(*rounded), 2 * W_hy, b_y)


def logits(text: str, model: Network) -> np.ndarray:
    """After 0, 1, ... letters: (T+1, V)."""
    x = np.eye(V)[[ABC.index(letter) for letter in text]][:, None]
    h = unroll(model.cell, x)[0][:, 0] if text else np.zeros((0, model.cell.H))
    return np.vstack([np.zeros(model.cell.H), h]) @ model.W_hy + model.b_y


def left(y: np.ndarray, rule: dict[str, float]) -> np.ndarray:
    """What decode.py leaves of logits (V,)."""
    rules = [temperature(rule["temperature"]), top_k(rule["top_k"]), top_p(rule["top_p"])]
    rules += [min_p(rule["min_p"])] if rule["min_p"] else []
    return probabilities(y[None], *rules)[0]


def sampler(text=TEXT, model=None, **options) -> Sampler:
    return Sampler(model or network(), alphabet=ABC, text=text, title="a sampler", **options)


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(sampler()))


def shows(view: Frame, text: str, rule=NONE, t: int | None = None, model=None) -> None:
    """Field, bars, heading and surprise agree with NumPy on the text and the rule."""
    expect(field(view)).to_have_value(text)
    t = len(text) if t is None else t
    y = logits(text, model or network())
    own, p = softmax(y[t]), left(y[t], rule)
    order = np.argsort(-own, kind="stable")
    seen = {"\n": "\u23ce", " ": "\u2423"}
    rows = [f"{seen.get(ABC[v], ABC[v])}{f'{p[v]:.2f}' if p[v] else 'cut'}" for v in order]
    expect(view.locator("li:not([hidden])")).to_have_text(rows)
    expect(view.locator(".heading")).to_have_text(f"after {t} letters: {(p > 0).sum()} of {V} left")
    widths = "rows => rows.map((e) => parseFloat(e.style.width) / 100)"
    for part, q in (("i", p), ("u", own)):
        drawn = view.locator(f"li:not([hidden]) {part}").evaluate_all(widths)
        assert np.allclose(drawn, q[order], atol=1e-4)


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_each_cell_answers_as_numpy_does(static_page, cell):
    model = network(cell)
    shows(frame(static_page(sampler("fade", model))), "fade", model=model)


def test_the_rules_are_those_of_decode(browser):
    page = browser.new_page()
    source = base64.b64encode(flatten("decode.js").encode()).decode()
    page.evaluate(
        "async (s) => { window.js = await import(`data:text/javascript;base64,${s}`); }", source
    )
    rng = np.random.default_rng(0)
    for _ in range(60):
        size = int(rng.integers(1, 30))
        y = rng.normal(0, 3, size).round(1)  # with ties
        rule = {
            "temperature": rng.choice([1, rng.uniform(0.1, 2)]),
            "top_k": int(rng.choice([size, rng.integers(1, size + 1)])),
            "top_p": rng.choice([1, rng.uniform(0.01, 1)]),
            "min_p": rng.choice([0, rng.uniform(0.01, 1)]),
        }
        got = page.evaluate(
            "([y, rule]) => [...js.probabilities(Float64Array.from(y), rule)]",
            [y.tolist(), {k: float(v) for k, v in rule.items()}],
        )
        assert np.allclose(got, left(y, rule), atol=1e-12)
    p = rng.dirichlet(np.ones(9))
    assert page.evaluate("(p) => js.entropy(p)", p.tolist()) == pytest.approx(-(p @ np.log2(p)))
    assert page.evaluate("() => js.entropy([1, 0])") == 0
    halves = np.array([0, 1, -2.5, 65504, 6e-8, -1e-5, 0.1], "<f2")
    got = page.evaluate("(b) => [...js.float16(Uint8Array.from(b))]", list(halves.tobytes()))
    assert np.array_equal(np.array(got), halves.astype(float))
    page.close()


def test_typing_is_answered_and_the_rest_left_out_politely(view):
    shows(view, TEXT)
    field(view).fill("fad")
    shows(view, "fad")
    field(view).fill("fÅd!")
    shows(view, "fad")
    expect(view.locator(".note")).to_contain_text("Left out: “\u2068!\u2069”")
    field(view).fill("a" * 401)
    expect(view.locator(".note")).to_have_text("Cut after 400 letters.")
    field(view).fill("")
    shows(view, "")


PRESETS = {
    "greedy": {"top_k": 1},
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1.5": {"temperature": 1.5},
    "top-k 5": {"top_k": 5},
    "top-p 0.9": {"top_p": 0.9},
    "min-p 0.1": {"min_p": 0.1},
    "the network itself": {},
}


def test_each_rule_cuts_what_decode_cuts(view):
    for name, rule in PRESETS.items():
        view.get_by_role("combobox", name="rule").select_option(name)
        shows(view, TEXT, NONE | rule)


def test_knobs_by_key_make_a_mix(view):
    knob = view.get_by_role("slider", name="top-k")
    knob.focus()
    knob.press("ArrowLeft")
    shows(view, TEXT, NONE | {"top_k": V - 1})
    mixed = view.get_by_role("combobox", name="rule")
    expect(mixed.locator("option:checked")).to_have_text("your own mix")
    view.get_by_role("slider", name="min-p").fill("0.3")
    view.get_by_role("slider", name="temperature").fill("0.7")
    view.get_by_role("slider", name="top-p").fill("0.8")
    shows(view, TEXT, {"temperature": 0.7, "top_k": V - 1, "top_p": 0.8, "min_p": 0.3})


def test_one_letter_is_the_one_that_u_falls_on(view):
    text = TEXT
    for k in range(3):
        strip = view.locator(".strip")
        u = float(strip.get_attribute("aria-label").split("u = ")[1].split(" ")[0])
        sums = left(logits(text, network())[-1], NONE).cumsum()
        text += ABC[int(np.searchsorted(sums, u, side="right"))]
        press(view, "One letter")
        shows(view, text)
        expect(view.locator(".letter.written")).to_have_count(k + 1)
    press(view, "As typed")
    shows(view, TEXT)


def test_a_seed_writes_one_text_and_greedy_needs_none(view):
    def written() -> str:
        for _ in range(12):
            press(view, "One letter")
        return field(view).input_value()

    first = written()
    press(view, "As typed")
    assert written() == first
    press(view, "Roll")
    shows(view, TEXT)
    assert view.get_by_role("spinbutton", name="seed").input_value() != "0"
    view.get_by_role("spinbutton", name="seed").fill("77")
    other = written()
    assert other != first
    press(view, "As typed")
    view.get_by_role("combobox", name="rule").select_option("greedy")
    greedy = TEXT
    for _ in range(12):
        y = logits(greedy, network())[-1]
        greedy += ABC[int(y.argmax())]
    assert written() == greedy


def test_it_writes_on_and_stops(view):
    press(view, "Write on")
    expect(view.locator(".letter.written")).not_to_have_count(0)
    press(view, "Stop")
    text = field(view).input_value()
    view.page.wait_for_timeout(200)
    shows(view, text)


def test_a_full_sheet_says_so(static_page):
    view = frame(static_page(sampler("a" * 399), reduced_motion="reduce"))
    press(view, "Write on")
    expect(view.locator(".letter")).to_have_count(400)
    press(view, "One letter")
    expect(view.locator(".note")).to_have_text("Full: 400 letters.")


def test_the_chart_is_read_by_mouse_and_keys(view):
    score = view.get_by_role("slider", name="letters read")
    score.focus()
    for key, t in (("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", 12)):
        score.press(key)
        shows(view, TEXT, t=t)
        expect(score).to_have_attribute("aria-valuenow", str(t))
    box = score.bounding_box()
    column = min(14, (box["width"] - 22) / 40)
    view.page.mouse.click(box["x"] + 22 + 4.5 * column, box["y"] + 60)
    shows(view, TEXT, t=4)
    came = softmax(logits(TEXT, network())[4])[ABC.index(TEXT[4])]
    words = f"what came: “\u2068{TEXT[4]}\u2069”, {-np.log2(came):.2f} bits"
    assert words in score.get_attribute("aria-valuetext")
    press(view, "One letter")
    expect(field(view)).not_to_have_value(TEXT)
    assert field(view).input_value().startswith(TEXT)


def test_the_sums_are_bits_a_letter(view):
    p = softmax(logits(TEXT, network())[:-1])
    came = p[np.arange(len(TEXT)), [ABC.index(c) for c in TEXT]]
    surprise, entropy = -np.log2(came).mean(), -(p * np.log2(p)).sum(axis=1).mean()
    expect(view.locator(".sums")).to_have_text(
        f"typed: {surprise:.2f} bits a letter, expected {entropy:.2f}. "
        "Written, 0 letters: none yet."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(static_page, axe, scheme):
    view = frame(static_page(sampler(top_k=2), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    press(view, "One letter")
    assert axe(view) == ""


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_is_cut_off(static_page, overflow, width):
    view = frame(static_page(sampler("bad cafe " * 30), width=width, height=1100))
    shows(view, "bad cafe " * 30)
    assert overflow(view) == [0, 0]
    same = """() => { const [a, b] = ["pre", "textarea"].map((s) => document.querySelector(s));
      return [a.clientWidth - b.clientWidth, a.scrollHeight - b.scrollHeight]; }"""
    assert view.evaluate(same) == [0, 0]  # each letter stands on its own colour


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Sampler
rng = np.random.default_rng(0)
net = Network.init(RNNCell.init(3, 4, rng), 3, rng)
w = Sampler(net, alphabet="abc", text="cab")"""
    page = in_lab(lab.write("sampler.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("combobox", name="rule").select_option("greedy")
    view.get_by_role("button", name="One letter").click()
    lab.hears(page, "w.top_k, w.typed, len(w.text), w.t", "1 cab 4 4")
    lab.ask(page, "w.text = 'cccba'; w.t = 2; w.top_k = 2")
    expect(view.locator(".letter")).to_have_text(list("cccba"))
    expect(view.get_by_role("slider", name="letters read")).to_have_attribute("aria-valuenow", "2")
    assert "text must use the letters 'abc'" in lab.ask(page, "w.text = 'cd'")
