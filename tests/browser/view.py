"""What the tests of the hidden-state view share: a run to show, and a hand and an eye on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Frame, Locator, Page, expect

from rnn_edu import Trace

TOKENS = tuple("recurrent")
LEFT, STRIP, AXIS, CHART = 34, 20, 24, 80  # CSS pixels around the heat map, as in hidden_state.js
JUMP = 6  # where unit 2 changes most


def make_trace(tokens=TOKENS, H=5, K=3, title="a run") -> Trace:
    """Slow waves of both signs; unit 2 jumps from -0.8 to 0.8; f is a gate."""
    t, j = np.arange(len(tokens))[:, None], np.arange(H)
    h = 0.9 * np.sin(0.7 * t + 1.3 * j)[:, None]
    if H > 2:
        h[:, 0, 2] = np.where(np.arange(len(tokens)) < JUMP, -0.8, 0.8)
    probs = np.random.default_rng(0).dirichlet(np.ones(K), size=(len(tokens), 1)) if K else None
    labels = tuple(f"class {k}" for k in range(K))
    return Trace({"h": h, "f": (1 + h) / 2}, tuple(tokens), probs, labels, title)


@dataclass(frozen=True)
class View:
    """A hidden-state view on a page: its parts by role, and what it shows."""

    frame: Frame | Page  # a page holds a live figure itself

    @classmethod
    def static(cls, page: Page, k: int = 0) -> View:
        """The k-th static figure of a page."""
        return cls([frame for frame in page.frames if frame.parent_frame is not None][k])

    @property
    def stage(self) -> Locator:
        return self.frame.get_by_role("application")

    @property
    def slider(self) -> Locator:
        return self.frame.get_by_role("slider")

    def button(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name, exact=True)

    def menu(self, name: str) -> Locator:
        return self.frame.get_by_role("combobox", name=name)

    def shows(self, t: int, unit: int, array: str = "h") -> None:
        """Slider, output, menu, marked token and caption agree on t and unit."""
        expect(self.slider).to_have_value(str(t))
        expect(self.frame.get_by_role("status")).to_contain_text(f"t = {t} of")
        expect(self.menu("unit")).to_have_value(str(unit))
        expect(self.frame.locator(".caption")).to_contain_text(f"unit {unit} of {array} is")
        expect(self.slider).to_have_attribute("aria-valuetext", re.compile(rf"^t = {t}, "))
        index = "(e) => [...e.parentNode.children].indexOf(e)"
        assert self.frame.locator(".text .here").evaluate(index) == t

    def cell(self, t: int, row: int, T: int = 9, H: int = 5) -> dict[str, float]:
        """Where the heat map has (t, row), in pixels of the stage."""
        width, height = self.stage.evaluate("(e) => [e.clientWidth, e.clientHeight]")
        tall = height - AXIS - CHART - 2 * STRIP
        return {"x": LEFT + (t + 0.5) * (width - LEFT) / T, "y": STRIP + (row + 0.5) * tall / H}

    def colour(self, x: float, y: float) -> list[int]:
        """The stage's red, green and blue at a place."""
        return self.stage.evaluate(
            """(e, [x, y]) => new Promise((done) => requestAnimationFrame(() => {
              const at = (v) => Math.round(v * devicePixelRatio);
              done([...e.getContext("2d").getImageData(at(x), at(y), 1, 1).data].slice(0, 3));
            }))""",
            [x, y],
        )


def swipe(page: Page, view: View, start: dict[str, float], by: tuple[float, float]) -> None:
    """One finger from a place on the stage, in ten moves."""
    client, box = page.context.new_cdp_session(page), view.stage.bounding_box()
    for k in range(12):
        share = min(k, 10) / 10
        x, y = (box[a] + start[a] + share * d for a, d in zip("xy", by, strict=True))
        kind = {0: "touchStart", 11: "touchEnd"}.get(k, "touchMove")
        points = [] if k == 11 else [{"x": x, "y": y}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(16)  # a frame
