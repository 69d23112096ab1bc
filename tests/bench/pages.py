"""How heavy each page of the book is, and how soon its first figure: `python -m tests.bench pages`

Bytes of the page and of all that it loads, from files and not compressed; milliseconds from going
to the page until its first figure is drawn, the page scrolled there at once: the middle of three.
`python -m tests.bench pages FOLDER` measures a book that is built, else one is built first.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, Request

from book import build

from .browsing import chromium
from .timing import table

ROUNDS = 3
DRAWN = ".rnn-edu canvas, .rnn-edu button"


def weigh(page: Page, path: Path) -> int:
    """The bytes that a page loads, itself among them, all its figures shown."""
    loaded = {}

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme == "file":
            loaded[parts.path] = Path(unquote(parts.path)).stat().st_size

    page.on("requestfinished", note)
    page.goto(path.as_uri())
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.remove_listener("requestfinished", note)
    return sum(loaded.values())


def first_figure(browser: Browser, path: Path) -> float:
    """Milliseconds until it is drawn, in a page with an empty cache."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    first = page.locator("iframe").first
    first.scroll_into_view_if_needed()
    first.content_frame.locator(DRAWN).first.wait_for()
    took = 1000 * (time.perf_counter() - start)
    page.close()
    return took


def rows(browser: Browser, html: Path) -> Iterator[list[str]]:
    """One page after the other."""
    page = browser.new_page()
    for path in sorted(html.rglob("*.html")):
        name = path.relative_to(html)
        if name.parts[0].startswith("_"):
            continue
        size, frames = weigh(page, path), page.locator("iframe").count()
        first = [first_figure(browser, path) for _ in range(ROUNDS if frames else 0)]
        took = f"{statistics.median(first):.0f}" if first else ""
        yield [str(name), f"{size / 1e6:.2f}", str(frames), took]


def report(options: list[str]) -> Iterator[str]:
    """A row a page."""
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        folder = Path(options[0]) if options else Path(made)
        if not options:
            start = time.perf_counter()
            build.build(folder)
            yield f"Built in {time.perf_counter() - start:.1f} s.\n"
        heads = ["page", "MB", "figures", "ms to the first"]
        yield from table(heads, rows(browser, folder / "html"))
