"""The browser of the benches, and the figures that the gallery stores."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import nbformat
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, NAMES
from tests.numerics import ROOT

GALLERY = ROOT / "notebooks" / "gallery.ipynb"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one that CHROMIUM names, or one on the PATH."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def figures() -> dict[str, str]:
    """The HTML of each figure of the gallery as it is stored, by its title."""
    outputs = [
        output.data
        for cell in nbformat.read(GALLERY, as_version=4).cells
        for output in cell.get("outputs", ())
        if "data" in output
    ]
    return {
        data["text/plain"].splitlines()[0].partition(":")[0]: data["text/html"] for data in outputs
    }
