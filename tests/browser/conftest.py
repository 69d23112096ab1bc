"""A browser, pages without a network, a JupyterLab, and axe for what they show."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright

from rnn_edu.widgets.base import Figure

from . import lab as jupyter

ROOT = Path(__file__).resolve().parents[2]
# The first has no window to draw: a page opens in a fifteenth of the time that others take.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MS = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine may miss a frame: such a test gets a second try, and says so.

    The lessons in JupyterLab come first: they take longest, and the other worker does the rest.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: "test_lessons" not in item.nodeid)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one CHROMIUM names, or one on the PATH. Skips where there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sentence = "no Chromium found: install one, or set CHROMIUM to its path"
        if os.environ.get("RNN_EDU_REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages (arguments as for a context); fails on what went wrong inside them."""
    contexts, errors = [], []

    def make(width: int = 1280, height: int = 1000, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def offline(new_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens a file of HTML, every request refused; waits until its figures are drawn."""
    refused = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    def open_file(path: Path, **options: Any) -> Page:
        page = new_page(**options)
        page.route(lambda url: not url.startswith(("file:", "blob:", "data:")), refuse)
        page.goto(path.as_uri())
        for frame in page.locator("iframe").all():
            frame.scroll_into_view_if_needed()  # frames load when they come into view
            frame.content_frame.locator(".rnn-edu canvas, .rnn-edu button").first.wait_for()
        page.evaluate("scrollTo(0, 0)")
        return page

    yield open_file
    assert refused == []


@pytest.fixture
def static_page(offline: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Shows figures as the book does: stored HTML in a file."""

    def show(*figures: Figure, **options: Any) -> Page:
        path = tmp_path / "page.html"
        body = "\n".join(f"<section>{figure.static_html()}</section>" for figure in figures)
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>book</title>'
        path.write_text(f"{head}<style>body {{ margin: 0 }}</style>{body}", encoding="utf-8")
        return offline(path, **options)

    return show


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter.Lab]:
    """One JupyterLab for all tests; it starts only where there is a browser."""
    with jupyter.running(tmp_path_factory.mktemp("lab"), ROOT) as lab:
        yield lab


@pytest.fixture(scope="session")
def lab_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """The page of `in_lab`, and what went wrong in it."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page, errors
    context.close()


@pytest.fixture
def in_lab(lab: jupyter.Lab, lab_page: tuple[Page, list[str]]) -> Iterator[Callable[[str], Page]]:
    """Shows a notebook in the one page that the tests share; fails on what went wrong in it."""
    page, errors = lab_page
    errors.clear()

    def show(name: str) -> Page:
        if page.url.startswith(lab.url):
            lab.open_next(page, name)
        else:
            lab.open(page, name)
        return page

    yield show
    assert errors == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page | Frame], str]:
    """Runs axe inside a frame, since it does not enter sandboxed ones; returns what it finds."""

    def run(frame: Page | Frame) -> str:
        found = Axe().run(frame, context=".rnn-edu")
        return found.generate_report() if found.violations_count else ""

    return run


@pytest.fixture(scope="session")
def overflow() -> Callable[[Page | Frame], list[int]]:
    """Says by how many pixels a page or frame is too small for what it shows: [width, height]."""

    def measure(frame: Page | Frame) -> list[int]:
        for _ in range(20):  # a frame has a process of its own, and hears of its size a little late
            found = frame.evaluate(
                """() => { const e = document.documentElement;
                  return [e.scrollWidth - innerWidth, e.scrollHeight - innerHeight]; }"""
            )
            if found == [0, 0]:
                break
            time.sleep(0.05)
        return found

    return measure
