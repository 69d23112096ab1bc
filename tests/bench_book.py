"""How heavy each page of the book is, and how soon its first figure: python -m tests.bench_book

Bytes of the page and of all that it loads, from files and not compressed; milliseconds from going
to the page until its first figure is drawn, the page scrolled there at once: the middle of three.
Nothing is asserted here. `--at FOLDER` measures a book that is built, else one is built first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright

from book import build

from .browser.conftest import FLAGS, NAMES

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


def measure(browser: Browser, html: Path) -> None:
    """Print a line for each page."""
    page = browser.new_page()
    for path in sorted(html.rglob("*.html")):
        name = path.relative_to(html)
        if name.parts[0].startswith("_"):
            continue
        size, frames = weigh(page, path), page.locator("iframe").count()
        line = f"{size / 1e6:6.2f} MB  {frames:2} figures"
        if frames:
            took = statistics.median(first_figure(browser, path) for _ in range(ROUNDS))
            line += f"  first after {took:5.0f} ms"
        print(f"{line:44}{name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench_book")
    parser.add_argument("--at", type=Path, metavar="FOLDER", help="where html/ is")
    folder = parser.parse_args().at
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        if folder is None:
            folder, start = Path(made), time.perf_counter()
            build.build(folder)
            print(f"built in {time.perf_counter() - start:.1f} s")
        path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        measure(browser, folder / "html")


if __name__ == "__main__":
    main()
