"""The loop player in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from rnn_edu import RNNCell, unroll
from rnn_edu.widgets.loop_player import WEIGHTS, LoopPlayer

from .hands import HOSTILE, inside, press

pytestmark = pytest.mark.browser

CELL = RNNCell(np.array([[1.0, 0.5]]), np.array([[0.5, -1.0], [0.0, 0.8]]), np.array([0.0, 0.1]))
X = np.array([1.0, 0.0, -1.0]).reshape(3, 1, 1)


def player(**traits):
    return LoopPlayer(CELL, X, **traits)


def random(D, H, T, **traits):
    rng = np.random.default_rng(3)
    return LoopPlayer(RNNCell.init(D, H, rng), rng.normal(size=(T, 1, D)), **traits)


def shown(numbers) -> list[str]:
    return [f"{v:z.2f}".replace("-", "\u2212") for v in np.ravel(numbers)]


def table(frame) -> dict[str, list[str]]:
    """The sum of a turn: the numbers of each row by its heading."""
    rows = frame.locator(".sum tr").all()
    return {row.locator("th").inner_text(): row.locator("b").all_inner_texts() for row in rows}


def unfolded(frame) -> None:
    """Waits until the copies stand side by side."""
    expect(frame.locator(".copy").last).to_have_css("opacity", "1")


def test_javascript_computes_what_numpy_does(new_page):
    page = new_page()
    source = base64.b64encode(LoopPlayer._esm.encode()).decode()
    rng = np.random.default_rng(1)
    for T, D, H in ((1, 1, 1), (3, 1, 2), (7, 4, 3), (32, 20, 32)):
        cell, x = RNNCell.init(D, H, rng), rng.normal(size=(T, 1, D))
        run = page.evaluate(
            "async ([source, ...given]) =>"
            " (await import(`data:text/javascript;base64,${source}`)).turns(...given)",
            [source, *(getattr(cell, name).tolist() for name in WEIGHTS), x[:, 0].tolist()],
        )
        h, _, caches = unroll(cell, x)
        got = {name: np.array([turn[name] for turn in run]) for name in run[0]}
        assert np.abs(got["h"] - h[:, 0]).max() < 1e-12
        assert np.abs(got["h_prev"] - caches.h_prev[:, 0]).max() < 1e-12
        assert np.abs(got["from_x"] - x[:, 0] @ cell.W_xh).max() < 1e-12
        assert np.abs(got["from_h"] - caches.h_prev[:, 0] @ cell.W_hh).max() < 1e-12
        assert np.abs(got["a"] - np.arctanh(h[:, 0])).max() < 1e-6


def test_steps_show_every_number(static_page):
    frame = inside(static_page(player()))
    h, _, caches = unroll(CELL, X)
    for t in (1, 2, 3):
        expect(frame.locator("output").first).to_have_text(f"t = {t} of 3")
        h_prev = caches.h_prev[t - 1, 0]
        from_x, from_h = X[t - 1] @ CELL.W_xh, h_prev @ CELL.W_hh
        assert table(frame) == {
            f"x{t} Wxh": shown(from_x),
            f"h{t - 1} Whh": shown(from_h),
            "bh": shown(CELL.b_h),
            f"a{t} = sum": shown(from_x + from_h + CELL.b_h),
            f"h{t} = tanh(a{t})": shown(h[t - 1]),
        }
        copy = frame.locator(".now")
        assert copy.locator(".h .grid span").all_inner_texts() == shown(h[t - 1])
        assert copy.locator(".h_prev .grid span").all_inner_texts() == shown(h_prev)
        assert copy.locator(".x_t .grid span").all_inner_texts() == shown(X[t - 1])
        press(frame, "Step forward")
    work = frame.locator(".sum tr").nth(1).locator(".work").last
    expect(work).to_have_text(" 0.36 \u00d7 (\u22121.00) + (\u22120.23) \u00d7 0.80")


def test_before_the_first_step_there_is_no_state_to_show(static_page):
    frame = inside(static_page(player(t=0)))
    expect(frame.locator(".copy").first.locator(".h .grid span").first).to_be_hidden()
    expect(frame.locator(".sum b").first).to_be_hidden()
    expect(frame.get_by_label("time step t")).to_have_attribute(
        "aria-valuetext", "t = 0, before the first step: h is zero"
    )
    frame.locator(".drawing").press("ArrowRight")
    expect(frame.locator(".sum b").first).to_be_visible()


def test_it_unfolds_and_folds_by_button_and_key(static_page):
    frame = inside(static_page(player()))
    copies = frame.locator(".copy")
    expect(copies.nth(1)).to_have_css("visibility", "hidden")
    press(frame, "Unfold")
    unfolded(frame)
    expect(copies.nth(2)).to_have_class("copy later")
    lefts = [copies.nth(s).locator(".frame").bounding_box()["x"] for s in range(3)]
    assert lefts[1] - lefts[0] > 150
    assert lefts[2] - lefts[1] == pytest.approx(lefts[1] - lefts[0], abs=1)
    node, following = (copies.nth(s).locator(part) for s, part in ((0, ".frame"), (1, ".W_hh")))
    gap = following.bounding_box()["x"] - node.bounding_box()["x"] - node.bounding_box()["width"]
    assert gap == pytest.approx(18, abs=1)  # h_1 goes straight into the next copy's W_hh
    frame.locator(".drawing").press("u")
    expect(copies.nth(1)).to_have_css("visibility", "hidden")
    expect(frame.get_by_role("button", name="Unfold")).to_be_visible()


def test_steps_after_the_cursor_are_pale(static_page):
    frame = inside(static_page(player(unfolded=True)))
    pale = frame.locator(".copy.later")
    expect(pale).to_have_count(2)
    frame.locator(".drawing").press("End")
    expect(pale).to_have_count(0)
    frame.locator(".x_t .grid").nth(1).click()
    expect(pale).to_have_count(1)
    expect(frame.locator(".now")).to_have_count(1)


def test_one_weight_lights_up_in_every_copy(static_page):
    frame = inside(static_page(player(unfolded=True, t=3)))
    lit = frame.locator(".board .lit")
    expect(lit).to_have_count(0)
    frame.locator(".W_xh .grid").nth(1).hover()
    expect(lit).to_have_count(3)
    expect(frame.locator(".note")).to_have_text(re.compile("Wxh: the same 2 numbers at every"))
    frame.locator(".title").hover()
    expect(lit).to_have_count(0)
    frame.get_by_role("combobox", name="weight").focus()
    expect(lit).to_have_count(3)
    expect(frame.locator(".W_hh .chosen")).to_have_text(["0.50"] * 3)
    frame.get_by_role("combobox", name="weight").select_option("b_h[1]")
    expect(frame.locator(".board .chosen")).to_have_text(["0.10"] * 3)


def test_a_weight_changes_by_press_and_arrow_and_everything_follows(static_page):
    frame = inside(static_page(player(unfolded=True, t=3)))
    frame.locator(".W_hh .grid span").nth(1).click()
    slider = frame.get_by_label("value of the weight")
    expect(slider).to_be_focused()
    for _ in range(3):
        slider.press("ArrowUp")
    changed = CELL.W_hh.copy()
    changed[0, 1] = -0.7
    expect(frame.locator(".board .chosen")).to_have_text(["\u22120.70"] * 3)
    h, _, _ = unroll(RNNCell(CELL.W_xh, changed, CELL.b_h), X)
    assert table(frame)["h3 = tanh(a3)"] == shown(h[2])
    states = frame.locator(".copy .h .grid span")
    assert states.all_inner_texts() == shown(h)
    frame.locator(".sum b[data-entry='b_h[0]']").click()
    slider.fill("2")
    h, _, _ = unroll(RNNCell(CELL.W_xh, changed, np.array([2.0, 0.1])), X)
    assert states.all_inner_texts() == shown(h)
    press(frame, "Reset")
    assert states.all_inner_texts() == shown(unroll(CELL, X)[0])
    expect(frame.locator("output").first).to_have_text("t = 3 of 3")


def test_the_state_goes_round_the_loop(static_page):
    frame = inside(static_page(player()))
    frame.locator(".board").evaluate(
        """e => { e.seen = []; new MutationObserver((all) => all.forEach(({ addedNodes }) => {
          for (const n of addedNodes) if (n.matches?.(".ghost")) e.seen.push(n.textContent);
        })).observe(e, { childList: true, subtree: true }); }"""
    )
    press(frame, "Step forward")
    press(frame, "Step back")
    expect(frame.locator("output").first).to_have_text("t = 1 of 3")
    assert frame.locator(".board").evaluate("e => e.seen") == ["0.760.54"]
    expect(frame.locator(".ghost")).to_have_count(0)  # it goes when it has arrived


def test_it_is_still_for_those_who_ask(static_page):
    page = static_page(player(), reduced_motion="reduce")
    frame = inside(page)
    press(frame, "Unfold")
    assert frame.locator(".copy").last.evaluate("e => e.style.opacity") == "1"
    press(frame, "Fold")
    press(frame, "Step forward")
    expect(frame.locator("output").first).to_have_text("t = 2 of 3")
    expect(frame.locator(".ghost")).to_have_count(0)


def test_a_long_run_scrolls_inside_the_drawing(static_page):
    frame = inside(static_page(random(4, 4, 12, unfolded=True), width=375, reduced_motion="reduce"))
    drawing = frame.locator(".drawing")
    assert drawing.evaluate("e => e.scrollWidth > 5 * e.clientWidth")
    drawing.press("End")
    expect(frame.locator(".now .h")).to_be_in_viewport(ratio=1)
    drawing.evaluate("e => e.scrollTo({ left: 0, behavior: 'instant' })")
    frame.locator(".W_hh .grid span").nth(1).click()
    expect(frame.get_by_label("value of the weight")).to_be_focused()
    painted = """e => new Promise((done) => requestAnimationFrame(() =>
      requestAnimationFrame(() => done(e.scrollLeft))))"""
    assert drawing.evaluate(painted) < 20  # choosing a weight does not scroll away


def test_a_large_cell_is_drawn_in_colours(static_page):
    frame = inside(static_page(random(20, 32, 4, unfolded=True, t=2)))
    expect(frame.locator(".copy .h canvas").first).to_be_visible()
    expect(frame.locator(".sum, .weights input")).to_have_count(0)
    expect(frame.locator(".board .lit")).to_have_count(4)
    frame.get_by_role("combobox", name="weight").select_option("b_h")
    expect(frame.locator(".b_h .lit")).to_have_count(4)
    frame.locator(".W_xh .grid").first.click()
    expect(frame.locator(".W_xh .lit")).to_have_count(4)
    expect(frame.locator(".note")).to_have_text(re.compile("the same 640 numbers .* has 1696"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_and_narrow_screens(static_page, axe, overflow, scheme):
    figures = [
        player(unfolded=True, tokens=["a", HOSTILE, "שלום"], title="<img src=x>"),
        random(4, 4, 8),
        random(20, 32, 1, t=0),
    ]
    page = static_page(*figures, width=375, color_scheme=scheme)
    unfolded(inside(page))
    for k in range(len(figures)):
        shown = page.frames[k + 1]
        assert axe(shown) == ""
        assert shown.evaluate("innerWidth") <= 375
        assert overflow(shown) == [0, 0]
    expect(inside(page).locator(".title")).to_have_text("<img src=x>")
    expect(inside(page).locator("bdi").nth(1)).to_have_text(HOSTILE)


def test_live_it_talks_to_python(lab, in_lab):
    lines = [
        "import numpy as np",
        "from rnn_edu import RNNCell",
        "from rnn_edu.widgets.loop_player import LoopPlayer",
        "cell = RNNCell(np.ones((1, 1)), np.ones((1, 1)), np.zeros(1))",
        "w = LoopPlayer(cell, np.ones((3, 1, 1)))",
        "w",
    ]
    page = in_lab(lab.write("loop_player.ipynb", ["\n".join(lines)]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    root.locator(".drawing").press("u")
    unfolded(root)
    root.locator(".W_hh .grid span").first.click()
    page.keyboard.press("ArrowDown")
    expect(root.locator(".W_hh .grid")).to_have_text(["0.90"] * 3)
    lab.hears(page, "w.unfolded, w.cell.W_hh, w.t", "True [[0.9]] 1")
    lab.ask(page, "w.t = 3; w.b_h = [0.5]; w.unfolded = False")
    expect(root.get_by_role("button", name="Unfold")).to_be_visible()
    expect(root.locator(".b_h .grid").last).to_have_text("0.50")
    expect(root.locator(".now .x_t .symbol")).to_have_text("x3")
