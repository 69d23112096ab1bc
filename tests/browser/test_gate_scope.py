"""The gate scope in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from rnn_edu import GRUCell, LSTMCell, record
from rnn_edu.widgets.gate_scope import GateScope

from .hands import HOSTILE, inside

pytestmark = pytest.mark.browser

LEFT, PAD = 24, 6  # CSS pixels, as in gate_scope.js


def make_trace(kind="lstm", T=9, tokens=None, title="a run"):
    """A run of three units whose gates open and close."""
    rng = np.random.default_rng(0)
    cell = (LSTMCell if kind == "lstm" else GRUCell).init(2, 3, rng)
    state = tuple(rng.normal(size=(1, 3)) for _ in cell.state_names)
    return record(cell, 3 * rng.normal(size=(T, 1, 2)), state, tokens=tokens, title=title)


def strip(frame, name: str) -> Locator:
    return frame.get_by_role("slider", name=f"{name} at step t: ")


def place(node: Locator, t: float, v: float, lo: float = 0, T: int = 24) -> dict[str, float]:
    """Where a strip or picture of lo..1 has the middle of step t and the value v."""
    width, height = node.evaluate("(e) => [e.clientWidth, e.clientHeight]")
    share = (1 - v) / (1 - lo)
    return {"x": LEFT + (t + 0.5) * (width - LEFT) / T, "y": PAD + share * (height - 2 * PAD)}


def value(node: Locator, t: int, v: str) -> None:
    expect(node).to_have_attribute("aria-valuetext", f"{v} at t = {t}")


def terms(frame) -> list[str]:
    """The numbers beside the cell: its value, kept, written, forgotten, and the product."""
    frame.locator(":root").evaluate(  # figures paint in the next frame
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    values = frame.locator(".about:has(.term) .value, .term b, .product > b").all_inner_texts()
    return [v.replace("\u2212", "-") for v in values]


def colour(node: Locator, at: dict[str, float]) -> tuple[int, ...]:
    return tuple(
        node.evaluate(
            """(e, { x, y }) => new Promise((done) => requestAnimationFrame(() => {
              const at = (v) => Math.round(v * devicePixelRatio);
              done([...e.getContext("2d").getImageData(at(x), at(y), 1, 1).data].slice(0, 3));
            }))""",
            at,
        )
    )


# --- the arithmetic ------------------------------------------------------------------------------

_RUN = """async ([source, kind, curves, state]) => {
  const { remains, run } = await import(`data:text/javascript;base64,${source}`);
  const steps = run[kind](curves, state);
  const table = steps.map(({ kept, written, state, h }) => [kept, written, state, h]);
  return [table, steps.map((_, s) => steps.map((_, t) => remains(steps, s, t)))];
}"""


def _logit(p):
    """Also of 0 and 1: where the sigmoid is 0 and 1 in float64."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p) - np.log1p(-p), -50, 50)


def _in_javascript(page, kind, curves, state):
    source = base64.b64encode(GateScope._esm.encode()).decode()
    lists = {name: np.asarray(v).tolist() for name, v in curves.items()}
    return [np.array(a) for a in page.evaluate(_RUN, [source, kind, lists, float(state)])]


@pytest.mark.parametrize("T", [1, 7, 60])
def test_javascript_is_an_lstm_with_those_gates(new_page, T):
    rng = np.random.default_rng(T)
    i, f, o = np.round(rng.uniform(-0.2, 1.2, (3, T)).clip(0, 1), 2)
    g, c = rng.uniform(-0.95, 0.95, T), 0.7
    x = np.stack([_logit(i), _logit(f), np.arctanh(g), _logit(o)], axis=1)  # (T, 4)
    cell = LSTMCell(np.eye(4), np.zeros((1, 4)), np.zeros(4))
    state = (np.zeros((1, 1)), np.full((1, 1), c))
    table, products = _in_javascript(new_page(), "lstm", {"g": g, "i": i, "f": f, "o": o}, c)
    for t in range(T):
        before = state[1].item()
        state, _ = cell.step(x[t : t + 1], state)
        h_t, c_t = (a.item() for a in state)
        assert table[t] == pytest.approx([f[t] * before, i[t] * g[t], c_t, h_t], abs=1e-9)
        for s in range(T):  # dc_t/dc_s
            expected = 0 if s > t else np.prod(f[s + 1 : t + 1])
            assert products[s, t] == pytest.approx(expected, abs=1e-12)


def test_the_product_of_forget_gates_is_the_derivative(new_page):
    curves = GateScope(curves={"f": np.linspace(0.5, 1, 24)}).curves
    page = new_page()
    (low, products), (high, _) = (_in_javascript(page, "lstm", curves, c) for c in (0.0, 1.0))
    np.testing.assert_allclose((high - low)[1:, 2] / (high - low)[0, 2], products[0, 1:], atol=1e-9)


@pytest.mark.parametrize("T", [1, 7, 60])
def test_javascript_is_a_gru_with_those_gates(new_page, T):
    rng = np.random.default_rng(T)
    r, z = np.round(rng.uniform(-0.2, 1.2, (2, T)).clip(0, 1), 2)
    a, h = rng.uniform(-2, 2, T), -0.4
    cell = GRUCell(np.eye(3), np.array([[0.0, 0.0, 1.0]]), np.zeros(3), np.zeros(1))
    x = np.stack([_logit(r), _logit(z), a], axis=1)
    state, page, n = (np.full((1, 1), h),), new_page(), []
    table, _ = _in_javascript(page, "gru", {"x": a, "r": r, "z": z}, h)
    for t in range(T):
        before = state[0].item()
        state, cache = cell.step(x[t : t + 1], state)
        n.append(cache.n.item())
        h_t = state[0].item()
        assert table[t] == pytest.approx([z[t] * before, (1 - z[t]) * n[t], h_t, h_t], abs=1e-9)
    recorded, _ = _in_javascript(page, "gru", {"n": n, "r": r, "z": z}, h)
    np.testing.assert_allclose(recorded, table, atol=1e-12)


# --- what is drawn -------------------------------------------------------------------------------


def test_the_picture_stacks_what_is_kept_and_what_is_written(static_page):
    frame = inside(static_page(GateScope(t=5)))
    cell = frame.locator("canvas.cell")
    shade = {t: colour(cell, place(cell, t, 0.5, lo=-1)) for t in (1, 2, 10, 17, 18)}
    assert shade[1] == shade[18] == (0, 0, 0)  # nothing: transparent
    assert sum(shade[2]) < sum(shade[10])  # written is strong, kept is pale, both of one hue
    assert all(red > blue for red, _, blue in (shade[2], shade[10]))
    assert shade[17] != shade[18]
    assert max(shade[17]) - min(shade[17]) < 20  # forgotten is grey
    red, _, blue = colour(cell, place(cell, 22, -0.3, lo=-1))
    assert blue > red  # a negative cell


def test_numbers_beside_the_picture_are_those_of_the_step(static_page):
    frame = inside(static_page(GateScope(t=17, curves={"f": [0.5] * 24})))
    assert terms(frame) == ["0.00", "0.00", "0.00", "0.00", "0.0000305"]  # 0.5 ** 15
    frame.get_by_label("time step t").press("Home")
    for _ in range(3):
        frame.get_by_label("time step t").press("ArrowRight")
    assert terms(frame) == ["0.50", "0.50", "0.00", "0.50", "0.5"]
    product = frame.locator(".product")
    expect(product).to_have_text("\u2202c3/\u2202c2 = f3 = 0.5")
    frame.get_by_label("mark: step s").press("Home")
    expect(product).to_have_text("\u2202c3/\u2202c0 = f1 \u22ef f3 = 0.125")
    frame.get_by_label("mark: step s").press("ArrowRight")
    expect(product).to_have_text("\u2202c3/\u2202c1 = f2 \u00b7 f3 = 0.25")
    frame.get_by_label("mark: step s").press("End")
    expect(product).to_have_text("\u2202c3/\u2202c23 = 0")
    expect(frame.locator(".caption")).to_have_text(
        "t = 3: keeps 0.50 of 1.00, writes 0.00, c = 0.50, shows h = 0.00"
    )


# --- drawing -------------------------------------------------------------------------------------


def test_a_stroke_of_the_mouse_draws_a_gate(static_page):
    page = static_page(GateScope())
    frame = inside(page)
    f, caption = strip(frame, "f"), frame.locator(".caption")
    f.click(position=place(f, 10, 0.5))
    value(f, 10, "0.50")
    expect(caption).to_contain_text("t = 10: keeps 0.50 of 1.00, writes 0.00, c = 0.50")
    box, start, end = f.bounding_box(), place(f, 4, 0.5), place(f, 8, 0.5)
    page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + start["x"], box["y"] + place(f, 4, 0.2)["y"])  # straight up
    value(f, 4, "0.20")
    page.mouse.move(box["x"] + end["x"], box["y"] - 20)  # one leap, and beyond the top
    page.mouse.up()
    value(f, 8, "1.00")
    for t in (7, 6, 5, 4):
        f.press("ArrowLeft")
        value(f, t, "1.00")
    page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    value(f, 4, "1.00")  # the button is up
    expect(frame.get_by_role("combobox", name="example")).to_have_value("by hand")


def test_arrow_keys_draw_at_the_cursor(static_page):
    frame = inside(static_page(GateScope(t=3)))
    f, g = strip(frame, "f"), strip(frame, "g")
    f.press("ArrowUp")
    value(f, 3, "1.00")
    for key, v in [("ArrowDown", "0.95"), ("ArrowDown", "0.90"), ("PageDown", "0.00")]:
        f.press(key)
        value(f, 3, v)
    expect(f).to_have_attribute("aria-valuenow", "0")
    expect(frame.locator(".caption")).to_contain_text("keeps 0.00 of 1.00")
    f.press("PageUp")
    value(f, 3, "1.00")
    f.press("ArrowRight")
    value(f, 4, "1.00")
    g.press("ArrowDown")
    value(g, 4, "\u22120.05")
    expect(frame.get_by_label("time step t")).to_have_value("4")


def test_a_slider_sets_a_gate_at_all_steps(static_page):
    page = static_page(GateScope())
    frame = inside(page)
    everywhere, f = frame.get_by_label("f at all steps"), strip(frame, "f")
    everywhere.fill("0.5")
    for key, t in (("Home", 0), ("End", 23)):
        f.press(key)
        value(f, t, "0.50")
    everywhere.press("ArrowRight")
    value(f, 23, "0.55")
    box = everywhere.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    value(f, 23, "1.00")


def test_touch_draws_and_lets_the_page_scroll(static_page):
    page = static_page(GateScope(), width=375, has_touch=True)
    frame = inside(page)
    f = strip(frame, "f")
    f.tap(position=place(f, 10, 0.5))
    value(f, 10, "0.50")
    assert f.evaluate("(e) => getComputedStyle(e).touchAction") == "pan-y"


def test_cells_and_examples(static_page):
    frame = inside(static_page(GateScope(t=3)))
    kind, example = (
        frame.get_by_role("combobox", name="cell"),
        frame.get_by_role("combobox", name="example"),
    )
    expect(example).to_have_value("hold and clear")
    strip(frame, "f").press("ArrowDown")
    expect(example).to_have_value("by hand")
    example.select_option("leak")
    value(strip(frame, "f"), 3, "0.80")
    assert terms(frame) == ["0.80", "0.80", "0.00", "0.20", "0.8"]
    example.select_option("count")
    frame.get_by_label("time step t").press("End")
    expect(frame.locator(".caption")).to_contain_text("c = 5.00, shows h = 1.00")
    kind.select_option("GRU")
    expect(strip(frame, "f")).to_have_count(0)
    expect(example).to_have_value("hold and replace")
    example.select_option("no gates: plain RNN")
    value(strip(frame, "r"), 23, "1.00")
    expect(frame.locator(".product")).to_have_text("of h2 in h23 = z3 \u22ef z23 = 0")
    x, n = strip(frame, "x"), frame.locator(".about", has_text="candidate = ")
    frame.get_by_label("x at all steps").fill("0")
    x.press("Home")
    x.press("PageUp")
    value(x, 0, "2.00")
    expect(n).to_contain_text("tanh(2.00 + 1.00 \u00d7 0.00)")
    expect(n.locator("b").last).to_have_text("0.96")
    x.press("ArrowRight")
    expect(n).to_contain_text("tanh(0.00 + 1.00 \u00d7 0.96)")
    kind.select_option("LSTM")
    expect(example).to_have_value("count")  # each cell keeps its own curves


def test_keys_move_time_and_screen_readers_hear_it(static_page):
    frame = inside(static_page(GateScope(t=3)))
    live = frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    strip(frame, "i").press("ArrowRight")
    expect(live).to_contain_text("t = 4: keeps 1.00 of 1.00")
    frame.get_by_label("mark: step s").press("ArrowRight")
    expect(live).to_contain_text("of c at step 3, 1 is left")


# --- a recorded run ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_trace_is_shown_as_it_was_recorded(static_page, kind):
    trace = make_trace(kind)
    frame = inside(static_page(GateScope(trace, t=0)))
    state = "c" if kind == "lstm" else "h"
    for unit in (0, 2):
        frame.get_by_role("combobox", name="unit").select_option(str(unit))
        for t in (0, 8):
            frame.get_by_label("time step t").press("Home" if t == 0 else "End")
            expected = f"{trace[state][t, 0, unit]:z.2f}"
            assert terms(frame)[0] == expected
            rows = frame.locator(".about > output")
            shown = [text.replace("\u2212", "-") for text in rows.all_inner_texts()]
            names = "gifo" if kind == "lstm" else "nrz"
            assert shown == [f"{trace[name][t, 0, unit]:z.2f}" for name in names]
    expect(frame.locator("canvas[tabindex]")).to_have_count(0)  # nothing to draw on
    expect(frame.get_by_label("at all steps")).to_have_count(0)


def test_a_press_on_a_recorded_strip_moves_time(static_page):
    page = static_page(GateScope(make_trace(), t=0))
    frame = inside(page)
    slider = frame.get_by_label("time step t")
    for name in (".strip >> nth=0", ".cell", ".result"):
        node = frame.locator(f"canvas{name}")
        node.click(position=place(node, 4, 0.5, T=9))
        expect(slider).to_have_value("4")
        box, start, end = node.bounding_box(), place(node, 4, 0.5, T=9), place(node, 7, 0.5, T=9)
        page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
        page.mouse.down()
        page.mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=3)
        page.mouse.up()
        expect(slider).to_have_value("7")


# --- whom it serves, and edges -------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme, width):
    hostile = make_trace(tokens=[HOSTILE, *"bcdefgh", "שלום"], title=HOSTILE)
    figures = [GateScope(), GateScope(kind="gru"), GateScope(hostile, t=0), GateScope(T=1)]
    page = static_page(*figures, width=width, color_scheme=scheme)
    for k in range(len(figures)):
        shown = page.frames[k + 1]
        assert axe(shown) == ""
        assert overflow(shown) == [0, 0]
    frame = inside(page, 2)
    expect(frame.locator(".title")).to_have_text(HOSTILE)
    expect(frame.locator(".caption")).to_contain_text(HOSTILE)
    expect(frame.locator("img")).to_have_count(0)


def test_one_step_and_five_thousand(static_page):
    long = make_trace(T=5000)
    page = static_page(GateScope(T=1), GateScope(long, unit=1))
    one = inside(page)
    strip(one, "f").press("ArrowRight")
    strip(one, "f").press("Space")
    strip(one, "g").press("PageDown")
    value(strip(one, "g"), 0, "\u22121.00")
    many = inside(page, 1)
    expect(many.get_by_label("time step t")).to_have_value("4999")
    assert terms(many)[0] == f"{long['c'][-1, 0, 1]:z.2f}"
    many.get_by_label("time step t").press("Home")
    expect(many.locator(".caption")).to_contain_text(re.compile("^t = 0, .*1.*: keeps 0.96 of"))


def test_live_it_talks_to_python(lab, in_lab):
    lines = [
        "from rnn_edu.widgets.gate_scope import GateScope",
        "scope = GateScope(t=3)",
        "scope",
    ]
    page = in_lab(lab.write("gate_scope.ipynb", ["\n".join(lines)]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    f = strip(root, "f")
    f.press("ArrowDown")
    f.press("ArrowRight")
    root.get_by_label("mark: step s").press("Home")
    value(f, 4, "1.00")
    names = "scope.curves['f'][3:5], scope.t, scope.mark, scope.words.split('; ')[-2]"
    left = "of it, 0.00 is left at t = 23, the product of f"
    lab.hears(page, names, f"[0.95, 1.0] 4 0 {left}")
    lab.ask(page, "scope.curves = {**scope.curves, 'f': [0.5] * 24}; scope.t = 6")
    value(f, 6, "0.50")
    lab.ask(page, "scope.kind = 'gru'; scope.mark = 5")
    expect(root.locator(".product")).to_have_text("of h5 in h6 = z6 = 1")
