"""The caption in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from rnn_edu.widgets.caption import Caption, Reading

from .hands import HOSTILE, caption, inside, q, stage

pytestmark = pytest.mark.browser

PICTURES = np.full((2, 4, 6, 3), 255, np.uint8)
PICTURES[0, :2, :3] = 0  # the first place of the first picture is black
AS_IT_IS = Reading(("a", "seven", "."), np.array([[1, 0, 0, 0], [0.2, 0.8, 0, 0], [0, 0, 0, 1.0]]))
SHORT = Reading(("a", "one"), np.array([[0, 0, 1, 0], [0.5, 0.5, 0, 0.0]]))
PLACES = ("top left", "top right", "bottom left", "bottom right")


def figure(**options) -> Caption:
    readings = [[AS_IT_IS, AS_IT_IS, SHORT, AS_IT_IS, AS_IT_IS], [SHORT] * 5]
    return Caption(PICTURES, readings, (2, 2), places=PLACES, names=["x", HOSTILE], **options)


def words(frame) -> Locator:
    return frame.locator(".text button")


A = f"t = 0: {q('a')} looks top left 1.00"
SEVEN = f"t = 1: {q('seven')} looks top right 0.80, top left 0.20"
ONE = f"t = 1: {q('one')} looks top left 0.50, top right 0.50; covered: top right"


def colour(frame, x: float, y: float) -> list[int]:
    """The pixel at shares of the stage, once it is drawn."""
    expect(caption(frame)).not_to_be_empty()
    return stage(frame).evaluate(
        """async (e, [x, y]) => {
          for (const _ of "ab") await new Promise(requestAnimationFrame);
          const g = e.getContext("2d");
          return [...g.getImageData(x * e.width, y * e.height, 1, 1).data].slice(0, 3);
        }""",
        [x, y],
    )


@pytest.fixture
def frame(static_page) -> FrameLocator:
    return inside(static_page(figure()))


def test_words_and_keys(frame):
    expect(words(frame)).to_have_text(["a", "seven", "."])
    expect(caption(frame)).to_have_text(A)
    stage(frame).press("ArrowRight")
    expect(caption(frame)).to_have_text(SEVEN)
    expect(frame.locator("[aria-current=step]")).to_have_text("seven")
    words(frame).nth(2).click()
    expect(caption(frame)).to_have_text(f"t = 2: {q('.')} looks bottom right 1.00")
    stage(frame).press("Home")
    expect(caption(frame)).to_have_text(A)


def test_covering_shows_what_changes(frame):
    stage(frame).press("ArrowRight")
    for _ in range(2):
        stage(frame).press("ArrowDown")
    expect(caption(frame)).to_have_text(ONE)
    expect(words(frame)).to_have_text(["a", "one"])
    expect(frame.locator(".changed")).to_have_text(["one"])
    expect(frame.get_by_role("combobox", name="cover")).to_have_value("top right")
    stage(frame).press("End")
    expect(caption(frame)).to_contain_text("the caption has ended after 2 words; covered: top")
    stage(frame).press("Escape")
    expect(words(frame)).to_have_count(3)
    frame.get_by_role("combobox", name="cover").select_option("top right")
    expect(words(frame)).to_have_count(2)
    frame.get_by_role("combobox", name="cover").select_option("nothing")
    stage(frame).press("ArrowUp")  # there is nothing before nothing
    expect(words(frame)).to_have_count(3)


def test_a_click_covers_and_uncovers(frame):
    box = stage(frame).bounding_box()
    spot = {"x": box["width"] * 0.75, "y": box["width"] * 4 / 6 * 0.25}
    stage(frame).click(position=spot)
    expect(words(frame)).to_have_text(["a", "one"])
    stage(frame).click(position=spot)
    expect(words(frame)).to_have_count(3)
    stage(frame).click(position={"x": 20, "y": box["height"] - 5})  # under the picture
    expect(words(frame)).to_have_count(3)


def test_a_finger_covers_on_a_narrow_screen(static_page):
    frame = inside(static_page(figure(), width=375, has_touch=True))
    box = stage(frame).bounding_box()
    stage(frame).tap(position={"x": box["width"] * 0.75, "y": 40})
    expect(words(frame)).to_have_text(["a", "one"])


def test_the_map_tints_the_place_by_its_weight(frame):
    black, white = colour(frame, 0.1, 0.08), colour(frame, 0.6, 0.08)
    assert black[2] > 60  # black under the tint
    assert white == [255, 255, 255]
    stage(frame).press("ArrowRight")
    assert colour(frame, 0.1, 0.08)[2] < black[2]
    assert colour(frame, 0.6, 0.08)[1] < 160


def test_another_picture_has_its_own_words(frame):
    frame.get_by_role("combobox", name="picture").select_option(index=1)
    expect(words(frame)).to_have_text(["a", "one"])
    assert frame.locator("img").count() == 0
    assert colour(frame, 0.1, 0.08) == [255, 255, 255]


def test_without_covers_there_is_no_menu_for_them(static_page):
    frame = inside(static_page(Caption(PICTURES[:1], [[AS_IT_IS]], (2, 2))))
    assert frame.get_by_role("combobox", name="cover").count() == 0
    stage(frame).press("ArrowDown")
    expect(caption(frame)).to_have_text(f"t = 0: {q('a')} looks at row 1, column 1 1.00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme):
    long = Reading([f"word{k}" for k in range(24)], np.full((24, 4), 0.25))
    for width in (375, 1280):
        many = Caption(PICTURES[:1], [[long]], (2, 2))
        page = static_page(figure(covered=1), many, width=width, color_scheme=scheme)
        for frame in page.frames[1:]:
            assert axe(frame) == ""
            assert overflow(frame) == [0, 0]


def test_screen_readers_hear_where_it_looks(frame):
    live = frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    stage(frame).press("ArrowRight")
    expect(live).to_have_text(SEVEN)


CELL = """\
import numpy as np
from rnn_edu.widgets.caption import Caption, Reading
one = Reading("ab", np.eye(2))
figure = Caption(np.zeros((1, 2, 2, 3), np.uint8), [[one, one, one]], (1, 2))
figure
"""


def test_live_it_shares_its_state_with_python(lab, in_lab):
    page = in_lab(lab.write("caption.ipynb", [CELL]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    stage(root).press("ArrowRight")
    stage(root).press("ArrowDown")
    lab.hears(page, "figure.t, figure.covered", "1 0")
    lab.ask(page, "figure.covered, figure.t = 1, 0")
    expect(caption(root)).to_contain_text("covered: at row 1, column 2")
