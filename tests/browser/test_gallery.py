"""The gallery in the built book: each kind of figure moved by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import FrameLocator, Page, expect

pytestmark = pytest.mark.browser

Move = Callable[[FrameLocator], object]


class Case(NamedTuple):
    """A figure by its title, where to look, and what stands there after each of two moves."""

    title: str
    look: str
    mouse: Move
    after_mouse: str
    key: Move
    after_key: str


def click(name: str) -> Move:
    return lambda f: f.get_by_role("button", name=name, exact=True).click()


def press(key: str) -> Move:
    return lambda f: f.get_by_role("application").press(key)


def at(selector: str, x: float, y: float) -> Move:
    """A click at shares of an element's width and height."""

    def move(frame: FrameLocator) -> None:
        node = frame.locator(selector).first
        box = node.bounding_box()
        node.click(position={"x": x * box["width"], "y": y * box["height"]})

    return move


def typing(text: str) -> Move:
    def move(frame: FrameLocator) -> None:
        frame.get_by_role("textbox").press("Control+End")
        frame.get_by_role("textbox").press_sequentially(text)

    return move


CASES = (
    Case(
        "training a reader of surnames", ".caption",
        at(".chart", 0.5, 0.5), r"^update [34]\d\d of 822",
        press("Home"), "^update 1 of 822",
    ),
    Case(
        "a reader of surnames", ".tiles",
        click("Reverse"), "^mortsnarg$",
        typing("a"), "^mortsnarga$",
    ),
    Case(
        "heard a clap?", ".controls output",
        click("Step forward"), "t = 2 of 6",
        press("End"), "t = 6 of 6",
    ),
    Case(
        "a network that reads Python", ".small:not(.note)",
        at(".strip", 0.3, 0.9), r"letter 2\d: .*; unit 2\d is",
        typing("1"), "letter 92: ",
    ),
    Case(
        "one line of Python", ".caption",
        at(".stage", 0.97, 0.3), "^t = 29, .* readout “\u2068comment\u2069”",
        press("Home"), "^t = 0, .* readout “\u2068name\u2069”",
    ),
    Case(
        "unit 10, gate by gate", ".caption",
        click("Step forward"), "^t = 1, ",
        lambda f: f.get_by_label("time step t").press("End"), "^t = 29, ",
    ),
    Case(
        "Five ways to feed and to read a loop", ".says",
        click("one-to-many"), "^A picture",
        press("4"), "^Characters of Python",
    ),
    Case(
        "the trained weights, on random inputs", ".caption",
        at("input[aria-label='input gain']", 0.02, 0.5), "^The loss reaches all 50 steps",
        lambda f: f.get_by_label("spectral radius", exact=True).press("End"), "^Exploding",
    ),
    Case(
        "a writer of Italian surnames", ".by > span",
        click("One letter"), "^after “\u2068␣b.\u2069”$",
        typing("erti"), "erti⁩”$",
    ),
    Case(
        "Italian surnames with b", ".caption",
        click("Step forward"), "^t = 1: ",
        press("End"), "^t = 6: ",
    ),
    Case(
        "sandqvist looks at lindqvist", ".caption",
        at(".stage", 0.97, 0.9), "^t = 8: “\u2068t\u2069” reads “\u2068t\u2069”",
        press("ArrowDown"), "is read by",
    ),
    Case(
        "one line, two readers", ".effect",
        lambda f: (f.locator(".line .letter").nth(14).click(), click("mask")(f)),
        "^before place 15: nothing moves",
        lambda f: (f.get_by_role("slider").press("Home"), f.get_by_role("slider").press("x")),
        "^from place 1 on: ",
    ),
    Case(
        "a writer of documentation", ".heading",
        click("One letter"), "^after 34 letters",
        typing("ab"), "^after 36 letters",
    ),
    Case(
        "a verdict, word by word", ".caption",
        lambda f: f.locator(".word").nth(3).click(), "“\u2068dull\u2069”, word 4",
        lambda f: f.get_by_role("slider").press("End"), "word 17: negative",
    ),
    Case(
        "three years of sunspots", ".caption",
        click("Step forward"), "^From 1983-02, 36 months ahead",
        press("End"), "^From 2006-01, ",
    ),
    Case(
        "a scene, word by word", ".caption",
        click("Step forward"), "^t = 1: ",
        press("End"), "^t = 16: “\u2068<end>\u2069”",
    ),
    Case(
        "Two questions", ".score",
        lambda f: f.get_by_label("it looks everywhere").click(), "^Answered 1 of 2",
        typing("8\n"), "^Answered 2 of 2",
    ),
    Case(
        "eight steps of a gated unit", ".caption",
        click("Step forward"), "^round 4: ",
        press("End"), "^round 8: the scan was done in round 6",
    ),
    Case(
        "a map of what it remembers", ".caption",
        at("input[aria-label='letter']", 0.5, 0.5), r"letter 4\d of 83",
        typing("x"), "letter 84 of 84",
    ),
    Case(
        "write, overwrite, read", ".counter",
        click("Overwrite A"), "^n = 6 writes$",
        lambda f: f.get_by_role("radio", name="B: ").press("Enter"), "^n = 7 writes$",
    ),
    Case(
        "recall, and what it costs", ".caption",
        click("Step back"), "^At T = 64",
        press("Home"), "^At T = 16",
    ),
)  # fmt: skip


def figure(page: Page, title: str) -> FrameLocator:
    frame = page.locator(f'iframe[title="{title} (interactive figure)"]')
    frame.scroll_into_view_if_needed()
    return frame.content_frame


def test_each_figure_moves_by_mouse_and_by_keyboard(offline, site):
    page = offline(site.html / "gallery.html")
    expect(page.locator("iframe")).to_have_count(len(CASES))
    for case in CASES:
        frame = figure(page, case.title)
        seen = frame.locator(case.look).first
        expect(seen).not_to_have_text(re.compile(case.after_mouse))
        case.mouse(frame)
        expect(seen).to_have_text(re.compile(case.after_mouse))
        expect(seen).not_to_have_text(re.compile(case.after_key))
        case.key(frame)
        expect(seen).to_have_text(re.compile(case.after_key))
        if case.title == "one line of Python":  # the figure below shares its cursor
            linked = figure(page, "unit 10, gate by gate")
            expect(linked.locator(".caption")).to_contain_text("t = 0, ")


@pytest.mark.parametrize("width", [1280, 375])
def test_all_fits_in_both_themes(offline, site, overflow, width):
    """That axe finds nothing is a test of each figure's own."""
    page = offline(site.html / "gallery.html", width=width, color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for frame in page.frames[1:]:
            frame.frame_element().scroll_into_view_if_needed()  # out of sight it keeps its colours
            expect(frame.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
            assert (frame.title(), *overflow(frame)) == (frame.title(), 0, 0)
