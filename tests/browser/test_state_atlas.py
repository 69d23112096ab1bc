"""The state atlas as a reader: paths and units by mouse and keys, typed texts, two networks."""

from __future__ import annotations

import base64
import re
from dataclasses import fields

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, unroll
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets import Count, StateAtlas
from rnn_edu.widgets.arrange import main_axes
from rnn_edu.widgets.base import script
from rnn_edu.widgets.counts import correlations

pytestmark = pytest.mark.browser

ABC, H = "\n ()ab", 6
HOSTILE = "<img src=x onerror=document.body.remove()>"
TEXTS = {"nested": "(a(b)) a", HOSTILE: "ab (ba)\n(a"}
DEPTH, BLANKS = Count("(", ")"), Count(" ", reset="\n", leading=True)
OVER, UNDER, GAP = 22, 22, 18  # CSS pixels of a map, as in state_map.js, and between two panels
LEFT, HEAD, BARS = 26, 22, 46  # and of a chart, as in unit_chart.js


def network(cell=GRUCell, seed=4) -> Network:
    rng = np.random.default_rng(seed)
    c = cell.init(len(ABC), H, rng)
    c = type(c)(*(4 * a for a in vars(c).values()))
    return Network(c, rng.normal(size=(H, 3)), rng.normal(size=3))


def atlas(cell=GRUCell, **options) -> StateAtlas:
    given = {"alphabet": ABC, "labels": ("no", HOSTILE, "yes"), "texts": TEXTS, "title": "states"}
    given |= {"properties": {"depth": DEPTH, "indentation": BLANKS}, "other": network(cell, 7)}
    return StateAtlas(network(cell), **given | options)


def states(text: str, model: Network) -> np.ndarray:
    """(1 + T, H): before and after each letter, by the weights that the page has."""
    halves = {f.name: getattr(model.cell, f.name).astype("f2") for f in fields(model.cell)}
    c = type(model.cell)(**{name: a.astype(float) for name, a in halves.items()})
    zeros = np.zeros((1, H))
    if not text:
        return zeros
    x = np.eye(len(ABC))[[ABC.index(letter) for letter in text]][:, None]
    return np.concatenate([zeros, unroll(c, x)[0][:, 0]])


def all_states(model: Network) -> np.ndarray:
    return np.concatenate([states(text, model)[1:] for text in TEXTS.values()])


def place(text: str, t: int, model: Network) -> np.ndarray:
    mean, axes, _ = main_axes(all_states(model))
    return (states(text, model)[t] - mean) @ axes.T


def true(v: float) -> str:
    return f"{v:z.2f}".replace("-", "\u2212")


def frame(page) -> Frame:
    return next(frame for frame in page.frames if frame.parent_frame is not None)


def shows_path(view: Frame, text: str, t: int, cell=GRUCell) -> None:
    """Field, sliders and caption agree on the text, and on the state after t letters."""
    model = network(cell)
    expect(view.get_by_role("textbox")).to_have_value(text)
    expect(view.get_by_role("slider", name="letters read")).to_have_attribute(
        "aria-valuenow", str(t)
    )
    expect(view.get_by_role("slider", name="letter", exact=True)).to_have_value(str(t))
    expect(view.get_by_role("status")).to_have_text(f"letter {t} of {len(text)}")
    x, y = map(true, place(text, t, model))
    h = states(text, model)[t]
    halves = [a.astype("f2").astype(float) for a in (model.W_hy, model.b_y)]
    p = softmax((h @ halves[0] + halves[1])[None])[0]
    answer = f"{('no', HOSTILE, 'yes')[p.argmax()]} {p.max():.2f}"
    expect(view.locator(".caption")).to_contain_text(
        f"trained: the state is at ({x}, {y}), the answer {answer}"
    )
    if t:
        expect(view.locator(".caption")).to_contain_text(
            f"letter {t} of {len(text)}: depth {DEPTH(text)[t - 1]:.0f}."
        )


def follows(text: str, count: Count = DEPTH, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """r of each unit over the text, and over all texts."""
    model = network(seed=seed)
    whole = np.concatenate([count(one) for one in TEXTS.values()])
    return correlations(states(text, model)[1:], count(text)), correlations(
        all_states(model), whole
    )


def shows_unit(view: Frame, text: str, t: int, unit: int, seed: int = 4, count=DEPTH) -> None:
    """The caption agrees on the unit's value and on both correlations."""
    name = {4: "trained", 7: "untrained"}[seed]
    here, over = (r[unit] for r in follows(text, count, seed))
    value = states(text, network(seed=seed))[t, unit]
    said = f"r = {true(here)} here, {true(over)} over all 2 texts"
    caption = view.locator(".caption")
    expect(caption).to_contain_text(f"{name}: unit {unit} is {true(value)}, {said}")


def ranked(text: str, seed: int = 4) -> list[int]:
    return np.argsort(-np.abs(follows(text, seed=seed)[0]), kind="stable").tolist()


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(atlas()))


def test_the_page_counts_and_correlates_as_python_does(new_page):
    page, rng = new_page(), np.random.default_rng(0)
    counts = [DEPTH, BLANKS, Count("a", "a"), Count("ab", "(", reset="\n"), Count("")]
    texts = ["".join(rng.choice(list(ABC), T)) for T in rng.integers(0, 40, 20)]
    h = rng.normal(size=(len(texts), 40))
    got = page.evaluate(
        """async ([source, counts, texts, h]) => {
          const js = await import(`data:text/javascript;base64,${source}`);
          return texts.map((text, i) => counts.map((rule) => {
            const v = js.count([...text], rule);
            return [[...v], js.correlation(h[i].slice(0, v.length), v)];
          }));
        }""",
        [
            base64.b64encode(script("state_atlas.js").encode()).decode(),
            [["name", *count] for count in counts],
            texts,
            h.tolist(),
        ],
    )
    for text, row, found in zip(texts, h, got, strict=True):
        for count, (values, r) in zip(counts, found, strict=True):
            assert values == count(text).tolist()
            expected = correlations(row[: len(text), None], count(text))[0] if text else 0
            assert abs(r - expected) < 1e-12


def test_an_lstm_lies_where_numpy_says(static_page):
    shows_path(frame(static_page(atlas(LSTMCell, t=5))), "(a(b)) a", 5, LSTMCell)


def test_the_point_moves_by_keys_slider_and_caret(view):
    text = "(a(b)) a"
    stage = view.get_by_role("slider", name="letters read")
    for key, t in (("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", 8), ("ArrowUp", 8)):
        stage.press(key)
        shows_path(view, text, t)
    view.get_by_role("slider", name="letter", exact=True).press("ArrowLeft")
    shows_path(view, text, 7)
    field = view.get_by_role("textbox")
    field.press("Control+Home")
    field.press("ArrowRight")
    shows_path(view, text, 1)
    expect(view.locator(".here")).to_have_text("(")


def points(view: Frame, text: str, maps: int) -> list[list[float]]:
    """Where the first of one or two maps has each state of the text, on the page."""
    mean, axes, _ = main_axes(all_states(network()))
    paths, own = ((h - mean) @ axes.T for h in (all_states(network()), states(text, network())))
    box = view.get_by_role("slider", name="letters read").bounding_box()
    wide, tall = (box["width"] - GAP * (maps - 1)) / maps, box["height"] - OVER - UNDER
    low, high = (
        f(np.concatenate([paths, own]), axis=0) for f in (np.min, np.max)
    )  # own holds the start
    fits = np.array([wide - 36, tall - 36]) / (high - low)
    unit = np.minimum(fits, 1.8 * fits.min()) * [1, -1]
    middle = np.array([box["x"] + wide / 2, box["y"] + OVER + tall / 2])
    return (middle + (own - (low + high) / 2) * unit).tolist()


def test_a_click_on_the_path_finds_its_letter(static_page):
    page = static_page(atlas())
    view, text = frame(page), "(a(b)) a"
    for t, (x, y) in list(enumerate(points(view, text, 1)))[::3]:
        page.mouse.click(x, y)
        shows_path(view, text, t)
    view.get_by_role("checkbox").check()
    (x, y), *_, (u, v) = points(view, text, 2)
    page.mouse.click(x, y)
    shows_path(view, text, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(u, v, steps=5)
    page.mouse.up()
    shows_path(view, text, 8)


def test_a_typed_text_joins_the_map(view):
    field = view.get_by_role("textbox")
    field.fill("((a))")
    shows_path(view, "((a))", 5)
    expect(view.get_by_role("combobox", name="text")).to_have_value("your own")
    field.fill("(x")
    expect(view.locator(".note")).to_contain_text("Left out: “\u2068x\u2069”")
    shows_path(view, "(", 1)
    field.fill("")
    shows_path(view, "", 0)
    view.get_by_role("combobox", name="text").select_option(HOSTILE)
    shows_path(view, TEXTS[HOSTILE], 10)


def test_it_plays_from_the_start_and_stops_at_the_end(static_page):
    text = "ab(a)" * 4
    view = frame(static_page(atlas(text=text)))
    view.get_by_role("button", name="Play").click()
    expect(view.get_by_role("status")).to_have_text(re.compile(r"letter 1?\d of 20"))
    view.get_by_role("button", name="Pause").click()
    paused = view.get_by_role("status").inner_text()
    view.page.wait_for_timeout(400)  # two letters long
    expect(view.get_by_role("status")).to_have_text(paused)
    view.get_by_role("button", name="Play").click()
    shows_path(view, text, 20)
    expect(view.get_by_role("button", name="Play")).to_be_visible()


def test_the_colours_are_those_of_the_property(view):
    tints = "spans => spans.map((e) => e.style.getPropertyValue('--tint'))"
    by_depth = view.locator(".letter").evaluate_all(tints)
    groups = {
        n: {c for c, v in zip(by_depth, DEPTH("(a(b)) a"), strict=True) if v == n}
        for n in (0, 1, 2)
    }
    assert [len(group) for group in groups.values()] == [1, 1, 1]
    assert len(set.union(*groups.values())) == 3
    view.get_by_label("against").select_option("indentation")
    expect(view.locator(".caption")).to_contain_text("letter 8 of 8: indentation 0.")
    assert set(view.locator(".letter").evaluate_all(tints)) == groups[0]


def test_units_are_chosen_by_keys_in_order_of_correlation(view):
    text = "(a(b)) a"
    view.get_by_label("show").select_option("units")
    stage, order = view.get_by_role("slider", name="letters read"), ranked(text)
    first = int(re.search(r"unit (\d)", view.locator(".caption").inner_text())[1])
    assert first == np.abs(follows(text)[1]).argmax()  # the best over all texts
    for _ in range(order.index(first) + 1):
        stage.press("ArrowUp")
    shows_unit(view, text, 8, order[0])
    for unit in order[1:]:
        stage.press("ArrowDown")
        shows_unit(view, text, 8, unit)
    stage.press("ArrowLeft")
    shows_unit(view, text, 7, order[-1])
    view.get_by_label("order").select_option("by number")
    stage.press("ArrowUp")
    shows_unit(view, text, 7, max(order[-1] - 1, 0))
    view.get_by_role("textbox").fill("aaaa")  # no bracket: nothing to follow
    shows_unit(view, "aaaa", 4, max(order[-1] - 1, 0))


def test_bars_and_chart_answer_the_mouse_and_both_networks_one_rank(static_page):
    page = static_page(atlas(view="units"))
    view, text = frame(page), "(a(b)) a"
    view.get_by_role("checkbox", name="beside: untrained").check()
    box = view.get_by_role("slider", name="letters read").bounding_box()
    bar, column = (box["width"] - LEFT) / H, min(36, (box["width"] - LEFT) / len(text))
    second = box["y"] + (box["height"] + GAP) / 2
    for top, rank, t in ((box["y"], 3, 2), (second, 1, 5)):
        page.mouse.click(box["x"] + LEFT + (rank + 0.5) * bar, top + HEAD + BARS / 2)
        page.mouse.click(box["x"] + LEFT + (t - 0.5) * column, top + HEAD + BARS + 60)
        for seed in (4, 7):
            shows_unit(view, text, t, ranked(text, seed)[rank], seed)


@pytest.mark.parametrize(("scheme", "shown"), [("light", "paths"), ("dark", "units")])
def test_axe_finds_nothing(static_page, axe, scheme, shown):
    view = frame(static_page(atlas(view=shown, beside=True), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


@pytest.mark.parametrize("width", [375, 1280])
def test_it_fits_and_names_stay_words(static_page, overflow, width):
    options = {"title": HOSTILE, "text": "(a b)\n" * 50}
    options |= {"names": (HOSTILE, HOSTILE) if width > 640 else ("one", "two")}
    options |= {"fixed_points": 2 * np.eye(H)[:2], "properties": {HOSTILE: DEPTH}}
    view = frame(static_page(atlas(beside=True, **options), width=width))
    expect(view.locator(".title")).to_have_text(HOSTILE)
    expect(view.locator(".caption")).to_contain_text(
        f"{HOSTILE} 0. {options['names'][0]}: the state"
    )
    assert overflow(view) == [0, 0]
    view.get_by_label("show").select_option("units")
    expect(view.locator(".caption")).to_contain_text("over all 2 texts")
    assert overflow(view) == [0, 0]


def test_one_letter_and_one_network_are_enough(static_page):
    view = frame(static_page(atlas(texts={"one": "a"}, other=None)))
    expect(view.get_by_role("checkbox")).to_have_count(0)
    view.get_by_label("show").select_option("units")
    expect(view.locator(".caption")).to_contain_text("r = 0.00 here, 0.00 over the given text")


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import RNNCell
from rnn_edu.topologies import Network
from rnn_edu.widgets import Count, StateAtlas
rng = np.random.default_rng(0)
net = Network.init(RNNCell.init(3, 4, rng), 2, rng)
w = StateAtlas(net, alphabet="ab(", labels="xy", texts={"one": "ab((", "two": "a(b"},
    properties={"depth": Count("(")}, other=net)"""
    page = in_lab(lab.write("atlas.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("textbox").fill("abb(a")
    lab.hears(page, "w.text, w.t", "abb(a 5")
    view.get_by_role("slider", name="letters read").press("ArrowLeft")
    view.get_by_label("show").select_option("units")
    view.get_by_role("checkbox").check()
    lab.hears(page, "w.t, w.view, w.beside", "4 units True")
    lab.ask(page, "w.text = 'a(b'; w.t = 2; w.view = 'paths'; w.beside = False")
    expect(view.locator(".letter")).to_have_text(list("a(b"))
    expect(view.get_by_role("combobox", name="text")).to_have_value("two")
    expect(view.locator(".caption")).to_contain_text("letter 2 of 3: depth 1. trained: the state")
    assert "against must be one of ['depth']" in lab.ask(page, "w.against = 'width'")
