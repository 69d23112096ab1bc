"""The tagger as a reader: typing, the caret, the map, the keys, both colourings."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, RNNCell, unroll
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets import Tagger

from .hands import frame

pytestmark = pytest.mark.browser

ABC = "\n abcdef"
LABELS = ("blank", "<img src=x onerror=document.body.remove()>", "two", "three")
HEAD, LEFT = 22, 30  # CSS pixels around the heat map, as in tagger.js


def network(cell=GRUCell, H=6) -> Network:
    rng = np.random.default_rng(4)
    c = cell.init(len(ABC), H, rng)
    c = type(c)(*(4 * a for a in vars(c).values()))
    return Network(c, rng.normal(size=(H, 4)), rng.normal(size=4))


def tagger(text="bad cafe\nfed", **options) -> Tagger:
    given = {"alphabet": ABC, "labels": LABELS, "text": text, "title": "tags"} | options
    return Tagger(network(), **given)


def states(text: str, model: Network) -> np.ndarray:
    x = np.eye(len(ABC))[[ABC.index(letter) for letter in text]][:, None]
    return unroll(model.cell, x)[0][:, 0]


def answers(text: str, model: Network) -> np.ndarray:
    return softmax(states(text, model) @ model.W_hy + model.b_y)


def shows(view: Frame, text: str, t: int | None = None, model: Network | None = None) -> None:
    """Field, colours and bars agree on the text, and on the network's answer after t letters."""
    model = model or network()
    t = len(text) if t is None else t
    expect(view.get_by_role("textbox", name="text")).to_have_value(text)
    expect(view.locator(".letter")).to_have_count(len(text))
    strip = view.get_by_role("slider")
    expect(strip).to_have_attribute("aria-valuenow", str(t))
    if text:
        p = answers(text, model)
        tints = [f"var(--class-{k})" if k else "transparent" for k in p.argmax(axis=1)]
        seen = "spans => spans.map((e) => e.style.getPropertyValue('--tint'))"
        assert view.locator(".letter").evaluate_all(seen) == tints
    if t:
        rows = [f"{name}{v:.2f}" for name, v in zip(LABELS, p[t - 1], strict=True)]
        expect(view.get_by_role("listitem")).to_have_text(rows)
        expect(view.locator("li.best")).to_have_count(1)


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(tagger()))


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_each_cell_answers_as_numpy_does(static_page, cell):
    figure = Tagger(network(cell), alphabet=ABC, labels=LABELS, text="fade")
    shows(frame(static_page(figure)), "fade", model=network(cell))


def test_typing_is_answered_and_the_rest_left_out_politely(view):
    shows(view, "bad cafe\nfed")
    field = view.get_by_role("textbox", name="text")
    field.press("End")
    field.press("e")
    shows(view, "bad cafe\nfede" if field.input_value().endswith("e") else "")
    field.fill("çab")
    shows(view, "cab")
    field.fill("a-b")
    expect(view.locator(".note")).to_contain_text("Left out: “\u2068-\u2069”")
    shows(view, "ab")
    field.fill("a" * 301)
    expect(view.locator(".note")).to_have_text("Cut after 300 letters.")
    field.fill("")
    shows(view, "")


def test_the_caret_says_how_much_is_read(view):
    field = view.get_by_role("textbox", name="text")
    field.focus()
    field.press("Control+Home")
    field.press("ArrowRight")
    field.press("ArrowRight")
    shows(view, "bad cafe\nfed", t=2)
    expect(view.locator(".here")).to_have_text("a")
    expect(view.locator(".letter").nth(1)).to_have_class("letter here")


def test_the_map_chooses_letter_and_unit_by_mouse(view):
    strip = view.get_by_role("slider")
    box = strip.bounding_box()
    column, row = (box["width"] - LEFT) / 12, (box["height"] - HEAD) / 6
    page = view.page
    page.mouse.click(box["x"] + LEFT + 4.5 * column, box["y"] + HEAD + 3.5 * row)
    shows(view, "bad cafe\nfed", t=5)
    value = states("bad cafe\nfed", network())[4, 3]
    text = f"unit 3 is {value:.2f}".replace("-", "\u2212")
    expect(strip).to_have_attribute(
        "aria-valuetext", "after “\u2068c\u2069”, letter 5: " + said(5) + text
    )


def said(t: int) -> str:
    p = answers("bad cafe\nfed", network())[t - 1]
    return f"{LABELS[p.argmax()]} {p.max():.2f}; "


def test_the_map_obeys_the_keys(view):
    strip = view.get_by_role("slider")
    strip.focus()
    for key, t in (
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("End", 12),
        ("ArrowRight", 12),
    ):
        strip.press(key)
        shows(view, "bad cafe\nfed", t=t)
    for key, unit in (("ArrowUp", 0), ("ArrowDown", 1), ("ArrowDown", 2)):
        strip.press(key)
        value = states("bad cafe\nfed", network())[-1, unit]
        text = f"unit {unit} is {value:.2f}".replace("-", "\u2212")
        expect(view.locator(".small").last).to_contain_text(text)


def test_colours_by_unit_are_its_values(view):
    view.get_by_label("colour by").select_option("chosen unit")
    h = states("bad cafe\nfed", network())[:, 0]
    expect(view.locator(".letter").first).to_have_attribute("style", re.compile(r"rgb\("))
    tints = view.locator(".letter").evaluate_all(
        "spans => spans.map((e) => e.style.getPropertyValue('--tint'))"
    )
    blue = [int(tint[4:-1].split(",")[2]) > int(tint[4:-1].split(",")[0]) for tint in tints]
    strong = np.abs(h) > 0.1
    assert strong.sum() > 3
    assert [b for b, s in zip(blue, strong, strict=True) if s] == list(h[strong] < 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("show", ["classes", "unit"])
def test_axe_finds_nothing(static_page, axe, scheme, show):
    view = frame(static_page(tagger(show=show), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


def test_a_phone_scrolls_down_only(static_page):
    view = frame(static_page(tagger("bad cafe " * 20), width=375, height=800))
    shows(view, "bad cafe " * 20)
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert view.evaluate(wide)
    same = """() => { const [a, b] = ["pre", "textarea"].map((s) => document.querySelector(s));
      return [a.clientWidth - b.clientWidth, a.scrollHeight - b.scrollHeight]; }"""
    assert view.evaluate(same) == [0, 0]  # each letter stands on its own colour


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Tagger
rng = np.random.default_rng(0)
net = Network.init(RNNCell.init(3, 4, rng), 3, rng)
w = Tagger(net, alphabet="abc", labels=list("xyz"), text="cab")"""
    page = in_lab(lab.write("tagger.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("textbox", name="text").fill("abcc")
    lab.hears(page, "w.text, w.t", "abcc 4")
    view.get_by_role("slider").press("ArrowDown")
    lab.hears(page, "w.unit", "1")
    lab.ask(page, "w.text = 'cccba'; w.t = 2; w.show = 'unit'")
    expect(view.locator(".letter")).to_have_text(list("cccba"))
    expect(view.get_by_role("slider")).to_have_attribute("aria-valuenow", "2")
    expect(view.get_by_label("colour by")).to_have_value("chosen unit")
    assert "text must use the letters 'abc'" in lab.ask(page, "w.text = 'cd'")
