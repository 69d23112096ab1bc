"""The beam in a browser: every control, by mouse and by keyboard, static and live."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, expect

from rnn_edu.widgets.beam import Beam

from .bigrams import TREE, beam_search, bigrams
from .hands import HOSTILE, caption, inside, q, stage

pytestmark = pytest.mark.browser

LEAD, HEAD, ROW, BETWEEN = 34, 26, 24, (46, 110)  # CSS pixels, as in beam.js


def place(frame, column: int, rank: int, columns: int = 2, box: float = 80) -> dict[str, float]:
    """The middle of a candidate, in pixels of the stage, where so many columns are in sight."""
    width = stage(frame).evaluate("(e) => e.clientWidth")
    gap = np.clip((width - LEAD - columns * box) / (columns - 1), *BETWEEN)
    return {"x": LEAD + column * (box + gap) + box / 2, "y": HEAD + (rank + 0.5) * ROW}


def purple(frame, at: dict[str, float]) -> bool:
    """Whether the box around a candidate has the colour of the marked path."""
    expect(caption(frame)).not_to_be_empty()  # drawn once; twice when the size is known
    return stage(frame).evaluate(
        """async (e, { x, y }) => {
          for (const _ of "ab") await new Promise(requestAnimationFrame);
          const { data } = e.getContext("2d").getImageData(x, y - 14, 1, 10);
          return Array.from({ length: 10 }, (_, k) => data.slice(4 * k, 4 * k + 4))
            .some(([r, g, b, a]) => a > 200 && b > r + 25 && b > g + 40);
        }""",
        at,
    )


@pytest.fixture
def frame(static_page) -> FrameLocator:
    return inside(static_page(Beam(TREE, title="two letters")))


# --- what is drawn and said ----------------------------------------------------------------------

FIRST = f"t = 0: 2 candidates, 2 kept, 0 pruned, 0 finished; ahead: {q('a')} \u22120.51"
LAST = (
    f"t = 1: 4 candidates, 0 kept, 3 pruned, 1 finished; best: {q('b')} {q('d')} \u22121.02;"
    " the greedy path is dropped here"
)


def test_the_best_path_is_marked_at_each_step(frame):
    expect(caption(frame)).to_have_text(FIRST)
    assert [purple(frame, place(frame, 0, rank)) for rank in (0, 1)] == [True, False]
    stage(frame).press("ArrowRight")
    expect(caption(frame)).to_have_text(LAST)
    assert [purple(frame, place(frame, 0, rank)) for rank in (0, 1)] == [False, True]
    by_rank = [purple(frame, place(frame, 1, rank)) for rank in range(4)]
    assert by_rank == [True, False, False, False]  # finished b d; pruned a c, a d, b e


def test_candidates_are_ranked_and_chosen_by_key(frame):
    stage(frame).press("End")
    ranks = [
        f"{q('b')} {q('d')}: {q('d')} has log-probability \u22120.11, probability 0.90;"
        " sum \u22121.02; finished",
        f"{q('a')} {q('c')}: {q('c')} has log-probability \u22120.69, probability 0.50;"
        " sum \u22121.20; pruned, on the greedy path",
        f"{q('a')} {q('d')}: {q('d')} has log-probability \u22120.92, probability 0.40;"
        " sum \u22121.43; pruned",
        f"{q('b')} {q('e')}: {q('e')} has log-probability \u22122.30, probability 0.10;"
        " sum \u22123.22; pruned",
    ]
    for text in ranks:
        stage(frame).press("ArrowDown")
        expect(caption(frame)).to_have_text(text)
    assert purple(frame, place(frame, 1, 3))
    assert not purple(frame, place(frame, 1, 0))
    stage(frame).press("ArrowDown")  # past the last: none
    expect(caption(frame)).to_have_text(LAST)
    stage(frame).press("ArrowUp")
    expect(caption(frame)).to_have_text(ranks[3])
    stage(frame).press("Escape")
    expect(caption(frame)).to_have_text(LAST)


def test_what_is_finished_is_listed_and_can_be_chosen(static_page):
    nodes = [
        (-1, "a", -1.0, "finished"),
        (-1, "b", -0.7, "kept"),
        (1, "c", -0.7, "finished"),
        (1, "d", -0.9, "kept"),
        (3, "e", -0.1, "finished"),
        (3, "f", -0.2, "finished"),
    ]
    frame = inside(static_page(Beam(nodes, alpha=1)))
    greedy, chips = frame.get_by_role("button", name="greedy"), frame.locator(".small ~ button")
    expect(chips.filter(visible=True)).to_have_text(["\u22121.00  a"])
    expect(greedy).to_have_text("greedy \u22120.70  b")
    stage(frame).press("End")
    expect(greedy).to_have_text("greedy \u22120.70 (sum \u22121.40)  b c")
    expect(chips).to_have_text(
        [
            "\u22120.57 (sum \u22121.70)  b d e",
            "\u22120.60 (sum \u22121.80)  b d f",
            "\u22120.70 (sum \u22121.40)  b c",
        ]
    )
    expect(frame.get_by_text("finished, the best 3 of 4")).to_be_visible()
    expect(caption(frame)).to_contain_text(f"best: {q('b')} {q('d')} {q('e')} \u22121.70")
    chips.nth(2).click()
    expect(caption(frame)).to_contain_text(f"{q('b')} {q('c')}: ")
    expect(chips.nth(2)).to_have_attribute("aria-pressed", "true")
    chips.nth(2).press("Enter")
    expect(caption(frame)).to_contain_text("t = 2: ")
    greedy.click()
    expect(caption(frame)).to_contain_text(f"{q('b')} {q('c')}: ")


# --- mouse, touch, slider ------------------------------------------------------------------------


def test_slider_buttons_and_play(frame):
    slider = frame.get_by_label("time step t")
    slider.press("ArrowRight")
    expect(caption(frame)).to_have_text(LAST)
    frame.get_by_role("button", name="Step back").click()
    expect(caption(frame)).to_have_text(FIRST)
    frame.get_by_role("button", name="Step forward").click()
    expect(slider).to_have_value("1")
    slider.press("Home")
    expect(caption(frame)).to_have_text(FIRST)
    frame.get_by_role("button", name="Play").click()
    expect(caption(frame)).to_have_text(LAST)


def test_mouse_and_finger_choose_a_candidate(static_page):
    for options in ({}, {"width": 375, "has_touch": True}):
        frame = inside(static_page(Beam(TREE), **options))
        act = stage(frame).tap if options else stage(frame).click
        act(position=place(frame, 0, 1))
        expect(caption(frame)).to_contain_text(f"{q('b')}: {q('b')} has log-probability")
        act(position=place(frame, 0, 1))
        expect(caption(frame)).to_have_text(FIRST)
        stage(frame).press("End")
        act(position=place(frame, 1, 1))
        expect(caption(frame)).to_contain_text("on the greedy path")
        act(position={"x": 200, "y": 4})  # beside all candidates
        expect(caption(frame)).to_have_text(LAST)


def test_a_long_search_moves_along_and_back_to_what_is_chosen(static_page):
    nodes = []
    for step in range(60):
        nodes.append((2 * step - 2 if step else -1, f"w{step}", -0.1, "kept"))
        nodes.append((2 * step - 2 if step else -1, "end", -0.5, "finished"))
    frame = inside(static_page(Beam(nodes), width=375))
    stage(frame).press("End")
    expect(caption(frame)).to_contain_text(f"best: {q('end')} \u22120.50")
    assert not purple(frame, place(frame, 0, 1))  # that is fifty-nine columns to the left
    frame.locator(".small ~ button").first.click()
    expect(caption(frame)).to_contain_text(f"{q('end')}: {q('end')} has log-probability")
    assert purple(frame, place(frame, 0, 1))


# --- whom it serves ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme):
    many = Beam(beam_search(bigrams(8, 1), width=4, steps=6), t=5)
    for width in (375, 1280):
        page = static_page(Beam(TREE, t=1, node=4), many, width=width, color_scheme=scheme)
        for frame in page.frames[1:]:
            assert axe(frame) == ""
            assert overflow(frame) == [0, 0]


def test_screen_readers_hear_the_step(frame):
    live = frame.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    stage(frame).press("End")
    expect(live).to_have_text(LAST)
    expect(frame.locator(".rnn-edu > p.hidden")).to_contain_text("best: 'b' 'd' -1.02")


def test_all_kinds_of_tokens(static_page):
    tokens = (HOSTILE, "שלום", "\u0301", "", "\n")
    nodes = [(k - 1, token, -1.0, "kept") for k, token in enumerate(tokens[:-1])]
    nodes.append((3, tokens[-1], -1.0, "finished"))
    frame = inside(static_page(Beam(nodes, title=HOSTILE), width=375))
    stage(frame).press("End")
    best = " ".join(map(q, (HOSTILE, "שלום", "◌\u0301", "∅", "⏎")))
    expect(caption(frame)).to_contain_text(f"best: {best} \u22125.00")
    expect(frame.locator(".small ~ button")).to_contain_text(HOSTILE)
    assert frame.locator("img").count() == 0


def test_one_candidate_alone_and_one_that_was_dropped_though_likelier(static_page):
    dropped = Beam([(-1, "a", -0.1, "pruned"), (-1, "b", -1.0, "kept")])
    page = static_page(Beam([(-1, "a", 0.0, "pruned")]), dropped)
    stage(inside(page, 1)).press("ArrowDown")
    expect(caption(inside(page, 1))).to_contain_text("sum \u22121.00; kept")
    frame = inside(page)
    expect(caption(frame)).to_have_text(
        "t = 0: 1 candidate, 0 kept, 1 pruned, 0 finished; the greedy path is dropped here"
    )
    for key in ("ArrowRight", "ArrowUp"):
        stage(frame).press(key)
    expect(caption(frame)).to_contain_text("probability 1.00; sum 0.00; pruned")


# --- JupyterLab ----------------------------------------------------------------------------------

CELL = """\
from rnn_edu.widgets.beam import Beam
figure = Beam([(-1, "a", -0.5, "kept"), (0, "b", -0.1, "finished")])
figure
"""


def test_live_it_shares_its_state_with_python(lab, in_lab):
    page = in_lab(lab.write("beam.ipynb", [CELL]))
    lab.run_all(page)
    root = page.locator(".rnn-edu")
    stage(root).press("ArrowRight")
    stage(root).press("ArrowDown")
    expect(caption(root)).to_contain_text("sum \u22120.60; finished, on the greedy path")
    lab.hears(page, "figure.t, figure.node", "1 1")
    lab.ask(page, "figure.node, figure.t = -1, 0")
    expect(caption(root)).to_contain_text("t = 0: 1 candidate, ")
