"""The trade-off map as a reader: T, axes and models by mouse and keys, verdicts and stories."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Frame, Page, expect

from rnn_edu.widgets import Measure, TradeoffMap
from rnn_edu.widgets.base import script

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.body.remove()>"
LENGTHS = [16, 32, 64, 128]
MODELS = {"gru": "recurrent", "attention": "attention", HOSTILE: "hybrid", "slow": "recurrent"}
LEFT, RIGHT, STRIP, AXIS = 52, 18, 26, 40  # CSS pixels around the map, as in tradeoff_map.js


def tradeoffs(**options) -> TradeoffMap:
    recall = [
        [0.9, 0.6, 0.4, 0.2],
        [0.99, 0.99, 0.985, 0.98],
        [0.96, 0.965, 0.98, 0.985],
        [0.8, 0.5, 0.3, 0.1],
    ]
    spread = np.array([-0.01, 0, 0.01])[:, None, None]
    memory = np.array([[1, 1, 1, 1], [2, 4, 8, 16], [0.5, 5, 9, 25], [1, 1, 1, 1]]).T
    loss = np.full((4, 4), np.nan)
    loss[3] = 2.5, 2.0, 2.1, 3.0
    measures = {
        "recall": Measure(np.array(recall).T + spread, best="high"),
        "memory": Measure(memory[None], "kB"),
        "loss": Measure(loss[None], "bits"),
    }
    given = {"lengths": LENGTHS, "models": MODELS, "measures": measures, "title": "a map"}
    return TradeoffMap(**given | options)


def frame(page: Page) -> Frame:
    return next(frame for frame in page.frames if frame.parent_frame is not None)


def rows(view: Frame) -> list[list[str]]:
    return view.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent))"
    )


def expect_row(view: Frame, number: int, cells: list[str]) -> None:
    """Wait until a row says so: a figure draws with the next frame, not with the key."""
    row = view.locator("tbody tr").nth(number)
    expect(row.locator("> *:not(:first-child)")).to_have_text(cells)


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(tradeoffs()))


def test_rivals_are_who_they_are_by_definition(new_page):
    """Against a definition in NumPy, on numbers with ties, overlaps and gaps."""
    rng, M = np.random.default_rng(0), 5
    cases = []
    for _ in range(60):
        over = []
        for best in ("high", "low"):
            runs = rng.integers(0, 4, (3, M)) / 4 + rng.integers(0, 3, M)
            table = [runs.mean(0), runs.min(0), runs.max(0)]
            table = table if best == "high" else [table[0], table[2], table[1]]
            gaps = rng.random(M) < 0.1
            over.append(
                [
                    best,
                    [[[None if g else v for v, g in zip(row, gaps, strict=True)]] for row in table],
                ]
            )
        cases.append(over)
    found = new_page().evaluate(
        """async ([source, cases]) => {
          const js = await import(`data:text/javascript;base64,${source}`);
          return cases.map((over) => {
            const measures = over.map(([best, table]) => js.measure(["name", "", best], table));
            return [js.rivals(measures, 0), js.leaders(measures[0], 0)];
          });
        }""",
        [base64.b64encode(script("tradeoff_map.js").encode()).decode(), cases],
    )
    beaten = clear = 0
    for over, (rivals, leaders) in zip(cases, found, strict=True):
        signs = np.array([1 if best == "high" else -1 for best, _ in over])[:, None, None]
        a = signs * np.array([[row[0] for row in table] for _, table in over], float)
        mean, worst, top = a.swapaxes(0, 1)  # (2, M) each, more is better
        for k, rival in enumerate(rivals):
            if np.isnan(mean[:, k]).any():
                assert rival is None
                continue
            no_worse = (mean >= mean[:, [k]]).all(axis=0) & (mean > mean[:, [k]]).any(axis=0)
            apart = no_worse & ((mean > mean[:, [k]]) & (worst > top[:, [k]])).any(axis=0)
            assert rival["by"] == np.flatnonzero(no_worse).tolist()
            assert rival["clearly"] == apart.any()
            if no_worse.any():
                assert rival["first"] == np.flatnonzero(apart if apart.any() else no_worse)[0]
            beaten, clear = beaten + no_worse.any(), clear + apart.any()
        best = np.nanargmax(mean[0])
        assert leaders == [k for k in range(M) if k == best or top[0, k] >= worst[0, best]]
    assert beaten > clear > 20


def test_scales_hold_their_numbers_between_round_ones(new_page):
    cases = (
        ([0.1, 0.55], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([2.06, 2.13], [2.06, 2.08, 2.1, 2.12, 2.14]),
        ([3, 3], [3, 4]),
        ([0, 0], [0, 0.2]),
        ([-2, 6], [-2, 0, 2, 4, 6]),
        ([0.5, 64], [1, 3, 10, 30]),  # over a factor of 20: by powers of ten
        ([1, 1e6], [1, 10, 100, 1e3, 1e4, 1e5, 1e6]),
    )
    found = new_page().evaluate(
        """async ([source, cases]) => {
          const js = await import(`data:text/javascript;base64,${source}`);
          return cases.map((values) => {
            const { at, ticks } = js.scale(values), [lo, hi] = values;
            return [ticks, [lo, ...ticks, hi].map(at), at((lo + hi) / 2), at(Math.sqrt(lo * hi))];
          });
        }""",
        [
            base64.b64encode(script("tradeoff_map.js").encode()).decode(),
            [values for values, _ in cases],
        ],
    )
    for (values, ticks), (shown, at, mean, geometric) in zip(cases, found, strict=True):
        assert shown == pytest.approx(ticks)
        assert min(at) >= 0
        assert max(at) <= 1
        assert at[1:-1] == sorted(at[1:-1])
        middle = geometric if values[1] > 20 * values[0] > 0 else mean
        assert middle == pytest.approx((at[0] + at[-1]) / 2)


def test_the_table_says_who_beats_whom_as_T_moves(view):
    expect(view.locator("thead th")).to_have_text(["model", "recall", "memory, kB", "at this T"])
    assert rows(view) == [
        ["0.200", "1", "nothing beats it"],
        ["0.980", "16", "nothing beats it"],
        ["0.985", "25", "nothing beats it"],
        ["0.100", "1", "beaten by gru"],
    ]
    expect(view.locator(".caption")).to_have_text(
        f"At T = 128 the highest recall is 0.985 ({HOSTILE}) and the lowest memory is 1 kB"
        f" (gru and slow); nothing beats gru, attention and {HOSTILE}."
    )
    expect(view.locator(".stories")).to_have_text(
        f"Highest recall: attention from 16 to 32, then attention and {HOSTILE} from 64 to 128."
        f" Lowest memory: {HOSTILE} at 16, then gru and slow from 32 to 128."
    )
    slider = view.get_by_role("slider", name="time step t")
    slider.press("Home")
    expect(view.get_by_role("status")).to_have_text("T = 16")
    assert rows(view)[0] == ["0.900", "1", f"beaten by {HOSTILE}"]
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert rows(view)[2] == ["0.980", "9", "beaten by attention"]
    assert view.locator("tbody td.best").all_inner_texts() == ["1", "0.985", "0.980", "1"]
    view.get_by_role("button", name="Play").click()
    expect(view.get_by_role("status")).to_have_text("T = 128")


def test_axes_change_by_their_menus(view):
    view.get_by_label("across").select_option("loss")
    expect_row(view, 3, ["0.100", "3.00", "beaten by gru and 2 more"])
    view.get_by_role("slider").press("ArrowLeft")
    expect_row(view, 0, ["0.400", "\u2013", "not measured"])
    expect(view.locator(".caption")).to_have_text("At T = 64 nothing was measured on both.")
    expect(view.locator(".stories")).to_contain_text("Lowest loss: attention at 128.")
    view.get_by_role("combobox", name="up").select_option("memory")
    view.get_by_label("across").select_option("T")
    expect(view.locator("thead th")).to_have_text(
        ["model", "memory, kB", "since T = 32", "at this T"]
    )
    expect_row(view, 1, ["8", "\u00d7 2", "beaten by gru and 1 more"])
    expect_row(view, 2, ["9", "\u00d7 1.8", "beaten by gru and 2 more"])
    expect(view.locator(".caption")).to_contain_text("nothing beats gru and slow.")


def points(view: Frame, t: int) -> np.ndarray:
    """Where recall and memory put the models at step t, on the page: (4, 2)."""
    recall, memory, _ = tradeoffs().values
    box = view.get_by_role("application").bounding_box()
    everything = np.log10(np.array(memory).ravel())
    x = (np.log10(memory[0][t]) - everything.min() + 0.1) / (np.ptp(everything) + 0.2)
    y = (np.array(recall[0][t]) + 0.04) / 1.08
    wide, tall = box["width"] - LEFT - RIGHT, box["height"] - AXIS - STRIP
    return np.array([box["x"] + LEFT + x * wide, box["y"] + STRIP + (1 - y) * tall]).T


def test_models_are_chosen_by_mouse_keys_and_name(static_page):
    page = static_page(tradeoffs())
    view, names = frame(page), list(MODELS)
    chosen = view.get_by_role("button", pressed=True)
    stage = view.get_by_role("application")
    expect(chosen).to_have_text("gru")
    for k, (x, y) in enumerate(points(view, 3)):
        page.mouse.click(x, y)
        expect(chosen).to_have_text(names[k])
    stage.press("ArrowUp")
    expect(chosen).to_have_text(HOSTILE)
    for key in ("ArrowDown", "ArrowDown"):
        stage.press(key)
    expect(chosen).to_have_text("slow")
    view.get_by_role("button", name="attention", exact=True).press("Enter")
    expect(chosen).to_have_text("attention")
    stage.press("ArrowLeft")
    expect(view.get_by_role("status")).to_have_text("T = 64")


def test_a_point_is_drawn_where_its_numbers_say(static_page):
    view = frame(static_page(tradeoffs(t=1), reduced_motion="reduce"))
    stage, (orange, *_) = view.get_by_role("application"), [(194, 84, 10)]

    def seen(x: float, y: float) -> list[int]:
        box = stage.bounding_box()
        return stage.evaluate(
            """(e, [x, y]) => new Promise((done) => requestAnimationFrame(() => {
              const at = (v) => Math.round(v * devicePixelRatio);
              done([...e.getContext("2d").getImageData(at(x), at(y), 1, 1).data].slice(0, 3));
            }))""",
            [x - box["x"], y - box["y"]],
        )

    assert tuple(seen(*points(view, 1)[1])) == orange
    view.get_by_role("slider").press("End")
    expect(view.get_by_role("status")).to_have_text("T = 128")
    assert tuple(seen(*points(view, 3)[1])) == orange
    assert tuple(seen(*points(view, 1)[1] + [0, 4])) != orange


def test_on_curves_the_mouse_moves_T(static_page):
    page = static_page(tradeoffs(x="T"))
    view = frame(page)
    box = view.get_by_role("application").bounding_box()
    at = (np.log10([16, 64]) - np.log10(16) + 0.1) / (np.log10(8) + 0.2)
    start, end = box["x"] + LEFT + at * (box["width"] - LEFT - RIGHT)
    page.mouse.click(start, box["y"] + 60)
    expect(view.get_by_role("status")).to_have_text("T = 16")
    page.mouse.move(start, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(end, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(view.get_by_role("status")).to_have_text("T = 64")


@pytest.mark.parametrize(("scheme", "x"), [("light", "memory"), ("dark", "T")])
def test_axe_finds_nothing(static_page, axe, scheme, x):
    view = frame(static_page(tradeoffs(x=x), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


@pytest.mark.parametrize("width", [375, 700, 1280])
def test_it_fits_and_names_stay_words(static_page, overflow, width):
    eight = {f"a model {k}": "recurrent" if k else HOSTILE for k in range(8)}
    values = np.random.default_rng(0).random((2, 4, 8))
    measures = {"recall": Measure(values, best="high"), "time in all": Measure(values[:1], "ms")}
    view = frame(
        static_page(tradeoffs(models=eight, measures=measures, title=HOSTILE), width=width)
    )
    expect(view.locator(".title")).to_have_text(HOSTILE)
    expect(view.locator(".key bdi").first).to_have_text(HOSTILE)
    assert overflow(view) == [0, 0]


def test_one_model_and_one_length_are_enough(static_page):
    ones = Measure(np.ones((1, 1, 1)))
    figure = tradeoffs(lengths=[8], models={"one": "kind"}, measures={"a": ones, "b": ones})
    view = frame(static_page(figure))
    assert rows(view) == [["1.000", "1.000", "nothing beats it"]]
    view.get_by_role("application").press("ArrowRight")
    expect(view.locator(".caption")).to_have_text(
        "At T = 8 the lowest a is 1.000 (one) and the lowest b is 1.000 (one)."
    )


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu.widgets import Measure, TradeoffMap
v = np.arange(1.0, 7).reshape(1, 3, 2)
measures = {"good": Measure(v, best="high"), "cost": Measure(v)}
w = TradeoffMap([1, 2, 4], {"a": "x", "b": "y"}, measures)"""
    page = in_lab(lab.write("tradeoffs.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("application").press("ArrowLeft")
    view.get_by_role("button", name="b", exact=True).click()
    view.get_by_label("across").select_option("T")
    lab.hears(page, "w.t, w.model, w.x", "1 1 T")
    lab.ask(page, "w.t = 0; w.x = 'cost'")
    expect(view.get_by_role("status")).to_have_text("T = 1")
    expect(view.locator("thead th").nth(2)).to_have_text("cost")
    assert "y must be one of" in lab.ask(page, "w.y = 'T'")
