"""The scan tree in a browser: its arithmetic, its rounds, every control, static and live."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Frame, Locator, expect

from rnn_edu.scan import scan, scan_loop
from rnn_edu.widgets import ScanTree
from rnn_edu.widgets.scan_tree import operations, rounds

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.body.remove()>"
BEYOND = "nodes => nodes.map((e) => e.scrollWidth - e.clientWidth)"
A = np.array([0.5, 0.9, 0.8, 0.2, 1.0])
B = np.array([1.0, -0.5, 0.25, 2.0, -1.25])


def tree(a=A, b=B, h0=0.4, **options) -> ScanTree:
    return ScanTree(a, b, h0, **options)


def frame(page) -> Frame:
    return next(frame for frame in page.frames if frame.parent_frame is not None)


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(tree()))


def number(v: float) -> str:
    return f"{v:z.2f}".replace("-", "\u2212")


def boxes(view: Frame | Locator) -> list[tuple[int, int, list[str], str]]:
    """Of each box its place, its round, its numbers, and what is particular about it."""
    found = view.locator(".box").evaluate_all(
        """nodes => new Promise((done) => requestAnimationFrame(() => done(nodes.map((e) => [
          +e.dataset.place, +e.dataset.round,
          [...e.querySelectorAll(":scope > span")].map((span) => span.textContent),
          e.className.replace(/^box ?/, "")]))))"""
    )
    return [tuple(box) for box in found]


def expected_boxes(a, b, h0, t: int) -> list[tuple[int, int, list[str], str]]:
    """The boxes after t rounds; what is changed is for the caller to mark."""
    T = len(a)
    loop = [h0]
    for a_t, b_t in zip(a, b, strict=True):
        loop.append(a_t * loop[-1] + b_t)
    pairs, found = {0: (1.0, h0)} | {i + 1: (a[i], b[i]) for i in range(T)}, [(0, 0, (h0,), "")]
    joined = []
    for r, joins in enumerate(rounds(T), 1):
        for later, earlier, whole in joins:
            (a_e, h_e), (a_l, h_l) = pairs[earlier], pairs[later]
            pairs[later] = (a_l * a_e if whole else a_l), a_l * h_e + h_l
            known = later if earlier == 0 or any(p == earlier for p, _ in joined) else None
            joined += [(known, r)] if known else []
            shown = pairs[later] if whole else pairs[later][1:]
            found.append((later, r, shown, "now" if r == t else ""))
    for p in range(1, T + 1):
        found.append((p, p, (loop[p],), "now" if p == t else ""))
        found.append((p, 0, (a[p - 1], b[p - 1]), ""))
        found.append((p, dict(joined)[p], (loop[p],), ""))
    return sorted(
        (p, r, [number(v) for v in values] if r <= t else [""] * len(values),
         kind if r <= t else "later")
        for p, r, values, kind in found
    )  # fmt: skip


# --- the arithmetic ------------------------------------------------------------------------------

_RUN = """async ([source, runs]) => {
  const js = await import(`data:text/javascript;base64,${source}`);
  return runs.map(([a, b, h0]) => [js.scan(a, b, h0).h, js.loop(a, b, h0), js.rounds(a.length)]);
}"""


def test_javascript_scans_as_the_package_does(new_page):
    rng = np.random.default_rng(0)
    runs = [(rng.uniform(-1.2, 1.2, T), rng.normal(size=T), rng.normal()) for T in range(4, 17)]
    source = base64.b64encode(tree()._esm.encode()).decode()
    given = [[a.tolist(), b.tolist(), h0] for a, b, h0 in runs]
    for (a, b, h0), (scanned, looped, joins) in zip(
        runs, new_page().evaluate(_RUN, [source, given]), strict=True
    ):
        T = len(a)
        arrays = a.reshape(T, 1, 1), b.reshape(T, 1, 1), np.full((1, 1), h0)
        np.testing.assert_allclose(scanned[1:], scan(*arrays).ravel(), rtol=0, atol=1e-12)
        np.testing.assert_allclose(looped[1:], scan_loop(*arrays).ravel(), rtol=0, atol=1e-12)
        assert scanned[0] == looped[0] == h0
        assert [[tuple(join) for join in some] for some in joins] == rounds(T)


# --- the rounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("T", [5, 8])
def test_every_number_is_there_in_its_round_and_both_are_counted(static_page, T):
    rng = np.random.default_rng(T)
    a, b = rng.uniform(-1, 1, T), 2 * rng.normal(size=T)
    view, R = frame(static_page(tree(a, b, -0.5))), len(rounds(T))
    work = np.cumsum([0, *map(operations, rounds(T))])
    for t in range(T + 1):
        assert sorted(boxes(view)) == expected_boxes(a, b, -0.5, t)
        r = min(t, R)
        expect(view.locator(".count")).to_have_text(
            [f"{t} of {T}", f"{2 * t} of {2 * T}", f"{r} of {R}", f"{work[r]} of {work[R]}"]
        )
        expect(view.locator(".board .now:is(path)")).to_have_count(
            (t > 0) + (len(rounds(T)[t - 1]) if 0 < t <= R else 0)
        )
        view.get_by_role("application").press("ArrowRight")


def test_the_caption_says_what_is_joined_at_the_same_time(view):
    caption, stage = view.locator(".caption"), view.get_by_role("application")
    expect(caption).to_have_text("before the first round: nothing is joined yet")
    for text in (
        "round 1: the loop makes h₁, the scan one join: h₀ into 1",
        "round 2: the loop makes h₂, the scan 2 joins at once: 1 into 2, 3 into 4",
        "round 3: the loop makes h₃, the scan one join: 2 into 4",
        "round 4: the loop makes h₄, the scan 2 joins at once: 2 into 3, 4 into 5",
        "round 5: the scan was done in round 4; the loop makes h₅",
    ):
        stage.press("ArrowRight")
        expect(caption).to_have_text(text)
    expect(view.locator("[aria-live=polite]")).to_have_text(text)


def test_a_step_is_worked_out_with_its_numbers(static_page):
    view = frame(static_page(tree(place=4, t=2)))
    loop, scanned = (view.locator(".working > span").nth(k) for k in (0, 1))
    expect(loop).to_have_text("h₄ waits for h₃")
    expect(scanned).to_have_text(
        "steps 3–4 as one: a = 0.20 × 0.80 = 0.16, b = 0.20 × 0.25 + 2.00 = 2.05"
    )
    view.get_by_role("application").press("ArrowRight")
    expect(loop).to_have_text("h₄ is next")
    expect(scanned).to_have_text(
        "h₄, from h₂ over steps 3–4: a = 0.16 × 0.45 = 0.07, h = 0.16 × 0.58 + 2.05 = 2.14"
    )
    view.get_by_role("application").press("End")
    expect(loop).to_have_text("h₄ = a₄ h₃ + b₄ = 0.20 × 0.71 + 2.00 = 2.14")
    view.get_by_label("change").select_option("step 5")
    expect(scanned).to_have_text("h₅, from h₄ over step 5: h = 1.00 × 2.14 + (−1.25) = 0.89")
    view.get_by_label("change").select_option("h_0")
    expect(loop).to_have_text("h₀ = 0.40")
    view.get_by_role("application").press("Home")
    view.get_by_role("application").press("ArrowDown")
    expect(scanned).to_have_text("step 1 as it is given: a = 0.50, b = 1.00")


# --- controls ------------------------------------------------------------------------------------


def test_time_by_buttons_slider_and_play(view):
    output = view.get_by_role("status")
    view.get_by_role("button", name="Step forward").click()
    expect(output).to_have_text("t = 1 of 5")
    view.get_by_label("time step t").press("End")
    expect(output).to_have_text("t = 5 of 5")
    view.get_by_role("button", name="Step back").press("Enter")
    expect(output).to_have_text("t = 4 of 5")
    view.get_by_label("steps per second").select_option("32/s")
    view.get_by_role("application").press(" ")
    expect(output).to_have_text("t = 5 of 5")


def test_a_step_is_chosen_by_menu_key_and_press(view):
    chosen = view.get_by_label("change")
    expect(chosen).to_have_value("step 1")
    view.get_by_role("application").press("ArrowUp")
    expect(chosen).to_have_value("h_0")
    view.get_by_role("application").press("ArrowUp")
    expect(chosen).to_have_value("h_0")
    view.locator(".box[data-place='4'][data-round='3']").first.click()
    expect(chosen).to_have_value("step 4")
    expect(view.get_by_role("status")).to_have_text("t = 3 of 5")
    view.locator(".box[data-place='2'][data-round='0']").click()  # given: the round stays
    expect(chosen).to_have_value("step 2")
    expect(view.get_by_role("status")).to_have_text("t = 3 of 5")


def test_what_a_change_moves_is_marked_until_it_is_taken_back(static_page):
    page = static_page(tree(place=3))
    view = frame(page)
    slider = view.get_by_label("a_3")
    slider.press("ArrowRight")
    expect(slider).to_have_value("0.85")
    assert [(p, r) for p, r, _, kind in boxes(view) if "changed" in kind] == [(3, 0)]
    view.get_by_role("application").press("End")
    moved = {(p, r) for p, r, _, kind in boxes(view) if "changed" in kind}
    assert moved == {(3, 0), (3, 3), (3, 4), (4, 2), (4, 3), (4, 4), (5, 4), (5, 5)}
    expect(view.locator(".scan-tree > .small")).to_contain_text("has moved: 11 of 22 boxes so far")
    for name in ("a_3", "b_3"):
        box = view.get_by_label(name).bounding_box()
        page.mouse.click(box["x"] + 0.05 * box["width"], box["y"] + box["height"] / 2)
    a, b = A.copy(), B.copy()
    a[2], b[2] = (float(view.get_by_label(name).input_value()) for name in ("a_3", "b_3"))
    assert a[2] < 0.2
    assert b[2] < -1.5
    plain = [(*box[:3], box[3].replace("changed", "").strip()) for box in boxes(view)]
    assert sorted(plain) == expected_boxes(a, b, 0.4, 5)
    view.get_by_role("button", name="Reset").click()
    assert sorted(boxes(view)) == expected_boxes(A, B, 0.4, 5)


def test_h_0_reaches_everything(view):
    view.get_by_label("change").select_option("h_0")
    expect(view.locator(".tuner:visible")).to_have_text(["h00.40"])
    view.get_by_label("h_0", exact=True).press("End")
    view.get_by_role("application").press("End")
    changed = {p for p, _, _, kind in boxes(view) if "changed" in kind}
    assert changed == {0, 1, 2, 3, 4, 5}
    loop = scan_loop(A.reshape(5, 1, 1), B.reshape(5, 1, 1), np.full((1, 1), 2.0)).ravel()
    assert [box[2] for box in boxes(view) if box[:2] == (5, 5)] == [[number(loop[-1])]]
    view.get_by_role("button", name="Reset").press("Enter")
    assert sorted(boxes(view)) == expected_boxes(A, B, 0.4, 5)


# --- whom it serves, and edges -------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "T"), [("light", 4), ("dark", 16)])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme, T):
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-1, 1, T), rng.normal(size=T)
    page = static_page(tree(a, b, t=T, place=T, title=HOSTILE), color_scheme=scheme)
    view = frame(page)
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    expect(view.locator(".title")).to_have_text(HOSTILE)
    assert axe(view) == ""
    for width in (1280, 700, 375):
        page.set_viewport_size({"width": width, "height": 1000})
        assert overflow(view) == [0, 0], width
        assert max(view.locator(".box").evaluate_all(BEYOND)) <= 2, width  # a minus may touch
    assert axe(view) == ""


def test_large_and_negative_numbers_are_drawn(static_page):
    view = frame(static_page(tree(np.full(16, -3.0), np.zeros(16), 1.0, t=16)))
    assert max(float(v.replace("\u2212", "-")) for _, _, vs, _ in boxes(view) for v in vs) == 3**16
    assert not re.search("NaN|undefined", view.locator(".rnn-edu").inner_text())


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu.widgets import ScanTree
w = ScanTree(np.full(4, 0.5), np.ones(4), t=1)
w"""
    page = in_lab(lab.write("scan_tree.ipynb", [code]))
    lab.run_all(page)
    view = page.locator(".rnn-edu")
    view.get_by_role("application").press("ArrowRight")
    view.get_by_role("application").press("ArrowDown")
    view.get_by_label("b_2").press("Home")
    lab.hears(
        page, "w.t, w.place, w.b[1], w.h().round(3).tolist()", "2 2 -2.0 [1.0, -1.5, 0.25, 1.125]"
    )
    lab.ask(page, "w.a = [0.0] * 4; w.h0 = 1.5; w.t = 4")
    expect(view.get_by_role("status")).to_have_text("t = 4 of 4")
    assert [box[2] for box in boxes(view) if box[:2] == (4, 4)] == [["1.00"]]
