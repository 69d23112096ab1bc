"""The built book in a browser: no other host, room on a phone, both themes, search, no scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, Route, TimeoutError, expect

from book import course

pytestmark = pytest.mark.browser

GRAVE = ("serious", "critical")
IN_FULL = ("01_why_sequences.html", "checks.html")


@pytest.fixture
def opened(new_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens pages of the book from files; every request for another host is refused and fails."""
    refused = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    def make(**options: Any) -> Page:
        page = new_page(**options)
        page.route(lambda url: not url.startswith(("file:", "blob:", "data:")), refuse)
        return page

    yield make
    assert refused == []


# They are many, and alike wherever they stand: one page is looked at in full.
REPEATED = {"exclude": [[".highlight pre"], ["dt.sig"], ["math"]]}

# Contrast takes axe most of its time and depends on few things. This marks the first two carriers
# of each look that is not among the known ones, and returns the new looks.
LOOKS = """(known) => {
  const carriers = new Map(), grounds = new Map([[null, ""]]), old = new Set(known);
  const ground = (node) => {
    if (!grounds.has(node)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
      const own = `${backgroundColor} ${backgroundImage} ${opacity};`;
      grounds.set(node, ground(node.parentElement) + own.replace("rgba(0, 0, 0, 0) none 1;", ""));
    }
    return grounds.get(node);
  };
  for (const node of document.body.querySelectorAll("*")) {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(node);
    const look = [ground(node), color, fontSize, fontWeight, textShadow].join();
    const speaks = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    const fresh = speaks && !old.has(look) && node.checkVisibility({ visibilityProperty: true })
      && node.getBoundingClientRect().width > 1;
    if (fresh) carriers.set(look, 1 + (carriers.get(look) ?? 0));
    node.toggleAttribute("data-look", fresh && carriers.get(look) <= 2);
  }
  return [...carriers.keys()];
}"""
CONTRAST = ("color-contrast", "link-in-text-block")
OFF = {"enabled": False}


def axe_finds(page: Page, context: dict | None, **options: Any) -> list[str]:
    """What is serious or worse on a page; its frames have a test of their own."""
    found = Axe().run(page, context, {"iframes": False, "resultTypes": ["violations"], **options})
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found.response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def contrast_finds(page: Page, known: set[str]) -> list[str]:
    """Text that its background swallows, among looks that are not known; these then are."""
    new = page.evaluate(LOOKS, list(known))
    known.update(new)
    return axe_finds(page, {"include": [["[data-look]"]]}, runOnly=CONTRAST) if new else []


def test_every_page_fits_a_phone_and_axe_finds_nothing_grave(site, opened):
    page = opened(width=375, color_scheme="light", reduced_motion="reduce")
    wrong, known = {}, set()
    for path in site.pages:
        page.emulate_media(color_scheme="light")
        page.goto(path.as_uri())
        if path.name in IN_FULL:
            light = axe_finds(page, None)
        else:
            light = contrast_finds(page, known)
            if path.parent.name != "api":  # made by one template: one of them is seen in full
                light += axe_finds(page, REPEATED, rules=dict.fromkeys(CONTRAST, OFF))
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        found = [f"light {violation}" for violation in light]
        found += [f"dark {violation}" for violation in contrast_finds(page, known)]
        if sideways := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            found.append(f"{sideways} pixels too wide")
        if found:
            wrong[path.name] = found
    assert wrong == {}


def test_search_finds_a_word_from_a_file(site, opened):
    page = opened()
    page.goto(f"{(site.html / 'search.html').as_uri()}?q=Hochreiter")
    results = page.locator("#search-results")
    expect(results.get_by_role("link", name="07 · Vanishing and exploding").first).to_be_visible()


def test_the_search_button_leads_to_the_results(site, opened):
    page = opened()
    page.goto((site.html / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("alignment")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#search-results a").first).to_be_visible()


def test_without_scripts_the_formulas_and_the_pictures_are_there(site, opened):
    page = opened(java_script_enabled=False)
    page.goto((site.html / "07_vanishing_and_exploding.html").as_uri())
    formula = page.locator("math[display=block]").first
    expect(formula).to_be_visible()
    assert formula.bounding_box()["height"] > 30  # a fraction, set as one
    expect(page.locator(".cell_output img").first).to_be_visible()


def test_the_figures_follow_the_switch_of_the_page(site, opened):
    page = opened(color_scheme="light", reduced_motion="reduce")
    page.goto((site.html / "07_vanishing_and_exploding.html").as_uri())
    frame = page.locator("iframe").first
    frame.scroll_into_view_if_needed()
    root = frame.content_frame.locator(".rnn-edu")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Color mode").click()
    page.get_by_role("button", name="Dark").click()
    expect(root).to_have_attribute("data-theme", "dark")


# What a figure shows: its words, pictures and fields.
STATE = """() => [document.body.innerText,
  ...[...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()),
  ...[...document.querySelectorAll("input, textarea")].map((field) => [field.value, field.checked]),
].join()"""
SOON = "() => new Promise((done) => setTimeout(done, 100))"  # a frame out of sight draws none
KEYS = ("Space", "End", "Home", "ArrowDown", "ArrowRight")
REACHED = ":is([role=application], textarea, input, button):visible"
CLICKED = ":is(canvas, label, button):visible"

Move = Callable[[], None]


def by_keyboard(frame: Frame) -> Iterator[Move]:
    """Keys on what can be focused: of those that lead back and forth, the last leads on."""
    for node in frame.locator(REACHED).all()[:6]:
        yield lambda node=node: [node.press(key) for key in KEYS]


def by_mouse(frame: Frame) -> Iterator[Move]:
    """Clicks on what can be clicked, and into pictures."""
    for node in frame.locator(CLICKED).all()[:8]:
        yield lambda node=node: node.click(timeout=500)


def answers(frame: Frame, moves: Callable[[Frame], Iterator[Move]]) -> bool:
    """Whether one of the moves changes what the figure shows."""
    before = frame.evaluate(STATE)
    for move in moves(frame):
        with contextlib.suppress(TimeoutError):  # what cannot be clicked is no way to move it
            move()
        frame.evaluate(SOON)
        if frame.evaluate(STATE) != before:
            return True
    return False


def test_every_figure_of_every_lesson_answers_to_mouse_and_keyboard(site, opened):
    page = opened(reduced_motion="reduce")
    silent = []
    for lesson in course.lessons():
        page.goto((site.html / f"{lesson.stem}.html").as_uri())
        notebook = (course.NOTEBOOKS / f"{lesson.stem}.ipynb").read_text(encoding="utf-8")
        frames = page.locator("iframe")
        expect(frames).to_have_count(notebook.count("<iframe sandbox"))
        for element in frames.all():
            element.scroll_into_view_if_needed()
            element.content_frame.locator(".rnn-edu canvas, .rnn-edu button").first.wait_for()
            frame = element.element_handle().content_frame()
            for moves in (by_keyboard, by_mouse):
                if not answers(frame, moves):
                    silent.append(f"{lesson.stem}: {frame.title()}, {moves.__name__}")
    assert silent == []
