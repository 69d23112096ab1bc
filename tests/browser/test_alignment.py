"""The alignment in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, expect

from rnn_edu.widgets.alignment import Alignment

from .hands import HOSTILE, caption, inside, q, stage

pytestmark = pytest.mark.browser

SOURCES, TARGETS = ("la", "maison", "bleue"), ("the", "blue", "house", ".")
W = np.array([[0.9, 0.1, 0], [0.05, 0.15, 0.8], [0, 0.7, 0.3], [0.2, 0.2, 0.6]])


def figure(**options) -> Alignment:
    return Alignment(W, SOURCES, TARGETS, title="French read", **options)


THE = f"t = 0: {q('the')} reads {q('la')} 0.90, {q('maison')} 0.10"
BLUE = f"t = 1: {q('blue')} reads {q('bleue')} 0.80, {q('maison')} 0.15, {q('la')} 0.05"
MAISON = (
    f"{q('maison')} is read by {q('house')} 0.70, {q('.')} 0.20, {q('blue')} 0.15;"
    " 1.15 over all 4 targets"
)


def lines(frame, x: float) -> list[int]:
    """How many pixels high each line stands where it passes x, from above."""
    expect(caption(frame)).not_to_be_empty()  # drawn once; twice when the size is known
    return stage(frame).evaluate(
        """async (e, x) => {
          for (const _ of "ab") await new Promise(requestAnimationFrame);
          const { data } = e.getContext("2d").getImageData(x, 0, 1, e.height), runs = [];
          for (let y = 0, run = 0; y < e.height; y++) {
            const [r, , b, a] = data.slice(4 * y, 4 * y + 4);
            if (a > 200 && r < 220 && b > r + 15) run += 1;
            else if (run) { runs.push(run); run = 0; }
          }
          return runs;
        }""",
        x,
    )


@pytest.fixture
def frame(static_page) -> FrameLocator:
    return inside(static_page(figure()))


# --- what is drawn and said ----------------------------------------------------------------------


def test_lines_are_as_wide_as_the_weights(frame):
    expect(caption(frame)).to_have_text(THE)
    start = 34 + 45 + 8 + 4  # numbers, the widest source, a gap
    wide, narrow = lines(frame, start)
    assert wide / narrow == pytest.approx(9, rel=0.5)
    stage(frame).press("ArrowRight")
    expect(caption(frame)).to_have_text(BLUE)
    stage(frame).press("Home")
    for _ in range(2):
        stage(frame).press("ArrowDown")
    expect(caption(frame)).to_have_text(MAISON)


def test_keys_and_menus(static_page):
    page = static_page(
        Alignment(np.stack([W, W[::-1]]), SOURCES, TARGETS, heads=["first", "second"])
    )
    frame = inside(page)
    stage(frame).press("ArrowRight")
    expect(caption(frame)).to_have_text(BLUE)
    frame.get_by_role("combobox", name="head").select_option("second")
    expect(caption(frame)).to_contain_text(f"{q('blue')} reads {q('maison')} 0.70")
    frame.get_by_role("combobox", name="head").select_option("first")
    stage(frame).press("ArrowDown")
    expect(caption(frame)).to_contain_text(f"{q('la')} is read by {q('the')} 0.90")
    stage(frame).press("ArrowDown")
    expect(caption(frame)).to_have_text(MAISON)
    expect(frame.get_by_role("combobox", name="source")).to_have_value("maison")
    stage(frame).press("ArrowUp")
    expect(frame.get_by_role("combobox", name="source")).to_have_value("la")
    stage(frame).press("Escape")
    expect(caption(frame)).to_have_text(BLUE)
    stage(frame).press("ArrowUp")
    expect(frame.get_by_role("combobox", name="source")).to_have_value("none")
    frame.get_by_role("combobox", name="source").select_option("maison")
    expect(caption(frame)).to_have_text(MAISON)


def test_slider_buttons_and_play(frame):
    slider = frame.get_by_label("time step t")
    slider.press("ArrowRight")
    expect(caption(frame)).to_have_text(BLUE)
    frame.get_by_role("button", name="Step back").click()
    expect(caption(frame)).to_have_text(THE)
    frame.get_by_role("button", name="Step forward").click()
    expect(slider).to_have_value("1")
    frame.get_by_label("steps per second").select_option("32")
    frame.get_by_role("button", name="Play").click()
    expect(slider).to_have_value("3")
    expect(frame.get_by_role("button", name="Play")).to_be_visible()


# --- mouse and touch -----------------------------------------------------------------------------


def test_mouse_hovers_and_pins_a_source_and_picks_targets(frame):
    box = stage(frame).bounding_box()
    middle = lambda k, n: 22 + (box["height"] - 22) * (k + 0.5 + (4 - n) / 2) / 4  # noqa: E731
    mouse = frame.locator("body").page.mouse
    stage(frame).hover(position={"x": 60, "y": middle(1, 3)})
    expect(caption(frame)).to_have_text(MAISON)
    mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    expect(caption(frame)).to_have_text(THE)
    stage(frame).click(position={"x": 60, "y": middle(1, 3)})
    mouse.move(5, 5)
    expect(caption(frame)).to_have_text(MAISON)  # pinned
    expect(frame.get_by_role("combobox", name="source")).to_have_value("maison")
    stage(frame).click(position={"x": 60, "y": middle(1, 3)})
    mouse.move(5, 5)
    expect(caption(frame)).to_have_text(THE)
    matrix = 34 + 45 + 8 + 180 + 34 + 34 + 16 + 72  # near the left of its second column
    stage(frame).click(position={"x": matrix + 36, "y": 11})
    mouse.move(5, 5)
    expect(caption(frame)).to_have_text(MAISON)
    stage(frame).press("Escape")
    expect(caption(frame)).to_have_text(THE)
    stage(frame).click(position={"x": matrix, "y": middle(1, 4)})
    expect(caption(frame)).to_have_text(BLUE)
    mouse.move(box["x"] + matrix, box["y"] + middle(1, 4))
    mouse.down()
    mouse.move(box["x"] + matrix + 9, box["y"] + middle(3, 4), steps=3)
    mouse.up()
    expect(frame.get_by_label("time step t")).to_have_value("3")


def test_a_finger_does_so_below_on_a_narrow_screen(static_page):
    frame = inside(static_page(figure(), width=375, has_touch=True))
    box = stage(frame).bounding_box()
    row = (box["height"] - 22 - 22 - 22) / 8  # four rows of lines, four of the matrix
    stage(frame).tap(position={"x": 60, "y": 22 + 2 * row})
    expect(caption(frame)).to_have_text(MAISON)
    stage(frame).tap(position={"x": 60, "y": 22 + 2 * row})
    stage(frame).tap(position={"x": 150, "y": 66 + 5.5 * row})
    expect(caption(frame)).to_have_text(BLUE)
    stage(frame).tap(position={"x": box["width"] - 60, "y": 22 + 0.5 * row})
    expect(caption(frame)).to_have_text(THE)


# --- whom it serves ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme):
    long = Alignment(np.full((40, 30), 1 / 30), [f"source {k}" for k in range(30)], ["x"] * 40)
    for width in (375, 1280):
        heads = Alignment(np.stack([W, W]), SOURCES, TARGETS)
        page = static_page(figure(source=1), long, heads, width=width, color_scheme=scheme)
        for frame in page.frames[1:]:
            assert axe(frame) == ""
            assert overflow(frame) == [0, 0]


def test_screen_readers_hear_what_is_read(frame):
    live = frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    stage(frame).press("ArrowRight")
    expect(live).to_have_text(BLUE)
    expect(frame.locator(".rnn-edu > p.hidden")).to_contain_text("'house' reads 'maison' 0.70")


def test_all_kinds_of_tokens(static_page):
    sources = (HOSTILE, "שלום", "\u0301", "supercalifragilistic" * 50)
    targets = ("", "\n", HOSTILE)
    page = static_page(Alignment(np.full((3, 4), 0.25), sources, targets, title=HOSTILE), width=375)
    frame = inside(page)
    expect(caption(frame)).to_contain_text(f"t = 0: {q('∅')} reads {q(HOSTILE)} 0.25")
    for shown in (HOSTILE, "שלום", "◌\u0301"):
        stage(frame).press("ArrowDown")
        expect(caption(frame)).to_contain_text(f"{q(shown)} is read by {q('∅')} 0.25")
    assert frame.locator("img").count() == 0
    assert page.frames[1].evaluate("document.documentElement.scrollWidth") == 375


def test_one_token_and_two_hundred(static_page):
    one = Alignment(np.ones((1, 1)), ["a"], ["b"])
    many = Alignment(np.full((200, 200), 0.005), ["s"] * 200, ["t"] * 200)
    page = static_page(one, many)
    stage(inside(page)).press("ArrowRight")
    expect(caption(inside(page))).to_have_text(f"t = 0: {q('b')} reads {q('a')} 1.00")
    stage(inside(page, 1)).press("End")
    expect(caption(inside(page, 1))).to_contain_text("t = 199: ")


# --- JupyterLab ----------------------------------------------------------------------------------

CELL = """\
import numpy as np
from rnn_edu.widgets.alignment import Alignment
figure = Alignment(np.eye(3), "abc", "xyz")
figure
"""


def test_live_it_shares_its_state_with_python(lab, in_lab):
    page = in_lab(lab.write("alignment.ipynb", [CELL]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    stage(root).press("ArrowRight")
    stage(root).press("ArrowDown")
    expect(caption(root)).to_contain_text(f"{q('a')} is read by {q('x')} 1.00")
    lab.hears(page, "figure.t, figure.source", "1 0")
    lab.ask(page, "figure.source, figure.t = -1, 2")
    expect(caption(root)).to_have_text(f"t = 2: {q('z')} reads {q('c')} 1.00")
