"""The route of every figure, with the hidden-state view as the specimen: theme, link, clean-up,
live in JupyterLab, and stored in a notebook that is trusted or not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnn_edu.widgets import HiddenState

from .view import View, make_trace

pytestmark = pytest.mark.browser

HINT = "Interactive figure: run this cell to see it."
CORNER = {"x": 4, "y": 4}  # of the stage: background


# --- static pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "switch",
    [
        "document.documentElement.dataset.theme = x",  # the book
        "document.body.dataset.jpThemeLight = String(x === 'light')",  # JupyterLab
        "frames[0].postMessage({ rnnEduTheme: x }, '*')",  # a browser that keeps it from frames
    ],
)
def test_colours_follow_the_page(static_page, switch):
    page = static_page(HiddenState(make_trace()), color_scheme="null")  # that is: not emulated
    view = View.static(page)
    cell = view.cell(5, 0)
    light = view.colour(**cell)
    for theme, colour in (("dark", "rgb(20, 24, 30)"), ("light", "rgb(255, 255, 255)")):
        page.evaluate(f"(x) => {{ {switch} }}", theme)
        expect(view.frame.locator(".rnn-edu")).to_have_attribute("data-theme", theme)
        expect(view.frame.locator(".rnn-edu")).to_have_css("background-color", colour)
        assert (view.colour(**cell) == light) == (theme == "light")


def test_linked_figures_share_one_cursor(static_page):
    traces = [make_trace(), make_trace(tokens="abcd"), make_trace(), make_trace()]
    groups = ["a", "a", "b", ""]
    figures = [HiddenState(r, link=g, t=1) for r, g in zip(traces, groups, strict=True)]
    page = static_page(*figures)
    page.evaluate("window.heard = 0; addEventListener('message', () => { heard += 1; })")
    first, second, other, alone = (View.static(page, k) for k in range(4))
    first.stage.press("ArrowRight")
    second.shows(2, 0)
    second.stage.press("ArrowRight")
    first.shows(3, 0)
    alone.stage.press("ArrowRight")
    first.stage.press("End")
    second.shows(3, 0)  # its own last step
    first.shows(8, 0)
    other.shows(1, 0)
    alone.shows(2, 0)
    assert page.evaluate("heard") == 3  # one for each move of a linked figure: no echo


@pytest.mark.parametrize(("width", "narrow"), [(674, True), (675, False)])
def test_a_frame_takes_its_narrow_height_where_its_figure_is_laid_out_narrow(
    static_page, width, narrow
):
    figure = HiddenState(make_trace())
    page = static_page(figure, width=width)
    controls = View.static(page).frame.locator(".controls")
    expect(controls).to_have_css("flex-wrap", "wrap" if narrow else "nowrap")
    expect(page.locator("iframe")).to_have_css("height", f"{figure.heights[narrow]}px")


def test_the_line_is_hidden_only_where_the_frame_is(static_page):
    page = static_page(HiddenState(make_trace()))
    expect(page.get_by_text(HINT)).to_be_hidden()
    page.evaluate("document.querySelector('iframe').remove()")
    expect(page.get_by_text(HINT)).to_be_visible()


def test_a_removed_figure_leaves_nothing_behind(new_page):
    """Every listener's signal is aborted, every observer disconnected, every timer stopped."""
    figure = HiddenState(make_trace(), link="a")
    state = {k: list(v) if isinstance(v, bytes) else v for k, v in figure.state().items()}
    page = new_page()
    page.evaluate(
        """async ([state, esm, css]) => {
          for (const k of ["values", "paths", "probs"]) state[k] = Uint8Array.from(state[k]).buffer;
          window.left = { listeners: [], observers: 0, model: 0 };
          const ours = () => new Error().stack.includes("blob:"); // the driver has its own
          const add = EventTarget.prototype.addEventListener;
          EventTarget.prototype.addEventListener = function (type, listen, options) {
            const lasting = !(this instanceof AbortSignal);
            if (lasting && ours()) left.listeners.push([type, options?.signal]);
            return add.call(this, type, listen, options);
          };
          for (const Observer of [ResizeObserver, MutationObserver]) {
            const { disconnect, observe } = Observer.prototype, seen = new Set();
            Observer.prototype.observe = function (...args) {
              if (ours() && !seen.has(this)) left.observers += 1;
              seen.add(this);
              return observe.apply(this, args);
            };
            Observer.prototype.disconnect = function () {
              if (ours()) left.observers -= 1;
              disconnect.call(this);
            };
          }
          window.moves = [];
          const model = {
            get: (k) => state[k], set(k, v) { state[k] = v; moves.push(k); }, save_changes() {},
            on() { left.model += 1; }, off() { left.model -= 1; },
          };
          const [sheet, el] = ["style", "div"].map((tag) => document.createElement(tag));
          sheet.textContent = css;
          document.body.append(sheet, el);
          const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
          window.stop = (await import(url)).default.render({ model, el });
        }""",
        [state, figure._esm, figure._css],
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("moves.length > 1")
    before = page.evaluate("[left.listeners.length, left.observers, left.model]")
    assert min(before) >= 3
    page.evaluate("stop()")
    kept = "left.listeners.filter(([, signal]) => !signal?.aborted).map(([type]) => type)"
    assert page.evaluate(kept) == []
    assert (
        page.evaluate("[left.observers, left.model, document.querySelectorAll('.rnn-edu').length]")
        == [0] * 3
    )
    moves = page.evaluate("moves.length")
    page.evaluate("postMessage({ rnnEduTime: { group: 'a', t: 3 } }, '*')")
    page.wait_for_timeout(600)  # more than two steps of playing
    assert page.evaluate("moves.length") == moves


# --- JupyterLab ----------------------------------------------------------------------------------

CELL = """\
import numpy as np
from rnn_edu import Trace
from rnn_edu.widgets import HiddenState
h = np.sin(np.arange(45.0)).reshape(9, 1, 5)
trace = Trace({"h": h}, tuple("recurrent"))
fig, twin = HiddenState(trace, link="a"), HiddenState(trace, link="a")
"""


@pytest.fixture
def live(lab, new_page):
    """A notebook that has just run, with two linked figures."""
    page = new_page()
    lab.open(page, lab.write("live.ipynb", [CELL, "fig", "twin"]))
    lab.run_all(page)
    expect(page.locator(".rnn-edu")).to_have_count(2)
    return page


def test_a_live_figure_and_python_share_its_state(lab, live):
    view = View(live.locator(".jp-Cell").nth(1))
    view.stage.press("ArrowRight")
    view.stage.press("ArrowRight")
    view.stage.press("ArrowDown")
    view.shows(2, 1)
    lab.hears(live, "fig.t, fig.unit", "2 1")
    lab.ask(live, "fig.t, fig.unit, fig.order = 5, 3, 'similarity'")
    view.shows(5, 3)
    expect(view.menu("order")).to_have_value("similarity")
    assert "t must lie in 0..8, got 9" in lab.ask(live, "fig.t = 9")

    view.slider.press("End")
    twin = View(live.locator(".jp-Cell").nth(2))
    expect(twin.slider).to_have_value("8")
    lab.hears(live, "twin.t", "8")

    active = "jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = live.evaluate(active)
    view.stage.press("ArrowDown")
    view.stage.press("b")  # inserts a cell where JupyterLab hears it
    assert live.evaluate(active) == before
    expect(live.locator(".jp-Cell")).to_have_count(3)
    live.evaluate("jupyterapp.shell.currentWidget.context.model.dirty = true")
    view.stage.press("Control+s")
    live.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")

    live.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })"
    )
    expect(live.locator(".rnn-edu").first).to_have_attribute("data-theme", "dark")
    live.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
    )
    expect(live.locator(".rnn-edu").first).to_have_attribute("data-theme", "light")


def test_a_stored_figure_is_alive_in_a_trusted_notebook_alone(lab, new_page):
    figure = HiddenState(make_trace())
    data = {k: v for k, v in figure._repr_mimebundle_()[0].items() if k.startswith("text/")}
    page = new_page()
    lab.open(page, lab.write("trusted.ipynb", [data]))
    expect(page.get_by_text(HINT)).to_be_hidden()
    view = View(page.locator("iframe[srcdoc]").content_frame)
    view.stage.press("ArrowRight")
    view.shows(1, 0)

    lab.open(page, lab.write("untrusted.ipynb", [data], trusted=False))
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(page.locator("iframe[srcdoc]")).to_have_count(0)
