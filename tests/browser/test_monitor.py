"""The training monitor in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import re

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from rnn_edu.widgets.monitor import Monitor

from .hands import HOSTILE, caption, inside

pytestmark = pytest.mark.browser

LEFT, RIGHT = 44, 8  # CSS pixels beside the plots, as in monitor.js


def trained(updates=40, total=40, norm=True, text="output {}", **options) -> Monitor:
    """A loss of 4 / update; a look after every tenth update, the metric update / 100."""
    options = {"every": 10, "evaluate": lambda u: u / 100, "sample": text.format} | options
    monitor = Monitor(total, metric="accuracy", **options)
    for update in range(1, updates + 1):
        monitor(update, 4 / update, update, *([0.5] if norm else []))
    monitor._tell()
    monitor.t = max(0, updates - 1)
    return monitor


@pytest.fixture(autouse=True)
def every_look(monkeypatch):
    monkeypatch.setenv("RNN_EDU_STRICT", "1")


def chart(frame):
    return frame.get_by_role("application")


def ink(frame) -> list[float | None]:
    """For each hundredth of the plots' width: how deep its dark pixels lie on average."""
    expect(caption(frame)).not_to_be_empty()  # drawn once; twice when the size is known
    return chart(frame).evaluate(
        """async (e, [left, right]) => {
          for (const _ of "ab") await new Promise(requestAnimationFrame);
          const wide = e.width - left - right, high = e.height - 48;
          const { data } = e.getContext("2d").getImageData(left, 24, wide, high);
          const columns = Array.from({ length: 100 }, () => [0, 0]);
          for (let k = 0; k < wide * high; k++) {
            if (data[4 * k] > 120 || data[4 * k + 3] < 250) continue;
            const column = columns[Math.floor((100 * (k % wide)) / wide)];
            column[0] += Math.floor(k / wide);
            column[1] += 1;
          }
          return columns.map(([sum, n]) => (n ? sum / n : null));
        }""",
        [LEFT, RIGHT],
    )


# --- what is drawn and said ----------------------------------------------------------------------


def test_numbers_at_the_cursor_and_the_output_of_that_time(static_page):
    frame = inside(static_page(trained()))
    expect(caption(frame)).to_have_text(
        "update 40 of 40: loss 0.100, smoothed 0.101; accuracy 0.400 at update 40;"
        " gradient norm 0.500"
    )
    expect(frame.locator(".sample")).to_have_text("output 40")
    chart(frame).press("Home")
    expect(caption(frame)).to_have_text(
        "update 1 of 40: loss 4.00, smoothed 4.00; gradient norm 0.500"
    )
    expect(frame.locator(".sample")).to_have_text("")
    expect(frame.get_by_text("no output yet at this update")).to_be_visible()
    for _ in range(9):
        chart(frame).press("ArrowRight")
    expect(frame.locator(".sample")).to_have_text("output 10")
    expect(caption(frame)).to_contain_text("accuracy 0.100 at update 10")
    expect(frame.locator(".rnn-edu > p.hidden")).to_have_text(
        "training: 40 of 40 updates, loss 3.0 to 0.1, accuracy 0.4 at the end"
    )


def test_the_curve_falls_and_a_training_that_is_under_way_fills_its_part(static_page):
    frame = inside(static_page(trained(20, norm=False, evaluate=None)))
    depth = ink(frame)
    assert depth[3] + 50 < depth[20] < depth[40]
    assert depth[55:] == [None] * 45


def test_long_runs_and_wild_ones(static_page):
    long = Monitor(5000)
    for update in range(1, 5001):
        long(update, np.exp(update / 400), None)
    long.t = long.steps - 1
    one, none = Monitor(1), Monitor(3, title="before")
    one(1, -2.5, None)
    page = static_page(long, one, none)
    expect(caption(inside(page))).to_have_text(
        re.compile(r"update 4996 to 5000 of 5000: loss 2\.7e5, smoothed 2\.0e5$")
    )
    chart(inside(page)).press("Home")
    expect(caption(inside(page))).to_have_text(re.compile("update 1 to 5 of 5000: loss 1.01"))
    expect(inside(page).get_by_role("status")).to_have_text("update 5")
    chart(inside(page, 1)).press("ArrowRight")
    expect(caption(inside(page, 1))).to_have_text("update 1 of 1: loss \u22122.50")
    chart(inside(page, 2)).press("End")
    expect(caption(inside(page, 2))).to_have_text("no update of 3 yet")


# --- keys, mouse, touch --------------------------------------------------------------------------


def test_slider_buttons_and_keys(static_page):
    frame = inside(static_page(trained()))
    slider = frame.get_by_label("time step t")
    slider.press("ArrowLeft")
    expect(caption(frame)).to_contain_text("update 39 of 40")
    frame.get_by_role("button", name="Step back").click()
    expect(caption(frame)).to_contain_text("update 38 of 40")
    frame.get_by_role("button", name="Step forward").press("Enter")
    expect(slider).to_have_value("38")
    frame.get_by_label("steps per second").select_option("32")
    slider.press("Home")
    frame.get_by_role("button", name="Play").click()
    expect(caption(frame)).to_contain_text("update 40 of 40")
    expect(frame.get_by_role("button", name="Play")).to_be_visible()
    chart(frame).press("Space")
    expect(frame.get_by_role("button", name="Pause")).to_be_visible()


def test_mouse_and_finger_choose_an_update(static_page):
    page = static_page(trained(), has_touch=True)
    frame = inside(page)
    box = chart(frame).bounding_box()
    x = lambda update: LEFT + (update - 0.5) / 40 * (box["width"] - LEFT - RIGHT)  # noqa: E731
    chart(frame).click(position={"x": x(10), "y": 60})
    expect(caption(frame)).to_contain_text("update 10 of 40")
    page.mouse.move(box["x"] + x(10), box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + x(25), box["y"] + 90, steps=4)
    page.mouse.up()
    expect(caption(frame)).to_contain_text("update 25 of 40")
    chart(frame).tap(position={"x": x(33), "y": 200})
    expect(caption(frame)).to_contain_text("update 33 of 40")
    page.mouse.click(box["x"] + 5, box["y"] + 80)  # left of the plots
    expect(caption(frame)).to_contain_text("update 1 of 40")


# --- whom it serves ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme):
    figures = [trained(), trained(norm=False, evaluate=None, sample=None)]
    for width in (375, 1280):
        page = static_page(*figures, width=width, color_scheme=scheme)
        for frame in page.frames[1:]:
            assert axe(frame) == ""
            assert overflow(frame) == [0, 0]


def test_hostile_text_shows_as_text(static_page):
    frame = inside(static_page(trained(text=HOSTILE + "\nאבג", title=HOSTILE), width=375))
    expect(frame.locator(".sample")).to_have_text(re.compile(re.escape(HOSTILE)))
    expect(frame.locator(".title")).to_have_text(HOSTILE)
    assert frame.locator("img").count() == 0
    rtl = inside(static_page(trained(text="אבג")))
    expect(rtl.locator(".sample")).to_have_css("direction", "rtl")


# --- JupyterLab ----------------------------------------------------------------------------------

SET_UP = """\
import os, time
from pathlib import Path
from rnn_edu.widgets.monitor import Monitor
os.environ["RNN_EDU_STRICT"] = "0"
monitor = Monitor(900, sample=lambda m: f"output {m}", every=10)
"""
TRAIN = """\
for update in range(1, 901):
    monitor(update, 3 / update, update)
    if not Path("go on").exists():
        time.sleep(0.02)
"""


def test_live_it_moves_while_the_cell_runs_and_its_end_is_stored(lab, in_lab):
    name = lab.write("monitor.ipynb", [SET_UP, TRAIN])
    page = in_lab(name)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    root = page.locator(".rnn-edu")
    expect(caption(root)).to_contain_text(re.compile(r"update \d{2,3} of 900"))  # it moves
    expect(root.locator(".sample")).to_have_text(re.compile(r"output \d+"))
    chart(root).press("Home")
    expect(caption(root)).to_contain_text("update 1 of 900")
    expect(root.locator(".sample")).to_have_text("")
    (lab.folder / "go on").touch()
    expect(root.locator("p.hidden")).to_contain_text("900 of 900")  # the output at the end
    chart(root).press("End")
    expect(caption(root)).to_contain_text("update 900 of 900")
    expect(root.locator(".sample")).to_have_text("output 900")
    expect(root).to_have_count(1)
    chart(root).press("ArrowLeft")
    expect(caption(root)).to_contain_text("update 899 of 900")
    lab.hears(page, "monitor.t", "898")
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    (output,) = nbformat.read(lab.folder / name, 4).cells[1].outputs
    assert output.data["text/plain"] == "training: 900 of 900 updates, loss 0.3 to 0.0"
    assert "output 900" in output.data["text/html"]
