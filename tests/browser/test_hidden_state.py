"""The hidden-state view as a static page: what keys, mouse and touch change, and what is drawn."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from rnn_edu import Trace
from rnn_edu.widgets import HiddenState

from .view import JUMP, View, make_trace, swipe

pytestmark = pytest.mark.browser


@pytest.fixture
def view(static_page) -> View:
    return View.static(static_page(HiddenState(make_trace(), unit=1)))


# --- what is drawn -------------------------------------------------------------------------------


def test_each_cell_has_the_colour_of_its_value(view):
    h = make_trace().h[:, 0]
    for t, j in np.argwhere(np.abs(h) > 0.3):
        if t == 0:
            continue  # under the cursor
        at = view.cell(t, j)
        red, _, blue = view.colour(at["x"] + 6, at["y"])
        assert (red > blue) == (h[t, j] > 0), (t, j)


def test_readout_and_words_tell_the_numbers_at_the_cursor(view):
    trace = make_trace()
    view.stage.press("End")
    view.shows(8, 1)
    rows = view.frame.get_by_role("listitem")
    values = [f"class {k}{p:.2f}" for k, p in enumerate(trace.probs[8, 0])]
    expect(rows).to_have_text(values)
    value = f"{trace.h[8, 0, 1]:.2f}".replace("-", "\u2212")
    expect(view.frame.locator(".caption")).to_contain_text(f"unit 1 of h is {value}, ")
    best = int(trace.probs[8, 0].argmax())
    expect(view.frame.locator(".caption")).to_contain_text(f"class {best}")
    expect(view.frame.locator(".rnn-edu > p.hidden")).to_contain_text("a run: 9 steps")


def test_the_text_wears_the_colours_of_the_chosen_unit(view):
    h = make_trace().h[:, 0]
    for unit in (1, 2):
        view.menu("unit").select_option(str(unit))
        spans = view.frame.locator(".text span")
        grounds = spans.evaluate_all("(all) => all.map((e) => e.style.backgroundColor)")
        for t, ground in enumerate(grounds):
            red, _, blue = map(int, re.findall(r"\d+", ground))
            assert (red > blue) == (h[t, unit] > 0)


# --- keys, mouse, touch --------------------------------------------------------------------------


def test_keys_on_the_stage(view):
    view.shows(0, 1)
    for key, t, unit in [
        ("ArrowRight", 1, 1),
        ("ArrowRight", 2, 1),
        ("ArrowLeft", 1, 1),
        ("ArrowLeft", 0, 1),
        ("ArrowLeft", 0, 1),
        ("End", 8, 1),
        ("ArrowRight", 8, 1),
        ("Home", 0, 1),
        ("ArrowDown", 0, 2),
        ("ArrowUp", 0, 1),
        ("ArrowUp", 0, 0),
        ("ArrowUp", 0, 0),
    ]:
        view.stage.press(key)
        view.shows(t, unit)


def test_space_plays_to_the_end_and_any_step_stops(view):
    view.menu("steps per second").select_option("32")
    view.stage.press("Space")
    expect(view.button("Pause")).to_be_visible()
    view.shows(8, 1)
    expect(view.button("Play")).to_be_visible()
    view.menu("steps per second").select_option("1")
    view.slider.press("Space")  # at the end it starts again
    expect(view.slider).to_have_value("0")
    expect(view.button("Pause")).to_be_visible()
    view.stage.press("ArrowRight")
    expect(view.button("Play")).to_be_visible()
    view.shows(1, 1)


def test_slider_and_buttons(view):
    view.slider.press("End")
    view.shows(8, 1)
    view.slider.press("ArrowLeft")
    view.shows(7, 1)
    view.button("Step back").click()
    view.shows(6, 1)
    view.button("Step forward").click()
    view.shows(7, 1)
    view.menu("steps per second").select_option("32")
    view.button("Play").press("Enter")
    view.shows(8, 1)


def test_mouse_picks_a_cell_and_drags_time(view):
    mouse = view.frame.page.mouse
    view.stage.click(position=view.cell(5, 3))
    view.shows(5, 3)
    box, start, end = view.stage.bounding_box(), view.cell(2, 4), view.cell(7, 0)
    mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    mouse.down()
    view.shows(2, 4)
    mouse.move(box["x"] + end["x"], box["y"] + end["y"], steps=4)
    mouse.up()
    view.shows(7, 4)  # dragging moves time, not the unit
    mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    view.shows(7, 4)
    mouse.down()
    mouse.move(box["x"] + start["x"], box["y"] + end["y"])
    mouse.up()
    view.shows(2, 4)  # nor does it straight up


def test_token_of_the_text_is_a_place_to_go(view):
    view.frame.locator(".text span").nth(4).click()
    view.shows(4, 1)


def test_touch_taps_and_drags_and_lets_the_page_scroll(static_page):
    page = static_page(HiddenState(make_trace(), unit=1), width=375, height=400, has_touch=True)
    view = View.static(page)
    view.stage.tap(position=view.cell(4, 2))
    view.shows(4, 2)
    before, start, end = page.evaluate("scrollY"), view.cell(2, 4), view.cell(7, 4)
    swipe(page, view, start, (0, -100))
    assert page.evaluate("scrollY") > before + 50
    view.shows(4, 2)  # a finger that scrolls picks nothing
    swipe(page, view, start, (end["x"] - start["x"], 0))
    view.shows(7, 2)


def test_menus_and_the_largest_change(view):
    view.menu("unit").select_option("2")
    view.button("Largest change").click()
    view.shows(JUMP, 2)
    view.menu("array").select_option("f")
    view.shows(JUMP, 2, "f")
    expect(view.frame.locator(".caption")).to_contain_text("unit 2 of f is 0.90, up 0.80")
    figure = HiddenState(make_trace())
    order = figure.orders[0]
    assert order != sorted(order)
    view.menu("array").select_option("h")
    view.menu("order").select_option("similarity")
    view.stage.press("ArrowDown")
    view.shows(JUMP, order[min(4, order.index(2) + 1)])
    view.stage.click(position=view.cell(3, 0))
    view.shows(3, order[0])


# --- whom it serves ------------------------------------------------------------------------------


def test_screen_readers_hear_where_the_cursor_rests(view):
    live = view.frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()  # a page of figures does not speak when it opens
    view.stage.press("ArrowRight")
    expect(live).to_contain_text("t = 1, ")
    view.stage.press("ArrowDown")
    expect(live).to_contain_text("unit 2 of h is")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_and_all_fits(static_page, axe, scheme, width):
    figures = [HiddenState(make_trace()), HiddenState(make_trace(K=0), other=make_trace(title="b"))]
    page = static_page(*figures, width=width, color_scheme=scheme)
    for k in range(2):
        view = View.static(page, k)
        assert axe(view.frame) == ""
        sizes = """() => { const e = document.documentElement;
          return [e.scrollWidth - innerWidth, e.scrollHeight - innerHeight]; }"""
        assert view.frame.evaluate(sizes) == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_hostile_text_shows_as_text(static_page):
    hostile = "<img src=x onerror=document.body.remove()>"
    run = make_trace(tokens=(hostile, "b"))
    trace = Trace(run.arrays, run.tokens, run.probs, (hostile,) * 3, hostile)
    view = View.static(static_page(HiddenState(trace, other=trace)))
    expect(view.frame.locator(".title")).to_have_text(f"{hostile} and {hostile}")
    expect(view.frame.locator(".text span").first).to_have_text(hostile)
    expect(view.frame.get_by_role("listitem").first).to_contain_text(hostile)
    expect(view.frame.locator(".caption")).to_contain_text(hostile)
    assert view.frame.locator("img").count() == 0


def test_calm_readers_get_a_calm_pace(new_page, tmp_path):
    """Not in a frame: the browser driver tells frames of reduced motion only after they load."""
    path = tmp_path / "document.html"
    for motion, speed in (("reduce", "1"), ("no-preference", "4")):
        path.write_text(HiddenState(make_trace()).document(), encoding="utf-8")
        page = new_page(reduced_motion=motion)
        page.goto(path.as_uri())
        expect(page.get_by_label("steps per second")).to_have_value(speed)


# --- edges ---------------------------------------------------------------------------------------


def test_one_step_of_one_unit(static_page):
    trace = Trace({"h": np.full((1, 1, 1), 0.5)}, ("x",))
    view = View.static(static_page(HiddenState(trace)))
    for key in ("ArrowRight", "ArrowDown", "Space", "End"):
        view.stage.press(key)
    view.button("Largest change").click()
    view.shows(0, 0)
    expect(view.button("Play")).to_be_visible()


def test_five_thousand_steps(static_page):
    T = 5000
    trace = make_trace(tokens=[chr(97 + t % 26) for t in range(T)])
    view = View.static(static_page(HiddenState(trace, arrays=["h"], unit=1)))
    view.stage.press("End")
    expect(view.slider).to_have_value("4999")
    tokens = view.frame.locator(".text span")
    expect(tokens).to_have_count(T % 240)
    expect(view.frame.locator(".text .here")).to_have_text(trace.tokens[-1])
    tokens.first.click()
    expect(view.slider).to_have_value(str(T - T % 240))


def test_tokens_of_all_kinds_can_be_seen(static_page):
    tokens = ("", "\n", " ", "\u0301", "שלום", "\u202eab")
    view = View.static(static_page(HiddenState(make_trace(tokens=tokens), unit=1)))
    expect(view.frame.locator(".caption")).to_contain_text("∅")
    for shown in ("⏎", "␣", "◌\u0301", "שלום", "U+202Eab"):
        view.stage.press("ArrowRight")
        expect(view.frame.locator(".caption")).to_contain_text(f"“\u2068{shown}\u2069”")
    hebrew = static_page(HiddenState(make_trace(tokens=tuple("שלום"))))
    assert (
        View.static(hebrew).frame.locator(".text").evaluate("(e) => getComputedStyle(e).direction")
        == "rtl"
    )
