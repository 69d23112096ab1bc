"""The kit's functions, called in a browser: what every figure rests on."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from rnn_edu.widgets.base import flatten

pytestmark = pytest.mark.browser

# A figure's stand-in: a model of traits, and colours as `figure` gives them.
_SETUP = """async (source) => {
  window.kit = await import(`data:text/javascript;base64,${source}`);
  const el = document.body.appendChild(document.createElement("div"));
  const model = { get: () => "", on() {}, off() {}, set() {}, save_changes() {} };
  window.themes = {};
  for (const name of ["light", "dark"]) {
    document.documentElement.dataset.theme = name;
    window.themes[name] = kit.figure({ model, el }).theme;
  }
}"""


@pytest.fixture(scope="module")
def js(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Evaluates JavaScript that knows `kit` and `themes`; x is the argument."""
    page = browser.new_page()
    page.evaluate(_SETUP, base64.b64encode(flatten("kit.js").encode()).decode())
    yield lambda expression, x=None: page.evaluate(f"(x) => {expression}", x)
    page.close()


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("a", "a"),
        ("", "∅"),
        (" the", "␣the"),
        ("\r\n", "⏎"),
        ("\t", "⇥"),
        ("\u200b", "U+200B"),
        ("\u202eabc", "U+202Eabc"),
        ("\u00a0", "U+00A0"),
        ("\x00", "U+0000"),
        ("\u0301", "◌\u0301"),
        ("e\u0301", "e\u0301"),
        ("שלום", "שלום"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("<b>", "<b>"),
    ],
)
def test_every_token_can_be_seen(js, token, shown):
    assert js("kit.visible(x)", token) == shown
    assert js("kit.quoted(x)", token) == f"“\u2068{shown}\u2069”"


def test_numbers_have_a_true_minus_and_zero_has_none(js):
    values = [0.5, -0.5, 0, -0.001, -12.345, 1e-9]
    assert js("x.map((v) => kit.number(v))", values) == [
        "0.50", "\u22120.50", "0.00", "0.00", "\u221212.35", "0.00",
    ]  # fmt: skip
    assert js("kit.number(x, 0)", -3) == "\u22123"


def test_float32_reads_all_that_bytes_arrive_as(js):
    kinds = """((values) => {
      const all = new Float32Array([9, ...x, 9]), part = [4, 4 * x.length];
      return [
        new DataView(all.buffer, ...part), new Uint8Array(all.buffer, ...part),
        all.buffer.slice(4, 4 + part[1]), new Float32Array(x),
        new DataView(new Uint8Array([0, ...new Uint8Array(all.buffer, ...part)]).buffer, 1),
      ].map((bytes) => Array.from(kit.float32(bytes)));
    })()"""
    assert js(kinds, [0.5, -2, 8]) == [[0.5, -2, 8]] * 5


def test_children_and_attributes_are_never_markup(js):
    hostile = '"><img src=x onerror=alert(1)>'
    made = """((p) => [p.children.length, p.textContent === x, p.title === x, p.attributes.length])(
      kit.element("p", { title: x }, x))"""
    assert js(made, hostile) == [0, True, True, 1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_is_the_background(js, theme):
    colour = js("themes[x].bg", theme)
    background = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    assert js("kit.colourMap(0, 1, themes[x]).at(0)", theme) == background
    middle = js("kit.colourMap(-1, 1, themes[x]).at(0)", theme)
    assert max(abs(a - b) for a, b in zip(middle, background, strict=True)) <= 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_part_ever_more_from_zero(js, theme):
    """Readable without hue: luminance moves one way from zero to each end."""
    for lo, hi, path in ((-1, 1, "v"), (-1, 1, "-v"), (0, 1, "v")):
        values = js(
            f"Array.from({{ length: 101 }}, (_, k) => k / 100)"
            f".map((v) => kit.luminance(kit.colourMap({lo}, {hi}, themes[x]).at({path})))",
            theme,
        )
        steps = [b - a for a, b in pairwise(values)]
        sign = -1 if theme == "light" else 1
        assert all(sign * step >= -1e-9 for step in steps)
        assert abs(values[-1] - values[0]) > 0.4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_on_every_colour_has_contrast(js, theme):
    contrast = """((map) => Array.from({ length: 256 }, (_, k) => -1 + k / 127.5).map((v) => {
      const a = kit.luminance(map.at(v)), b = map.ink(v) === "#000000" ? 0 : 1;
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }))(kit.colourMap(-1, 1, themes[x]))"""
    assert min(js(contrast, theme)) >= 4.5


def test_signs_have_their_hues(js):
    for theme in ("light", "dark"):
        red, _, blue = js("kit.colourMap(-1, 1, themes[x]).at(0.6)", theme)
        assert red > blue + 50
        red, _, blue = js("kit.colourMap(-1, 1, themes[x]).at(-0.6)", theme)
        assert blue > red + 50


def test_colours_end_where_the_range_ends(js):
    assert js("((m) => m.css(99) === m.css(1) && m.css(-99) === m.css(-1))"
              "(kit.colourMap(-1, 1, themes.light))")  # fmt: skip


def test_picture_has_a_pixel_for_each_value(js):
    pixels = js(
        """((map) => {
          const image = kit.picture(3, 2, (column, row) => x[row][column], map);
          return [image.width, image.height, ...x.flat().map((v, k) => {
            const pixel = image.getContext("2d").getImageData(k % 3, Math.floor(k / 3), 1, 1).data;
            return [...pixel.slice(0, 3)].join() === map.at(v).join();
          })];
        })(kit.colourMap(-1, 1, themes.dark))""",
        [[-1, 0.5, 0], [0.2, -0.7, 1]],
    )
    assert pixels == [3, 2] + [True] * 6
