"""The picture in the README: python -m tests.browser.picture, after `make notebooks`.

Lesson 02's stored hidden-state view, after the last letter, as a page without a kernel shows it.
"""

from __future__ import annotations

import shutil

import nbformat
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, NAMES
from tests.numerics import ROOT


def main() -> None:
    nb = nbformat.read(ROOT / "notebooks" / "02_the_loop.ipynb", as_version=4)
    cell = next(c for c in nb.cells if "HiddenState(" in c.source)
    html = cell.outputs[0].data["text/html"]
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1000, "height": 700}, device_scale_factor=1.5)
        page.set_content(f"<body style='margin: 0'>{html}")
        frame = page.frame_locator("iframe")
        frame.get_by_role("application").press("End")
        for _ in range(25):
            frame.get_by_role("application").press("ArrowDown")
        page.wait_for_timeout(500)
        target = ROOT / "book" / "pictures" / "hidden_state.png"
        page.locator(".rnn-edu-static").screenshot(path=target)
        print(target)


if __name__ == "__main__":
    main()
