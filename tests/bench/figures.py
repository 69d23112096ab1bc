"""How long a frame of each figure takes: `python -m tests.bench figures`

Each figure of the gallery stands alone in a page, without Python, and plays, or gets keys where
it has nothing to play. The time of a frame is from its start until it is drawn: what the page's
own process does, without what a graphics card would. Then the whole gallery: all figures play
while the page scrolls through them, in turns with an empty page; there the time is from frame to
frame.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Frame, Locator

from .browsing import chromium, figures
from .timing import Spread, table

KEYS, TURNS = 40, 2

# A task that is posted inside a frame's callbacks runs once that frame is drawn.
_FRAMES = """(count) => {
  window.took = new Promise((done) => {
    const spent = [], { port1, port2 } = new MessageChannel();
    let start;
    port1.onmessage = () => {
      spent.push(performance.now() - start);
      if (spent.length < count) requestAnimationFrame(next); else done(spent);
    };
    const next = (begin) => { start = begin; port2.postMessage(0); };
    requestAnimationFrame(next);
  });
}"""

_SCROLL = """async () => {
  const gaps = [], end = document.documentElement.scrollHeight - innerHeight;
  let last = await new Promise(requestAnimationFrame);
  for (let k = 0; k < 240; k++) {
    scrollTo(0, (end * k) / 240);
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  return gaps;
}"""


def write(path: Path, body: str) -> None:
    """A page of its own."""
    head = "<!doctype html><meta charset='utf-8'><title>figures</title>"
    path.write_text(head + body, encoding="utf-8")


def drawn(element: Locator) -> Frame:
    """What an iframe shows, once it is there."""
    element.scroll_into_view_if_needed()
    element.content_frame.locator(".rnn-edu").first.wait_for()
    return element.element_handle().content_frame()


def play(frame: Frame) -> bool:
    """Start all that can be played, as fast as it goes; whether there is anything."""
    buttons = frame.get_by_role("button", name="Play", exact=True).all()
    for speed in frame.get_by_label("steps per second").all():
        speed.select_option("32")
    for button in buttons:
        button.click()
    return bool(buttons)


def milliseconds(browser: Browser, path: Path) -> list[float]:
    """Of each frame, while the figure in this page plays or gets keys."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(path.as_uri())
    frame = drawn(page.locator("iframe"))
    playing = play(frame)
    frame.evaluate(_FRAMES, 2 * KEYS)
    if not playing:
        frame.locator("[role=application], button, [tabindex='0']").first.focus()
        for k in range(KEYS):
            page.keyboard.press("ArrowRight" if k % 8 < 4 else "ArrowLeft")
    spent = frame.evaluate("window.took")
    page.close()
    return spent


def scrolled(browser: Browser, path: Path) -> list[float]:
    """Milliseconds from frame to frame while the page moves, all its figures playing."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(path.as_uri())
    for element in page.locator("iframe").all():
        play(drawn(element))
    gaps = page.evaluate(_SCROLL)
    page.close()
    return gaps


def report(options: list[str]) -> Iterator[str]:
    """A row a figure, and one for all."""
    yield "Milliseconds that a frame takes, of 16.7 that a screen of 60 frames a second gives it:"
    yield "median [middle half]; 19 of 20 are within the third number.\n"
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        yield from table(["figure", "ms", "19 of 20", "kB stored"], rows(browser, Path(folder)))
        yield from together(browser, Path(folder))


def rows(browser: Browser, folder: Path) -> Iterator[list[str]]:
    """One figure after the other, while they play."""
    for title, html in figures().items():
        path = folder / "figure.html"
        write(path, html)
        size = f"{len(html.encode()) / 1000:.0f}"
        yield [title, *numbers(milliseconds(browser, path)), size]


def numbers(spent: list[float]) -> tuple[str, str]:
    """The middle with its spread, and what 19 of 20 are within."""
    return f"{Spread.of(spent):.1f}", f"{sorted(spent)[int(0.95 * len(spent))]:.1f}"


def together(browser: Browser, folder: Path) -> Iterator[str]:
    """The page that has all, beside one that has none."""
    pages = {
        "the gallery": "\n".join(figures().values()),
        "an empty page": "<div style='height: 9000px'>",
    }
    gaps: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(TURNS):
        for name, body in pages.items():
            path = folder / "all.html"
            write(path, body)
            gaps[name] += scrolled(browser, path)
    yield "\nFrom frame to frame while the page scrolls, everything playing:\n"
    yield from table(["", "ms", "19 of 20"], ([name, *numbers(gaps[name])] for name in pages))
