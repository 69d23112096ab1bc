"""The topology explorer in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from rnn_edu.widgets.topology import TopologyExplorer
from rnn_edu.widgets.topology_kinds import NAMES

from .hands import HOSTILE, inside

pytestmark = pytest.mark.browser


def pressed(frame, kind: str) -> None:
    expect(frame.locator("[aria-pressed=true]")).to_have_text(kind)


def settled(frame, nodes: int) -> None:
    """Waits for the end of a morph: as many nodes as that, and none of them half there."""
    whole = "es => es.filter((e) => e.style.opacity === '1').length"
    half = "es => es.filter((e) => e.style.opacity > 0 && e.style.opacity < 1).length"
    located = frame.locator(".node")
    for _ in range(100):
        if located.evaluate_all(half) == 0 and located.evaluate_all(whole) == nodes:
            return
        located.first.evaluate("() => new Promise(requestAnimationFrame)")
    raise AssertionError(f"{located.evaluate_all(whole)} nodes are whole, not {nodes}")


def tokens(frame, row: str) -> list[str]:
    """The words under or over the nodes of a row that are there."""
    return frame.locator(f".node.{row}").evaluate_all(
        """es => es.filter((e) => e.style.opacity > 0).map((e) => e.querySelector("bdi").innerText)
          .filter((text) => text)"""
    )


def test_every_kind_shows_the_numbers_that_python_tells(static_page):
    frame = inside(static_page(TopologyExplorer(), reduced_motion="reduce"))
    for key, kind in enumerate(NAMES, start=1):
        frame.locator(".drawing").press(str(key))
        pressed(frame, kind)
        python = TopologyExplorer(kind)
        _, says, shapes, numbers, *_ = python.words.split("\n")
        expect(frame.locator(".says")).to_contain_text(says)
        rows = frame.locator(".facts tr").all_inner_texts()
        assert "; ".join(re.sub(r"\s+", " ", row) for row in rows) == shapes
        total = frame.locator(".total").inner_text().replace("\u00a0", " ")
        assert total == numbers.replace("_", "")
        expect(frame.locator("output").first).to_have_text(f"t = {python.t} of {python.steps - 1}")


# Kind: its nodes; arrows from inputs, between states, to outputs, back; the words shown.
DRAWN = {
    "one-to-one": (3, [1, 0, 1, 0], "picture of a 7", "7"),
    "one-to-many": (15, [5, 4, 5, 4], "picture a cat on a", "a cat on a mat"),
    "many-to-one": (11, [5, 4, 1, 0], "r o s s i", "Italian"),
    NAMES[3]: (15, [5, 4, 5, 0], "i f \u2423 x >", "keyword keyword space name operator"),
    NAMES[4]: (21, [8, 8, 4, 3], "where is the train station où est la", "où est la gare"),
}


def test_what_feeds_and_what_reads(static_page):
    frame = inside(static_page(TopologyExplorer(), reduced_motion="reduce"))
    for kind, (nodes, arrows, inputs, outputs) in DRAWN.items():
        frame.get_by_role("button", name=kind, exact=True).click()
        pressed(frame, kind)
        settled(frame, nodes)
        there = "es => es.filter((e) => e.style.opacity === '1').length"
        edges = [frame.locator(f"path.{edge}") for edge in ("xh", "hh", "hy", "yx")]
        assert [edge.evaluate_all(there) for edge in edges] == arrows
        assert " ".join(tokens(frame, "x")) == inputs
        assert " ".join(tokens(frame, "y")) == outputs
        expect(frame.locator(".node.x.back")).to_have_count(arrows[3])


def test_it_morphs_and_the_nodes_stay_the_same_nodes(static_page):
    frame = inside(static_page(TopologyExplorer()))
    settled(frame, 11)
    node = frame.locator(".node.h").first
    node.evaluate("e => { e.marked = true; }")
    before = node.bounding_box()["x"]
    frame.get_by_role("button", name=NAMES[4]).click()
    settled(frame, 21)
    assert node.evaluate("e => e.marked")
    assert node.bounding_box()["x"] < before - 50  # nine columns where five were
    boxes = [frame.locator(".node.h").nth(c).bounding_box() for c in range(9)]
    gaps = [b["x"] - a["x"] for a, b in pairwise(boxes)]
    assert max(gaps) - min(gaps) < 1
    expect(frame.locator(".part")).to_have_text(["reads", "writes"])


def test_time_computes_one_step_after_the_other(static_page):
    frame = inside(static_page(TopologyExplorer(NAMES[4], T=2, t=0)))
    expect(frame.locator(".caption")).to_have_text("t = 0: nothing is read yet, the state is zero")
    done = frame.locator(".node.done:visible")
    expect(done).to_have_count(0)
    frame.locator(".drawing").press("ArrowRight")
    expect(done).to_have_count(2)
    expect(frame.locator(".node.now:visible")).to_have_count(2)
    frame.get_by_role("button", name="Step forward").click()
    frame.get_by_role("button", name="Step forward").click()
    expect(done).to_have_count(6)
    expect(frame.locator(".caption")).to_have_text(
        "t = 3: the second cell takes over the state, the state is updated,"
        " \u201c\u2068bonjour\u2069\u201d is read"
    )


def test_a_pulse_runs_along_the_arrows_of_the_step(static_page):
    """The text fed back into s_2 makes three ways in or out of one step, in three waves."""
    frame = inside(static_page(TopologyExplorer(NAMES[4], T=3, t=4)))
    settled(frame, 11)
    board = frame.locator(".board")
    board.evaluate(
        """e => { e.seen = []; new MutationObserver((all) => all.forEach(({ addedNodes }) => {
          for (const n of addedNodes) e.seen.push(n.getAnimations()[0].effect.getTiming().delay);
        })).observe(e, { childList: true }); }"""
    )
    frame.locator(".drawing").press("ArrowRight")
    expect(frame.locator("output").first).to_have_text("t = 5 of 5")
    assert board.evaluate("e => e.seen") == [0, 0, 260]
    expect(frame.locator(".pulse")).to_have_count(0)  # they go when they have arrived


def test_playing_after_a_change_of_kind_runs_to_the_new_end(static_page):
    frame = inside(static_page(TopologyExplorer("one-to-one")))
    frame.locator(".drawing").press("4")
    expect(frame.locator("output").first).to_have_text("t = 5 of 5")
    frame.get_by_label("steps per second").select_option("4")
    output = frame.locator("output").first
    output.evaluate(
        """e => { e.seen = []; new MutationObserver(() => e.seen.push(e.textContent))
          .observe(e, { childList: true }); }"""
    )
    frame.get_by_role("button", name="Play").click()
    expect(frame.get_by_role("button", name="Play")).to_be_visible()  # it has stopped by itself
    expect(output).to_have_text("t = 5 of 5")
    assert output.evaluate("e => parseInt(e.seen[0].slice(4))") < 5  # and it had started anew
    frame.locator(".drawing").press("Home")
    expect(frame.locator("output").first).to_have_text("t = 0 of 5")
    frame.get_by_label("time step t").press("ArrowRight")
    expect(frame.locator("output").first).to_have_text("t = 1 of 5")


def test_sliders_change_sizes_of_nodes_and_shapes(static_page):
    frame = inside(static_page(TopologyExplorer(NAMES[3]), reduced_motion="reduce"))
    x, h = frame.locator(".node.x").first, frame.locator(".node.h").first
    size = lambda node: tuple(node.evaluate("e => [e.offsetWidth, e.offsetHeight]"))  # noqa: E731
    assert size(x) == (40, 27)
    assert size(h) == (53, 27)
    for name, key in (("D", "End"), ("N", "ArrowRight"), ("H", "Home"), ("K", "ArrowLeft")):
        frame.get_by_role("slider", name=re.compile(f"^{name} ")).press(key)
    expect(frame.locator(".facts tr")).to_have_text(
        ["x(T, N, D)= (5, 3, 6)", "h(T, N, H)= (5, 3, 1)", "y(T, N, K)= (5, 3, 2)"]
    )
    assert size(x) == (79, 40)
    assert size(h) == (14, 40)
    expect(frame.locator(".total")).to_contain_text("12 numbers to learn, for any T")
    slider = frame.get_by_role("slider", name=re.compile("^T "))
    box = slider.bounding_box()
    frame.locator(".drawing").page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)
    expect(frame.locator("output").first).to_have_text("t = 1 of 1")
    settled(frame, 3)
    expect(frame.locator(".total")).to_contain_text("12 numbers to learn, for any T")
    expect(slider).to_be_focused()
    frame.get_by_role("button", name="one-to-one", exact=True).click()
    expect(slider).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_and_narrow_screens(static_page, axe, overflow, scheme):
    mine = (HOSTILE, [([HOSTILE, "שלום"], [HOSTILE])])
    figures = [
        TopologyExplorer("many-to-one", T=2, examples={"many-to-one": mine}, title=HOSTILE, t=1),
        TopologyExplorer(NAMES[4], T=6, N=4, D=6, H=6, K=6),
    ]
    page = static_page(*figures, width=375, color_scheme=scheme)
    for k in range(len(figures)):
        shown = page.frames[k + 1]
        assert axe(shown) == ""
        assert shown.evaluate("innerWidth") <= 375
        assert overflow(shown) == [0, 0]
    expect(inside(page).locator(".title")).to_have_text(HOSTILE)
    expect(inside(page).locator(".says b")).to_have_text(HOSTILE)
    assert tokens(inside(page), "x") == [HOSTILE, "שלום"]
    drawing = inside(page, 1).locator(".drawing")
    drawing.press("Home")
    drawing.press("End")
    expect(inside(page, 1).locator(".node.now.h")).to_be_in_viewport()


def test_live_it_talks_to_python(lab, in_lab):
    lines = "from rnn_edu.widgets.topology import TopologyExplorer\nw = TopologyExplorer()\nw"
    page = in_lab(lab.write("topology.ipynb", [lines]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    root.locator(".drawing").press("5")
    pressed(root, NAMES[4])
    root.get_by_role("slider", name=re.compile("^N ")).press("ArrowRight")
    expect(root.locator(".facts td").last).to_have_text("= (4, 3, 3)")
    lab.hears(page, "w.kind, w.N, w.steps, w.t", f"{NAMES[4]} 3 10 9")
    lab.ask(page, "w.kind = 'one-to-many'; w.T = 3")
    pressed(root, "one-to-many")
    lab.hears(page, "w.t", "3")  # the figure goes to the last step, and says so
    lab.ask(page, "w.t = 2")
    expect(root.locator("output").first).to_have_text("t = 2 of 3")
    settled(root, 9)
