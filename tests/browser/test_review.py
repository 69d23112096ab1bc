"""The review reader as a reader: typing, pointing, the keys, and the same numbers as NumPy."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.data import Vocabulary, split_words
from rnn_edu.embedding import Embedding, Reader
from rnn_edu.topologies import Network
from rnn_edu.widgets import ReviewReader
from rnn_edu.widgets.base import flatten
from rnn_edu.widgets.review import scores

from .hands import frame

pytestmark = pytest.mark.browser

BAD = "<img src=x onerror=document.body.remove()>"
WORDS = Vocabulary.of(["the film is not dull , but very fine . img src x"])
V = len(WORDS)
TEXT = "The film is not dull, it's fine."
LEFT, RIGHT = 44, 12  # CSS pixels beside the path, as in review.js
COUNTS = (np.linspace(-1, 1, V).round(2), 0.25)


def reader(cell=GRUCell, H=6) -> Reader:
    rng = np.random.default_rng(4)
    c = cell.init(5, H, rng)
    network = Network(
        type(c)(*(3 * a for a in vars(c).values())), rng.normal(size=(H, 2)), rng.normal(size=2)
    )
    return Reader(Embedding(rng.normal(size=(V, 5)).astype(np.float16).astype(float)), network)


def review(text=TEXT, cell=GRUCell, **options) -> ReviewReader:
    return ReviewReader(
        reader(cell), WORDS, text=text, **{"counts": COUNTS, "title": "a reader"} | options
    )


def signed(v: float) -> str:
    return f"{v:+.2f}".replace("-", "\u2212") if abs(v) >= 0.005 else "0.00"


def shows(view: Frame, text: str, t: int | None = None, cell=GRUCell) -> None:
    """Field, words, path, bars and caption agree on the text and on t words of it."""
    model, words = reader(cell), split_words(text)[:60]
    t = len(words) if t is None else t
    tokens = WORDS.encode([text])[0][:60] if words else np.zeros((0, 1), int)
    s = scores(model, tokens)
    expect(view.get_by_role("textbox", name="review")).to_have_value(text)
    expect(view.get_by_role("slider")).to_have_attribute("aria-valuenow", str(t))
    changes = [signed(d) if i < t else "\u2026" for i, d in enumerate(np.diff(s))]
    expect(view.locator(".word")).to_have_text([w + d for w, d in zip(words, changes, strict=True)])
    first = [i for i in range(t) if tokens[i, 0] not in tokens[:i, 0]]
    counted = COUNTS[0][tokens[first, 0]].sum() + COUNTS[1]
    rows = [1 / (1 + np.exp(-v)) for v in (s[t], counted)]
    expect(view.locator("li b")).to_have_text([f"positive {p:.2f}" for p in rows])
    expect(view.locator(".caption")).to_contain_text(f"score {signed(s[t])}")


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(review()))


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_each_cell_answers_as_numpy_does(static_page, cell):
    shows(frame(static_page(review(cell=cell))), TEXT, cell=cell)


def test_typing_is_answered(view):
    shows(view, TEXT)
    field = view.get_by_role("textbox", name="review")
    for text in (
        "not dull",
        "dull, not",
        "fine fine fine",
        "",
        " \n",
        "the film is fine",
        "\u0130x",
    ):
        field.fill(text)
        if "\u0130" not in text:
            shows(view, text)
    field.fill("not dul")
    field.press("End")
    field.press("l")
    shows(view, "not dull")


def test_unknown_words_are_marked_and_hostile_ones_are_text(view):
    view.get_by_role("textbox", name="review").fill(f"fine zwyczajny film {BAD}")
    unknown = [w not in WORDS.words for w in split_words(f"fine zwyczajny film {BAD}")]
    seen = view.locator(".word").evaluate_all("all => all.map((e) => e.matches('.unknown'))")
    assert seen == unknown
    expect(view.locator(".note")).to_contain_text(f"{sum(unknown)} of {len(unknown)} words unknown")
    view.locator(".word").nth(1).click()
    expect(view.locator(".caption")).to_contain_text("word 2, unknown: ")


def test_only_the_first_sixty_words_are_read(view):
    view.get_by_role("textbox", name="review").fill("fine film " * 40)
    expect(view.locator(".note")).to_have_text("Only the first 60 words are read.")
    shows(view, "fine film " * 40)


def test_a_word_is_chosen_by_mouse_and_by_keys(view):
    view.locator(".word").nth(3).click()
    shows(view, TEXT, t=4)
    expect(view.locator(".word.here")).to_contain_text("not")
    expect(view.locator(".caption")).to_contain_text("after \u201c\u2068not\u2069\u201d, word 4: ")
    strip = view.get_by_role("slider")
    strip.focus()
    T = len(split_words(TEXT))
    for key, t in (
        ("ArrowRight", 5),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", T),
        ("ArrowRight", T),
        ("ArrowLeft", T - 1),
    ):
        strip.press(key)
        shows(view, TEXT, t=t)
    box = strip.bounding_box()
    column = (box["width"] - LEFT - RIGHT) / T
    view.page.mouse.click(box["x"] + LEFT + 2 * column, box["y"] + 30)
    shows(view, TEXT, t=2)


def test_examples_are_offered(static_page):
    view = frame(static_page(review(examples=[TEXT, "not fine", "very dull " * 20])))
    menu = view.get_by_role("combobox", name="try")
    expect(menu.locator("option")).to_have_text(
        [TEXT, "not fine", f"{('very dull ' * 20)[:43]}\u2026"]
    )
    menu.select_option("not fine")
    shows(view, "not fine", t=2)


def test_the_colour_of_a_word_is_its_contribution(view):
    d = np.diff(scores(reader(), WORDS.encode([TEXT])[0]))
    red_and_blue = (
        "all => all.map((e) => getComputedStyle(e).backgroundColor.match(/\\d+/g).map(Number))"
    )
    colours = np.array(view.locator(".word").evaluate_all(red_and_blue))
    strong = np.abs(d) > 0.1
    assert strong.sum() > 3
    assert ((colours[:, 0] > colours[:, 2])[strong] == (d > 0)[strong]).all()  # orange is praise


def test_words_and_halves_are_read_as_in_python(new_page):
    page = new_page()
    source = base64.b64encode(flatten("review.js").encode()).decode()
    page.evaluate(
        "async (s) => { window.js = await import(`data:text/javascript;base64,${s}`); }", source
    )
    texts = [
        TEXT,
        "It isn\u2019t... co-op's 1/2 \u00bd na\u00efve CAF\u00c9",
        "'quoted' x_y \u6620\u753b\U0001f600!",
        "",
        "a\tb\nc\u00a0d",
    ]
    assert page.evaluate("(texts) => texts.map(js.splitWords)", texts) == [
        split_words(t) for t in texts
    ]
    halves = np.arange(0x7C00, dtype="<u2")  # every finite one of plus sign
    halves = np.concatenate([halves, halves | 0x8000])
    packed = base64.b64encode(halves.tobytes()).decode()
    unpack = "(b) => [...js.halves(Uint8Array.from(atob(b), (c) => c.charCodeAt()).buffer)]"
    assert np.array_equal(page.evaluate(unpack, packed), halves.view("<f2").astype(float))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(static_page, axe, scheme):
    figure = review("fine zwyczajny film", examples=["not fine"], t=2)
    view = frame(static_page(figure, color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


@pytest.mark.parametrize("width", [375, 1280])
def test_it_fits_its_frame(static_page, overflow, width):
    figure = review("incomprehensibilities " * 26, examples=["not fine " * 30])
    view = frame(static_page(figure, width=width, height=800))
    expect(view.locator(".word")).to_have_count(26)
    assert overflow(view) == [0, 0]


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import GRUCell
from rnn_edu.data import Vocabulary
from rnn_edu.embedding import Reader
from rnn_edu.widgets import ReviewReader
rng, words = np.random.default_rng(0), Vocabulary.of(["not a dull film"])
w = ReviewReader(Reader.init(len(words), GRUCell.init(3, 4, rng), 2, rng), words, text="a film")"""
    page = in_lab(lab.write("review.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("textbox", name="review").fill("not a film")
    lab.hears(page, "w.text, w.t", "not a film 3")
    view.get_by_role("slider").press("ArrowLeft")
    lab.hears(page, "w.t", "2")
    lab.ask(page, "w.text = 'dull'; w.t = 0")
    expect(view.locator(".word")).to_have_count(1)
    expect(view.get_by_role("slider")).to_have_attribute("aria-valuenow", "0")
    assert "t must lie in 0..1" in lab.ask(page, "w.t = 2")
