"""The playground as a writer; and both: for whom they work, at the edges, and live."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu.widgets.playground import Playground

from .hands import HOSTILE, field, frame, press
from .playground_view import (
    ABC,
    WRITER,
    answers,
    grab,
    network,
    point_away,
    reader,
    tile,
    writer,
    writes,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def reading(static_page) -> Frame:
    return frame(static_page(reader()))


@pytest.fixture
def writing(static_page) -> Frame:
    return frame(static_page(writer()))


# --- writing -------------------------------------------------------------------------------------


def test_typing_shows_what_may_come_next(writing):
    writes(writing, "de")
    field(writing).press("End")
    field(writing).press_sequentially("r S")
    expect(field(writing)).to_have_value("der s")
    writes(writing, "der s")
    strip = writing.get_by_role("slider", name="letters read")
    for key, t in (("ArrowLeft", 4), ("Home", 0), ("ArrowRight", 1), ("End", 5)):
        strip.press(key)
        expect(strip).to_have_attribute("aria-valuenow", str(t))
        p = answers(WRITER, "der s"[:t], " " + ABC)
        if t == 5:
            writes(writing, "der s")
        else:
            came = f"; what came: “\u2068{'der␣s'[t]}\u2069” {p[(' ' + ABC).index('der s'[t])]:.2f}"
            assert strip.get_attribute("aria-valuetext").endswith(came)
            expect(writing.locator(".came")).to_have_text("der␣s"[t])
    box = strip.bounding_box()
    writing.page.mouse.move(box["x"] + 10, box["y"] + 90)
    expect(strip).to_have_attribute("aria-valuenow", "1")
    point_away(writing)
    expect(strip).to_have_attribute("aria-valuenow", "5")


def test_the_same_seed_writes_the_same_text(static_page):
    view = frame(static_page(writer(seed=3), reduced_motion="reduce"))
    seed = view.get_by_label("seed")
    press(view, "Write on")
    text = field(view).input_value()
    assert len(text) == 62
    assert text.startswith("de")
    writes(view, text)
    press(view, "As typed")
    writes(view, "de")
    for _ in range(5):
        press(view, "One letter")
    expect(field(view)).to_have_value(text[:7])
    press(view, "Write on")
    assert field(view).input_value().startswith(text)  # a text goes on wherever it was left
    press(view, "As typed")
    seed.fill("4")
    press(view, "Write on")
    assert field(view).input_value()[:20] != text[:20]
    press(view, "As typed")
    seed.fill("99999")  # too large: the last good one counts
    seed.fill("")
    seed.fill("3")
    view.get_by_role("button", name="Write on").press("Enter")
    expect(field(view)).to_have_value(text)


def test_writing_goes_letter_by_letter_and_stops(writing):
    press(writing, "Write on")
    expect(field(writing)).to_have_value(re.compile("^de.{3}"))
    press(writing, "Stop")
    text = field(writing).input_value()
    writing.page.wait_for_timeout(150)
    expect(field(writing)).to_have_value(text)
    press(writing, "Write on")
    field(writing).press("End")
    field(writing).press("x")  # who types has the pen
    expect(writing.get_by_role("button", name="Write on")).to_be_visible()


def test_temperature_sharpens_and_flattens(writing):
    slider = writing.get_by_role("slider", name="temperature")
    for key, temperature in (("Home", 0.1), ("End", 2.0), ("ArrowLeft", 1.95)):
        slider.press(key)
        expect(writing.locator("label output").first).to_have_text(f"{temperature:.2f}")
        writes(writing, "de", temperature)
    assert writing.locator("u:not([hidden])").count() > 3
    slider.press("Home")
    press(writing, "One letter")
    p = answers(WRITER, "de", " " + ABC, 0.1)
    assert p.max() > 0.9
    expect(field(writing)).to_have_value("de" + (" " + ABC)[p.argmax()])
    box = slider.bounding_box()
    writing.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    writes(writing, field(writing).input_value(), float(slider.input_value()))
    assert 0.9 < float(slider.input_value()) < 1.2


def test_a_full_page_takes_no_more(static_page):
    view = frame(static_page(writer("ab" * 199), reduced_motion="reduce"))
    press(view, "Write on")
    assert len(field(view).input_value()) == 400
    press(view, "One letter")
    expect(view.locator(".note")).to_have_text("Full: 400 letters.")
    assert len(field(view).input_value()) == 400


# --- whom it serves ------------------------------------------------------------------------------


def test_a_page_of_figures_does_not_speak_when_it_opens(reading):
    reading.page.wait_for_timeout(500)
    expect(reading.locator("[aria-live]")).to_be_empty()
    expect(reading.locator(".rnn-edu > p.hidden")).to_contain_text("letter counts, in any order")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme, width):
    long = [f"a rather long name {k}" for k in range(12)]
    given = {"alphabet": ABC, "labels": long, "counts": (np.ones((26, 12)), np.ones(12))}
    figures = [
        Playground(network(K=12), text="granstrom", **given),
        writer("the quick brown fox " * 4, t=30),
    ]
    page = static_page(*figures, width=width, color_scheme=scheme)
    press(frame(page), "Sort")
    for k in range(2):
        assert axe(frame(page, k)) == ""
        assert overflow(frame(page, k)) == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_hostile_text_shows_as_text(static_page):
    figure = reader(labels=[HOSTILE] * 5, alphabet="<>" + ABC[2:], text="<c>", title=HOSTILE)
    view = frame(static_page(figure))
    expect(view.locator(".title")).to_have_text(HOSTILE)
    expect(view.get_by_role("listitem").first).to_contain_text("<img src=x onerror")
    expect(view.locator(".tile")).to_have_text(list("<c>"))
    field(view).fill(HOSTILE)
    expect(view.locator(".note")).to_contain_text("Left out")
    assert view.locator("img").count() == 0


# --- edges ---------------------------------------------------------------------------------------


def test_nothing_one_letter_and_one_unit(static_page):
    tiny = network(D=1, H=1, K=1)
    one = Playground(tiny, alphabet="a", labels=["all"], text="a")
    none = writer("")
    page = static_page(one, none)
    view = frame(page)
    for name in ("Shuffle", "Sort", "Reverse", "As typed"):
        press(view, name)
    tile(view, 0).press("Shift+ArrowRight")
    expect(view.get_by_role("listitem")).to_have_text(["all1.00"])
    field(view).fill("")
    press(view, "Shuffle")
    expect(view.locator(".tile")).to_have_count(0)
    view = frame(page, 1)
    writes(view, "")
    press(view, "One letter")
    assert len(field(view).input_value()) == 1


def test_other_scripts_are_read_in_time_order(static_page):
    hebrew = "אבגדהוזחטיכלמנסעפצקרשתםןףץ"
    view = frame(static_page(reader("שלום", alphabet=hebrew)))
    expect(view.locator(".tile")).to_have_text(list("שלום"))
    assert grab(view, 0)[0] < grab(view, 3)[0]
    assert field(view).evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    field(view).fill("שָלוֹם")  # with points, which are folded away
    expect(view.locator(".tile")).to_have_text(list("שלום"))


# --- live ----------------------------------------------------------------------------------------


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import LSTMCell
from rnn_edu.topologies import Network
from rnn_edu.widgets.playground import Playground
rng = np.random.default_rng(0)
net = Network.init(LSTMCell.init(3, 4, rng), 3, rng)
w = Playground(net, alphabet="abc", labels=list("xyz"), text="cab")
g = Playground(net, alphabet="abc", generate=True, text="cc")"""
    page = in_lab(lab.write("playground.ipynb", [code, "w", "g"]))
    lab.run_all(page)
    read, write = (page.locator(".jp-Cell").nth(k).locator(".rnn-edu") for k in (1, 2))

    field(read).fill("abcc")
    tile(read, 0).focus()
    tile(read, 0).press("Shift+ArrowRight")
    expect(field(read)).to_have_value("bacc")
    lab.hears(page, "w.text, w.typed, w.t", "bacc abcc 4")
    lab.ask(page, "w.text = 'cccb'; w.t = 2")
    expect(read.locator(".tile")).to_have_text(list("cccb"))
    expect(read.locator(".tile.unread")).to_have_text(list("cb"))
    assert "text must use the letters 'abc'" in lab.ask(page, "w.text = 'cd'")
    lab.ask(page, "g.seed = 5; g.temperature = 0.5; g.text = 'ab'")
    expect(write.get_by_label("seed")).to_have_value("5")
    expect(write.get_by_role("slider", name="temperature")).to_have_value("0.5")
    press(write, "One letter")
    expect(write.get_by_role("slider", name="letters read")).to_have_attribute("aria-valuenow", "3")
    lab.hears(page, "len(g.text), g.typed, g.t", "3 ab 3")
    press(write, "Write on")
    page.locator(".jp-Cell").nth(2).click()
    page.evaluate("jupyterapp.commands.execute('notebook:delete-cell')")
    expect(write).to_have_count(0)
    page.wait_for_timeout(500)  # for messages on their way
    before = lab.ask(page, "print(len(g.text))")
    page.wait_for_timeout(500)
    assert lab.ask(page, "print(len(g.text))") == before  # nothing writes on
