"""The gradient flow in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from rnn_edu.widgets.gradient_flow import GradientFlow, flow

from .hands import HOSTILE, inside

pytestmark = pytest.mark.browser

LEFT, STRIP, AXIS, LEDGER, DECADES = 34, 22, 22, 92, 9  # as in gradient_flow.js


def tuner(frame, name: str) -> Locator:
    return frame.get_by_label(name, exact=True).and_(frame.locator("input"))


def level(stage: Locator, k: float) -> float:
    """Where the stage has 10^k, in pixels from its top."""
    height = stage.evaluate("(e) => e.clientHeight")
    top, bottom = STRIP, height - LEDGER - STRIP - AXIS
    return top + (DECADES - k) / (2 * DECADES) * (bottom - top)


def line(stage: Locator, steps: list[int], T: int, blue: bool) -> np.ndarray:
    """log10 of the sizes that the black line shows, or the blue one of clipping; NaN in a gap."""
    width = stage.evaluate("(e) => e.clientWidth")
    columns = stage.evaluate(
        """(e, [xs, blue]) => new Promise((done) => requestAnimationFrame(() => {
          const ratio = devicePixelRatio, g = e.getContext("2d", { willReadFrequently: true });
          done(xs.map((x) => {
            const { data } = g.getImageData(Math.round(x * ratio), 0, 1, e.height), found = [];
            for (let y = 0; y < e.height; y++) {
              const [r, , b, a] = data.slice(4 * y, 4 * y + 4);
              if (a > 250 && r < 60 && (blue ? b > 180 : b < 60)) found.push(y / ratio);
            }
            return found;
          }));
        }))""",
        [[LEFT + (t - 0.5) * (width - LEFT) / T for t in steps], blue],
    )
    top, bottom = level(stage, DECADES), level(stage, -DECADES)
    inside = [[y for y in ys if y < bottom] for ys in columns]
    middles = np.array([np.mean(ys) if ys else np.nan for ys in inside])
    return DECADES - 2 * DECADES * (middles - top) / (bottom - top)


# --- the arithmetic ------------------------------------------------------------------------------

_FLOW = """async ([source, arrays, f, T]) => {
  const { flow } = await import(`data:text/javascript;base64,${source}`);
  for (const name in arrays) arrays[name] = Float64Array.from(arrays[name]);
  const { norms, terms, total, slope } = flow(arrays, f, T);
  return [[...norms], [...terms], total, slope];
}"""


@pytest.mark.parametrize("f", [0.0, 0.6, 0.98, 1.0])
def test_javascript_computes_what_numpy_does(new_page, f):
    page, source = new_page(), base64.b64encode(GradientFlow._esm.encode()).decode()
    for radius, gain, T in [(0.9, 0.5, 50), (1.2, 0.0, 100), (2.5, 0.2, 50), (1.5, 2.0, 2)]:
        figure = GradientFlow(radius=radius, gain=gain, T=T)
        parts = figure.parameters()
        arrays = {
            n: a.ravel().tolist() for n, a in zip(("x", "W_xh", "W_hh", "v"), parts, strict=True)
        }
        got = page.evaluate(_FLOW, [source, arrays, f, T])
        for mine, theirs in zip(flow(*parts, f), got, strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=1e-6)


def test_javascript_takes_any_number_of_units(new_page):
    page, source = new_page(), base64.b64encode(GradientFlow._esm.encode()).decode()
    for H in (1, 3, 64):
        figure = GradientFlow(np.random.default_rng(H).normal(size=(H, H)), T=20, radius=0.9)
        parts = figure.parameters()
        arrays = {
            n: a.ravel().tolist() for n, a in zip(("x", "W_xh", "W_hh", "v"), parts, strict=True)
        }
        got = page.evaluate(_FLOW, [source, arrays, 0.3, 20])
        for mine, theirs in zip(flow(*parts, 0.3), got, strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=1e-6)


# --- what is drawn and said ----------------------------------------------------------------------


def test_the_line_and_its_clipped_twin_are_where_the_numbers_are(static_page):
    scope = GradientFlow(radius=2.5, gain=0.2, t=10)
    frame = inside(static_page(scope))
    stage = frame.locator("canvas.stage")
    norms, _, total, _ = flow(*scope.parameters(), 0.0)
    steps = [2, *range(20, 40)]
    sizes = np.log10(norms[np.array(steps) - 1])
    assert np.abs(line(stage, steps, 50, blue=False) - sizes).max() < 0.25
    gaps = line(stage, steps, 50, blue=True) - sizes - np.log10(5 / total)
    assert np.isfinite(gaps).sum() > 5  # dashes
    assert np.nanmedian(np.abs(gaps)) < 0.25


def test_clipping_helps_exploding_and_does_nothing_for_vanishing(static_page):
    frame = inside(static_page(GradientFlow()))
    caption, example = frame.locator(".caption"), frame.get_by_role("combobox", name="example")
    expect(caption).to_have_text(
        "Vanishing: 17 steps back less than a thousandth is left. Clipping at 5 changes nothing:"
        " the gradient\u2019s norm is 3.2. 90 % of the gradient comes from 5 of 50 steps."
    )
    tuner(frame, "clip at norm").fill("-1")
    expect(caption).to_contain_text(
        "Clipping at 0.1 multiplies every step by 0.031: what is lost stays lost."
    )
    example.select_option("exploding")
    tuner(frame, "clip at norm").fill("0.75")
    expect(caption).to_contain_text(
        "Exploding: 36 steps back it is more than a thousand times as large."
    )
    expect(caption).to_contain_text(
        "the explosion is gone, the shares are the same. 90 % of the gradient comes from 11"
    )
    example.select_option("forget gate near 1")
    expect(caption).to_have_text(re.compile("^The loss reaches all 50 steps: 0.57 of its gradient"))
    expect(caption).to_contain_text("90 % of the gradient comes from 43 of 50 steps.")


# --- controls ------------------------------------------------------------------------------------


def test_every_slider_by_key_and_by_mouse(static_page):
    page = static_page(GradientFlow(kind="gated"))
    frame = inside(page)
    read, caption = frame.locator(".body ~ .small"), frame.locator(".caption")
    for name, key, text in [
        ("spectral radius", "ArrowRight", "0.95"),
        ("input gain", "ArrowLeft", "0.45, tanh\u2032 0."),
        ("forget gate f", "ArrowLeft", "0.97"),
        ("steps T", "ArrowLeft", "49"),
        ("clip at norm", "ArrowLeft", "3.2"),
    ]:
        slider = tuner(frame, name)
        for step in ("key", "mouse"):
            before = read.inner_text() + caption.inner_text()
            if step == "key":
                slider.press(key)
                expect(slider).to_have_attribute(
                    "aria-valuetext", re.compile(f"^{re.escape(text)}")
                )
            else:
                box = slider.bounding_box()
                page.mouse.click(box["x"] + 0.15 * box["width"], box["y"] + box["height"] / 2)
            page.wait_for_timeout(50)
            assert read.inner_text() + caption.inner_text() != before, (name, step)


def test_a_plain_rnn_has_no_forget_gate(static_page):
    frame = inside(static_page(GradientFlow()))
    kind, f = frame.get_by_role("combobox", name="cell"), tuner(frame, "forget gate f")
    expect(f).to_be_disabled()
    kind.select_option("gated")
    expect(f).to_be_enabled()
    expect(frame.get_by_role("combobox", name="example")).to_have_value("forget gate near 1")
    f.fill("0")
    expect(frame.locator(".caption")).to_have_text(re.compile("^Vanishing: 17 steps back"))
    expect(frame.get_by_role("combobox", name="example")).to_have_value("by hand")
    f.fill("1")
    expect(frame.locator(".caption")).to_have_text(
        "The loss reaches all 50 steps: 1 of its gradient is left at the first."
        " No weight gets a gradient: with f = 1 nothing is written."
    )


def test_the_step_is_read_off_by_key_mouse_and_touch(static_page):
    scope = GradientFlow(t=10)
    page = static_page(scope, has_touch=True)
    frame = inside(page)
    stage, read = frame.locator("canvas.stage"), frame.locator(".body ~ .small")
    norms = flow(*scope.parameters(), 0.0).norms

    def shows(t: int) -> None:
        expect(stage).to_have_attribute("aria-valuenow", str(t))
        expect(read).to_have_text(re.compile(f"^step {t}, {50 - t} before the loss: "))

    shows(10)
    for key, t in [
        ("ArrowRight", 11),
        ("ArrowLeft", 10),
        ("End", 50),
        ("ArrowRight", 50),
        ("Home", 1),
        ("ArrowLeft", 1),
    ]:
        stage.press(key)
        shows(t)
    column = (stage.evaluate("(e) => e.clientWidth") - LEFT) / 50
    stage.click(position={"x": LEFT + 19.5 * column, "y": 200})
    shows(20)
    mantissa, power = f"{norms[19]:.1e}".split("e-0")
    expect(read).to_contain_text(f"dL/dh is {mantissa} \u00d7 10\u207b{'⁰¹²³⁴⁵⁶⁷⁸⁹'[int(power)]};")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + LEFT + 19.5 * column, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + LEFT + 39.5 * column, box["y"] + 220, steps=3)
    page.mouse.up()
    shows(40)
    stage.tap(position={"x": LEFT + 4.5 * column, "y": 200})
    shows(5)
    stage.press("End")
    tuner(frame, "steps T").fill("20")
    expect(stage).to_have_attribute("aria-valuemax", "20")
    expect(read).to_have_text(re.compile("^step 20, 0 before the loss: dL/dh is 1; "))


def test_screen_readers_hear_what_changed(static_page):
    frame = inside(static_page(GradientFlow()))
    live = frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    tuner(frame, "spectral radius").press("Home")
    expect(live).to_contain_text("Vanishing: 1 steps back")


# --- whom it serves, and edges -------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme, width):
    figures = [GradientFlow(radius=2.5, gain=0.2), GradientFlow(kind="gated", title=HOSTILE)]
    page = static_page(*figures, width=width, color_scheme=scheme)
    for k in range(len(figures)):
        shown = page.frames[k + 1]
        assert axe(shown) == ""
        assert overflow(shown) == [0, 0]
    expect(inside(page, 1).locator(".title")).to_have_text(HOSTILE)
    expect(inside(page, 1).locator("img")).to_have_count(0)


def test_the_ends_of_every_slider(static_page):
    frame = inside(static_page(GradientFlow(np.ones((1, 1)), kind="gated", T=2)))
    for end in ("Home", "End"):
        for name in ("spectral radius", "input gain", "forget gate f", "steps T", "clip at norm"):
            tuner(frame, name).press(end)
            expect(frame.locator(".caption")).not_to_contain_text(
                re.compile("NaN|Infinity|undefined")
            )
    frame.get_by_role("combobox", name="cell").select_option("tanh RNN")
    tuner(frame, "input gain").press("Home")  # 3 ** 99
    expect(frame.locator(".body ~ .small")).to_contain_text("dL/dh is 1.7 \u00d7 10\u2074\u2077")


def test_live_it_talks_to_python(lab, in_lab):
    lines = [
        "from rnn_edu.widgets.gradient_flow import GradientFlow",
        "w = GradientFlow(t=40)",
        "w",
    ]
    page = in_lab(lab.write("gradient_flow.ipynb", ["\n".join(lines)]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    tuner(root, "spectral radius").press("ArrowRight")
    tuner(root, "steps T").fill("30")
    expect(root.locator("canvas.stage")).to_have_attribute("aria-valuenow", "30")
    lab.hears(page, "w.radius, w.T, w.t, 'radius 0.95' in w.words", "0.95 30 30 True")
    lab.ask(page, "w.kind, w.forget, w.clip = 'gated', 0.5, 0.1")
    expect(tuner(root, "forget gate f")).to_have_value("0.5")
    expect(root.locator(".caption")).to_contain_text("Clipping at 0.1 multiplies")
