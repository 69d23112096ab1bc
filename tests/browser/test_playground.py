"""The playground as a reader: what typing, dragging, pointing and keys change."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, unroll
from rnn_edu.widgets.playground import Playground

from .hands import field, frame, press
from .playground_view import (
    ABC,
    COUNTS,
    HEAD,
    LANGUAGES,
    NET,
    answers,
    grab,
    moved,
    network,
    point_away,
    reader,
    reads,
    says_moved,
    tile,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def reading(static_page) -> Frame:
    return frame(static_page(reader()))


# --- reading: the text ---------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [GRUCell, LSTMCell])
def test_each_cell_answers_as_numpy_does(static_page, cell):
    model = network(cell)
    given = {"alphabet": ABC, "labels": LANGUAGES, "counts": COUNTS}
    view = frame(static_page(Playground(model, text="abba", **given)))
    reads(view, "abba", model=model)
    field(view).fill("zebra")
    reads(view, "zebra", model=model)
    expect(view.locator(".by").first).to_contain_text(cell.__name__.removesuffix("Cell"))


def test_typing_is_answered_letter_by_letter(reading):
    reads(reading, "cabdfe")
    field(reading).press("End")
    for typed, text in (("z", "cabdfez"), ("q", "cabdfezq"), ("Backspace", "cabdfez")):
        field(reading).press(typed)
        reads(reading, text)
        says_moved(reading, 0)
    field(reading).fill("")
    reads(reading, "")


def test_accents_are_folded_and_the_rest_left_out_politely(reading):
    field(reading).fill("Čiž ø-8")
    reads(reading, "cizo")
    note = reading.locator(".note")
    expect(note).to_contain_text("Left out: “\u2068␣\u2069” “\u2068-\u2069” “\u20688\u2069”")
    expect(note).to_contain_text(ABC)
    expect(reading.locator("[aria-live]")).to_contain_text("Left out:")
    field(reading).press("Home")
    field(reading).press("!")
    field(reading).press("a")  # the caret is where it was
    reads(reading, "acizo")
    expect(note).to_contain_text("Type a name")
    field(reading).fill("a" * 25)
    reads(reading, "a" * 24)
    expect(note).to_have_text("Cut after 24 letters.")


# --- reading: the order --------------------------------------------------------------------------


def test_shift_and_arrow_keys_move_the_tile_in_focus(reading):
    tile(reading, 0).focus()
    reads(reading, "cabdfe", t=1)  # stepping over letters: if the name ended here
    expect(reading.locator(".by span").first).to_have_text("after “\u2068c\u2069”")
    tile(reading, 0).press("ArrowRight")
    tile(reading, 1).press("ArrowRight")
    expect(tile(reading, 2)).to_be_focused()
    reads(reading, "cabdfe", t=3)
    expect(reading.locator(".tile.unread")).to_have_text(list("dfe"))
    for key, text, at in (
        ("Shift+ArrowRight", "cadbfe", 3),
        ("Shift+ArrowRight", "cadfbe", 4),
        ("Shift+ArrowRight", "cadfeb", 5),
        ("Shift+ArrowRight", "cadfeb", 5),
        ("Shift+ArrowLeft", "cadfbe", 4),
        ("Shift+ArrowRight", "cadfeb", 5),
    ):
        reading.locator(".tile:focus").press(key)
        reads(reading, text)
        says_moved(reading, moved(text))
        expect(tile(reading, at)).to_be_focused()
    live = reading.locator("[aria-live]")
    assert moved("cadfeb") > 0.1
    expect(live).to_contain_text(f"moved {moved('cadfeb'):.2f}; as typed")
    expect(live).to_contain_text("letter counts moved 0.00")
    for key, at in (("Home", 0), ("ArrowLeft", 0), ("End", 5), ("ArrowRight", 5)):
        reading.locator(".tile:focus").press(key)
        expect(tile(reading, at)).to_be_focused()
        reads(reading, "cadfeb", t=at + 1)
    tile(reading, 5).press("Tab")
    reads(reading, "cadfeb")


def test_buttons_reorder_by_mouse_and_keyboard(reading):
    for name, text in (("Sort", "abcdef"), ("Reverse", "fedcba"), ("As typed", "cabdfe")):
        press(reading, name)
        reads(reading, text)
        says_moved(reading, moved(text))
    seen = []
    for _ in range(3):
        reading.get_by_role("button", name="Shuffle").press("Enter")
        seen.append(field(reading).input_value())
        reads(reading, seen[-1])
    assert len({"cabdfe", *seen}) == 4
    assert {"".join(sorted(text)) for text in seen} == {"abcdef"}
    assert max(map(moved, seen)) > 0.1
    reading.get_by_role("button", name="As typed").press("Space")
    reads(reading, "cabdfe")


def test_marks_stand_where_the_answer_was_as_typed(reading):
    """In each bar a mark shows the old value, if it is another one in two decimals."""

    def marks(a: int) -> list[float]:
        return reading.locator("li").evaluate_all(
            """(rows, a) => rows.map((row) => {
              const bar = row.querySelectorAll(".gauge")[a], mark = bar.querySelector("u");
              const [to, of] = [mark, bar].map((e) => e.getBoundingClientRect());
              return mark.hidden ? -1 : (to.left + 1 - of.left) / of.width;
            })""",
            a,
        )

    assert marks(0) == marks(1) == [-1] * 5
    press(reading, "Reverse")
    reads(reading, "efdbac")
    before, now = answers(NET, "cabdfe"), answers(NET, "efdbac")
    expected = np.where(np.abs(before - now) < 0.005, -1, before)
    assert expected.max() > 0.1
    assert marks(0) == pytest.approx(expected, abs=0.01)
    assert marks(1) == [-1] * 5
    field(reading).press("End")
    field(reading).press("a")  # typed anew: nothing has moved since
    says_moved(reading, 0)
    assert marks(0) == [-1] * 5


def test_mouse_drags_a_tile_and_the_answer_goes_along(reading):
    page = reading.page
    page.mouse.move(*grab(reading, 0))
    page.mouse.down()
    for at, text in ((1, "acbdfe"), (2, "abcdfe"), (4, "abdfce"), (3, "abdcfe")):
        page.mouse.move(*grab(reading, at), steps=4)
        reads(reading, text)
        says_moved(reading, moved(text))
        expect(reading.locator(".tile.held")).to_have_text("c")
    page.mouse.up()
    expect(reading.locator(".tile.held")).to_have_count(0)
    page.mouse.move(*grab(reading, 0))
    reads(reading, "abdcfe")  # the answer to the whole stays until the pointer has left
    expect(tile(reading, 3)).to_have_attribute("style", "")
    point_away(reading)
    page.mouse.move(*grab(reading, 0))
    reads(reading, "abdcfe", t=1)


def test_pointing_at_a_letter_or_its_state_ends_the_name_there(reading):
    page, strip = reading.page, reading.locator(".strip")
    for i in (0, 3, 5):
        page.mouse.move(*grab(reading, i))
        reads(reading, "cabdfe", t=i + 1)
    x, _ = grab(reading, 2)
    page.mouse.move(x, strip.bounding_box()["y"] + 100)
    reads(reading, "cabdfe", t=3)
    point_away(reading)
    reads(reading, "cabdfe")


def test_a_finger_drags_a_tile_and_taps_a_state(static_page):
    page = static_page(reader(), width=375, height=900, has_touch=True)
    view, client = frame(page), page.context.new_cdp_session(page)
    start, end = grab(view, 1), grab(view, 4)
    for k in range(12):
        x = start[0] + min(k, 10) / 10 * (end[0] - start[0])
        kind = {0: "touchStart", 11: "touchEnd"}.get(k, "touchMove")
        points = [] if k == 11 else [{"x": x, "y": start[1]}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(16)  # a frame
    reads(view, "cbdfae")
    x, _ = grab(view, 2)
    view.locator(".strip").tap(position={"x": x - grab(view, 0)[0] + 10, "y": 90})
    reads(view, "cbdfae", t=3)


def test_the_strip_has_the_colours_of_the_state(reading):
    x = np.eye(26)[[ABC.index(letter) for letter in "cabdfe"]][:, None]
    h = unroll(NET.cell, x)[0][:, 0]
    strip = reading.locator(".strip")
    box, (left, _), (right, _) = strip.bounding_box(), grab(reading, 0), grab(reading, 5)
    for t, j in np.argwhere(np.abs(h) > 0.4):
        at = [
            left - box["x"] + t * (right - left) / 5,
            HEAD + (j + 0.5) * (box["height"] - HEAD) / 8,
        ]
        red, _, blue = strip.evaluate(
            "(e, [x, y]) => [...e.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)", at
        )
        assert (red > blue) == (h[t, j] > 0), (t, j)
