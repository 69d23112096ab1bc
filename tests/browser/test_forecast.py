"""The forecast as a reader: origin and horizon by slider, mouse and keys; its own forecasts."""

from __future__ import annotations

import base64
from dataclasses import fields

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Forecast
from rnn_edu.widgets.base import script

from .hands import HOSTILE, frame

pytestmark = pytest.mark.browser

D, H, K, PAST, PERIOD, T = 2, 5, 6, 12, 4, 40
LEFT, RIGHT = 34, 10  # CSS pixels around the curves, as in forecast.js


def network(cell=GRUCell) -> Network:
    rng = np.random.default_rng(3)
    return Network.init(cell.init(D, H, rng), K, rng)


def series() -> np.ndarray:
    return 5 + np.random.default_rng(5).normal(0, 2, T).cumsum() / 2


def forecast(cell=GRUCell, **options) -> Forecast:
    given = {"dates": [f"d{k}" for k in range(T)], "step": "day", "t": 3, "horizon": 4}
    given |= {"past": PAST, "period": PERIOD, "radius": np.linspace(1, 3, K), "title": "days ahead"}
    return Forecast(network(cell), series(), mean=4.0, scale=2.0, **given | options)


def ahead(t: int, cell=GRUCell) -> np.ndarray:
    seen = series()[t : t + PAST]
    x = ((seen - 4) / 2).reshape(-1, 1, D)
    return seen[-1] + 2 * network(cell)(x)[0]


def errors(t: int, h: int, cell=GRUCell) -> list[str]:
    v, o = series(), t + PAST
    season = v[o - PERIOD + np.arange(K) % PERIOD]
    rivals = (ahead(t, cell), np.full(K, v[o - 1]), season)
    return [f"{np.abs(f[:h] - v[o : o + h]).mean():.2f}" for f in rivals]


def shows(view: Frame, t: int, h: int, cell=GRUCell) -> None:
    """Sliders, rows and caption agree on origin and horizon, and on the errors NumPy finds."""
    expect(view.get_by_role("slider", name="time step t")).to_have_value(str(t))
    expect(view.get_by_role("slider", name="horizon")).to_have_value(str(h))
    found = errors(t, h, cell)
    expect(view.locator("li b")).to_have_text(found)
    best = [k for k in range(3) if float(found[k]) == min(map(float, found))]
    assert view.locator("li").nth(best[0]).get_attribute("class") == "best"
    truth = series()[t + PAST :][:h]
    inside = (np.abs(ahead(t, cell)[:h] - truth) <= np.linspace(1, 3, K)[:h]).sum()
    days = "1 day" if h == 1 else f"{h} days"
    says = f"From d{t + PAST}, {days} ahead, the mean error is {found[0]} for the network"
    expect(view.locator(".caption")).to_contain_text(says)
    expect(view.locator(".caption")).to_contain_text(f"{inside} of {h} lie inside the 90 %")


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(forecast()))


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, LSTMCell])
def test_the_page_forecasts_as_numpy_does(new_page, cell):
    page = new_page()
    source = base64.b64encode(script("forecast.js").encode()).decode()
    model = network(cell)
    arrays = {f.name: getattr(model.cell, f.name) for f in fields(model.cell)}
    arrays |= {"W_hy": model.W_hy, "b_y": model.b_y}
    got = page.evaluate(
        """async ([source, cell, arrays, seen]) => {
          const js = await import(`data:text/javascript;base64,${source}`);
          for (const name in arrays) arrays[name] = Float64Array.from(arrays[name]);
          const model = { cell, arrays, net: js.network(cell, arrays, []), mean: 4, scale: 2 };
          return seen.map((past) => [...js.ahead(model, Float64Array.from(past))]);
        }""",
        [
            source,
            cell.__name__[:-4],
            {name: a.ravel().tolist() for name, a in arrays.items()},
            [series()[t : t + PAST].tolist() for t in range(9)],
        ],
    )
    assert np.abs(np.array(got) - [ahead(t, cell) for t in range(9)]).max() < 1e-9


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_each_cell_shows_its_errors(static_page, cell):
    shows(frame(static_page(forecast(cell))), 3, 4, cell)


def test_horizon_and_origin_move_by_their_sliders(view):
    shows(view, 3, 4)
    horizon = view.get_by_role("slider", name="horizon")
    for key, h in (("ArrowRight", 5), ("End", K), ("ArrowRight", K), ("Home", 1)):
        horizon.press(key)
        shows(view, 3, h)
    expect(horizon).to_have_attribute("aria-valuetext", "1 day")
    origin = view.get_by_role("slider", name="time step t")
    for key, t in (("End", T - PAST - K), ("ArrowLeft", T - PAST - K - 1), ("Home", 0)):
        origin.press(key)
        shows(view, t, 1)
    view.get_by_role("button", name="Step forward").click()
    shows(view, 1, 1)
    expect(view.locator("output").filter(has_text="d13")).to_have_count(1)


def test_the_picture_obeys_the_keys(view):
    stage = view.get_by_role("application")
    stage.focus()
    for key, t, h in (
        ("ArrowUp", 3, 5),
        ("ArrowUp", 3, 6),
        ("ArrowUp", 3, 6),
        ("ArrowDown", 3, 5),
        ("ArrowRight", 4, 5),
        ("Home", 0, 5),
    ):
        stage.press(key)
        shows(view, t, h)


def test_the_picture_and_the_strip_are_dragged(view):
    stage = view.get_by_role("application").bounding_box()
    wide = (stage["width"] - LEFT - RIGHT) / (PAST + K - 1)
    mouse, y = view.page.mouse, stage["y"] + 80
    mouse.click(stage["x"] + LEFT + (PAST + 1) * wide, y)
    shows(view, 3, 2)
    mouse.move(stage["x"] + LEFT + (PAST + 1) * wide, y)
    mouse.down()
    mouse.move(stage["x"] + LEFT + (PAST + 4) * wide, y, steps=4)
    mouse.up()
    shows(view, 3, 5)
    mouse.click(stage["x"] + LEFT + 2 * wide, y)  # what was seen is no horizon
    shows(view, 3, 5)
    strip = view.locator(".whole").bounding_box()
    place = (strip["width"] - LEFT - RIGHT) / (T - 1)
    mouse.click(strip["x"] + LEFT + 20 * place, strip["y"] + 20)
    shows(view, 20 - PAST, 5)
    mouse.click(strip["x"] + LEFT + 2 * place, strip["y"] + 20)  # before the first past
    shows(view, 0, 5)


def test_the_network_is_drawn_where_it_forecasts(view):
    """The dot at the horizon has the network's colour, at the height of its number."""
    view.get_by_role("slider", name="horizon").press("End")
    shows(view, 3, K)
    seen = view.get_by_role("application").evaluate(
        """(e) => new Promise((done) => requestAnimationFrame(() => {
          const ratio = devicePixelRatio, x = Math.round((e.clientWidth - 10) * ratio);
          const { data } = e.getContext("2d").getImageData(x, 0, 1, e.height), rows = [];
          for (let y = 0; y < e.height; y++) {
            const [r, g, b] = data.subarray(4 * y, 4 * y + 3);
            if (b > 180 && r < 60) rows.push(y / ratio);
          }
          done([rows.reduce((a, b) => a + b, 0) / rows.length, e.clientHeight]);
        }))"""
    )
    height, top, floor = seen[1], 6, -8  # the scale's ends for this series
    assert floor <= series().min() < series().max() <= top
    expected = 22 + (top - ahead(3)[-1]) / (top - floor) * (height - 22 - 22)
    assert abs(seen[0] - expected) < 1.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(static_page, axe, scheme):
    view = frame(static_page(forecast(), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


@pytest.mark.parametrize("width", [375, 1280])
def test_it_fits(static_page, overflow, width):
    view = frame(static_page(forecast(unit="a long name for what the numbers are"), width=width))
    shows(view, 3, 4)
    across, down = overflow(view)
    assert across == 0
    assert down <= 0


def test_words_of_data_stay_words(static_page):
    view = frame(static_page(forecast(title=HOSTILE, unit=HOSTILE, dates=[HOSTILE] * T)))
    expect(view.locator(".title")).to_have_text(HOSTILE)
    expect(view.locator(".caption")).to_contain_text(HOSTILE)


def test_one_origin_and_one_step_are_enough(static_page):
    options = {"past": PAST, "dates": range(PAST + K), "period": 1, "t": 0, "horizon": 1}
    figure = Forecast(network(), series()[: PAST + K], radius=np.ones(K), **options)
    view = frame(static_page(figure))
    expect(view.locator("bdi").last).to_have_text("the last value")
    view.get_by_role("application").press("ArrowRight")
    expect(view.locator(".caption")).to_contain_text("From 12, 1 step ahead")


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Forecast
rng = np.random.default_rng(0)
net = Network.init(RNNCell.init(1, 3, rng), 4, rng)
w = Forecast(net, rng.random(20), dates=range(20), past=5, period=5, radius=np.ones(4))"""
    page = in_lab(lab.write("forecast.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("slider", name="horizon").press("ArrowLeft")
    lab.hears(page, "w.t, w.horizon", "0 3")
    view.get_by_role("application").press("End")
    lab.hears(page, "w.t, w.horizon", "11 3")
    lab.ask(page, "w.t = 2; w.horizon = 1")
    expect(view.locator(".caption")).to_contain_text("From 7, 1 step ahead")
    assert "horizon must lie in 1..4" in lab.ask(page, "w.horizon = 5")
