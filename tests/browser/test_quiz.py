"""The quiz in a browser: every control by mouse and by keyboard, static and live."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from rnn_edu.widgets import Question, Quiz, Reveal

from .hands import HOSTILE, inside

pytestmark = pytest.mark.browser

CHOICE = Question(
    "Which reader is blind to `ab` and `ba`?",
    {
        "one that counts": "Addition does not mind the order of its terms.",
        "one with a window": "Its inputs are pairs of letter and place.",
        "one with a loop": "Its `h` has heard them in turn.",
    },
    key="one that counts",
)
SHARE = Reveal("How often is it right?", 46.2, unit="%", span=(0, 100), explanation="By `counts`.")
NAME = Reveal("Which language ends in -ova?", "Slovak", prompt="the language")
COUNT = Reveal("How many names?", 8750, explanation="Few.")


@pytest.fixture
def quiz(static_page) -> FrameLocator:
    return inside(static_page(Quiz(CHOICE, SHARE, NAME, COUNT)))


def answer(quiz, name: str) -> Locator:
    return quiz.get_by_role("radio", name=name)


def part(quiz, k: int) -> Locator:
    return quiz.get_by_role("group").locator("fieldset").nth(k)


def reason(quiz, k: int) -> Locator:
    """What is said beside question k."""
    return part(quiz, k).locator("p").filter(visible=True)


def guess(quiz, k: int, text: str) -> None:
    part(quiz, k).get_by_role("textbox").fill(text)
    part(quiz, k).get_by_role("button").click()


# --- multiple choice -----------------------------------------------------------------------------


def test_each_answer_gets_its_own_reason_and_the_first_try_counts(quiz):
    score = quiz.locator(".score")
    expect(reason(quiz, 0)).to_have_count(0)
    expect(score).to_have_text("Answered 0 of 4. Right at the first try: 0 of 1.")
    answer(quiz, "one with a loop").check()
    expect(reason(quiz, 0)).to_have_text("No. Its h has heard them in turn.")
    expect(reason(quiz, 0).locator("code")).to_have_text("h")
    answer(quiz, "one that counts").check()
    expect(reason(quiz, 0)).to_have_text("Right. Addition does not mind the order of its terms.")
    marks = {mark.inner_text() for mark in part(quiz, 0).locator("label").all()}
    assert marks == {"one with a loop\nwrong", "one that counts\nright", "one with a window"}
    expect(score).to_have_text("Answered 1 of 4. Right at the first try: 0 of 1.")
    quiz.get_by_role("button", name="Start again").click()
    expect(reason(quiz, 0)).to_have_count(0)
    expect(answer(quiz, "one that counts")).not_to_be_checked()
    answer(quiz, "one that counts").check()
    expect(score).to_have_text("Answered 1 of 4. Right at the first try: 1 of 1.")


def test_arrow_keys_pass_answers_without_giving_them(quiz):
    radios = quiz.get_by_role("radio")
    radios.nth(0).press("ArrowDown")
    expect(radios.nth(1)).to_be_focused()
    expect(quiz.locator("input:checked")).to_have_count(0)
    radios.nth(1).press("ArrowRight")
    radios.nth(2).press("ArrowDown")
    radios.nth(0).press("ArrowUp")
    expect(radios.nth(2)).to_be_focused()
    radios.nth(2).press("Space")
    expect(radios.nth(2)).to_be_checked()
    expect(reason(quiz, 0)).to_be_visible()
    expect(quiz.locator(".score")).to_contain_text("Answered 1 of 4.")


# --- predict, then see ---------------------------------------------------------------------------


def test_no_answer_before_a_guess(quiz):
    for text, said in (
        ("", "Your guess comes first."),
        ("much", "“\u2068much\u2069” is not a number."),
    ):
        guess(quiz, 1, text)
        expect(reason(quiz, 1)).to_have_text(said)
        expect(part(quiz, 1).get_by_role("textbox")).to_be_focused()
    expect(quiz.locator(".score")).to_contain_text("Answered 0 of 4.")
    assert "46" not in quiz.locator(".rnn-edu").inner_text()
    assert "46" not in quiz.locator(".rnn-edu").aria_snapshot()
    part(quiz, 1).get_by_role("textbox").press_sequentially("9")
    expect(reason(quiz, 1)).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("30", "46 %. You said 30 %, 16 too low. By counts."),
        ("60,5 %", "46 %. You said 60.5 %, 14.5 too high. By counts."),
        ("46.0", "46 %. You said 46 %, which is right. By counts."),
        ("\u22121", "46 %. You said \u22121 %, 47 too low. By counts."),
    ],
)
def test_the_answer_stands_beside_the_guess(quiz, typed, said):
    guess(quiz, 1, typed)
    expect(reason(quiz, 1)).to_have_text(said)
    expect(part(quiz, 1).get_by_role("textbox")).not_to_be_editable()
    part(quiz, 1).get_by_role("button").press("Enter")  # a guess is given once
    expect(reason(quiz, 1)).to_have_text(said)


def test_both_numbers_lie_on_the_slider_s_line(quiz):
    field, slider = part(quiz, 1).get_by_role("textbox"), part(quiz, 1).get_by_role("slider")
    slider.press("ArrowRight")
    expect(field).to_have_value("51")
    field.fill("20")
    expect(slider).to_have_value("20")
    slider.click(position={"x": 8, "y": 15})
    expect(field).to_have_value("0")
    slider.press("PageUp")
    field.press("Enter")
    expect(slider).to_be_hidden()
    line = part(quiz, 1).locator(".line")
    box = line.bounding_box()
    for mark, value in (("guess", 10), ("truth", 46)):
        at = line.locator(f".{mark}").bounding_box()
        assert at["x"] + at["width"] / 2 - box["x"] == pytest.approx(
            value / 100 * box["width"], abs=1
        )
    quiz.get_by_role("button", name="Start again").click()
    expect(field).to_have_value("")
    expect(slider).to_be_visible()
    expect(reason(quiz, 1)).to_have_count(0)


def test_words_and_large_numbers_can_be_guessed(quiz):
    part(quiz, 2).get_by_label("the language").fill("  slovak ")
    part(quiz, 2).get_by_label("the language").press("Enter")
    expect(reason(quiz, 2)).to_have_text("Slovak. So you said. ")
    guess(quiz, 3, "11,013")
    expect(reason(quiz, 3)).to_have_text("8,750. You said 11,013, 2,263 too high. Few.")
    expect(quiz.locator(".score")).to_contain_text("Answered 2 of 4.")


def test_what_was_tried_comes_back(static_page):
    tries = [["one with a loop"], ["30"], ["Czech"], []]
    quiz = inside(static_page(Quiz(CHOICE, SHARE, NAME, COUNT, tries=tries)))
    expect(answer(quiz, "one with a loop")).to_be_checked()
    expect(reason(quiz, 1)).to_contain_text("16 too low")
    expect(reason(quiz, 2)).to_contain_text("Slovak. You said Czech.")
    expect(part(quiz, 3).get_by_role("textbox")).to_be_editable()


# --- whom it serves ------------------------------------------------------------------------------


def test_screen_readers_hear_the_reason(quiz):
    live = quiz.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    answer(quiz, "one with a loop").check()
    expect(live).to_have_text("No. Its h has heard them in turn.")
    guess(quiz, 3, "x")
    expect(live).to_contain_text("is not a number.")
    guess(quiz, 3, "9000")
    expect(live).to_contain_text("8,750. You said 9,000")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_and_nothing_jumps(static_page, axe, overflow, scheme, width):
    page = static_page(Quiz(CHOICE, SHARE, NAME, COUNT), width=width, color_scheme=scheme)
    quiz, frame = inside(page), page.frames[1]
    assert axe(frame) == ""
    tops = "() => [...document.querySelectorAll('fieldset')].map((e) => e.offsetTop)"
    before = frame.evaluate(tops)
    answer(quiz, "one with a loop").check()
    for k, text in ((1, "3"), (2, "x")):
        guess(quiz, k, text)
    guess(quiz, 3, "")
    assert frame.evaluate(tops) == before
    assert axe(frame) == ""
    assert overflow(frame) == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    end = quiz.locator(".end").bounding_box()
    bottom = quiz.locator(".rnn-edu").bounding_box()
    assert bottom["y"] + bottom["height"] - end["y"] - end["height"] < 120  # no empty half page


def test_hostile_and_right_to_left_texts_are_texts(static_page):
    questions = [
        Question(HOSTILE, {HOSTILE: HOSTILE, "מימין לשמאל": "שמאל"}, key=0),
        Reveal(HOSTILE, HOSTILE, prompt=HOSTILE, explanation=HOSTILE),
    ]
    page = static_page(Quiz(*questions, title=HOSTILE), width=375)
    quiz = inside(page)
    answer(quiz, HOSTILE).check()
    expect(reason(quiz, 0)).to_have_text(f"Right. {HOSTILE}")
    guess(quiz, 1, HOSTILE)
    expect(reason(quiz, 1)).to_contain_text("So you said.")
    expect(quiz.locator("legend")).to_have_text([HOSTILE] * 2)
    assert quiz.locator("img").count() == 0
    hebrew = part(quiz, 0).locator("label", has_text="מימין")
    expect(hebrew).to_have_css("direction", "rtl")
    assert page.frames[1].evaluate("document.documentElement.scrollWidth") <= 375


def test_quizzes_of_one_page_do_not_share_their_answers(static_page):
    page = static_page(Quiz(CHOICE, CHOICE), Quiz(CHOICE))
    quiz = inside(page)
    quiz.get_by_role("radio").nth(0).check()
    quiz.get_by_role("radio").nth(3).check()
    expect(quiz.locator("input:checked")).to_have_count(2)
    expect(inside(page, 1).locator("input:checked")).to_have_count(0)


# --- JupyterLab ----------------------------------------------------------------------------------

CELL = """\
from rnn_edu.widgets import Question, Quiz, Reveal
quiz = Quiz(
    Question("Which?", {"this": "Yes, this.", "that": "Not that."}, key="this"),
    Reveal("How many?", 12),
)
quiz
"""


def test_live_it_shares_its_tries_with_python(lab, in_lab):
    page = in_lab(lab.write("quiz.ipynb", [CELL]))
    lab.run_all(page)
    quiz = page.locator(".rnn-edu")
    answer(quiz, "that").focus()
    page.keyboard.press("Space")
    expect(quiz.get_by_text("Not that.")).to_be_visible()
    field = quiz.get_by_role("textbox")
    field.press_sequentially("1b5")  # "b" adds a cell where JupyterLab hears it
    expect(page.locator(".jp-Cell")).to_have_count(1)
    field.fill("15")
    field.press("Enter")
    expect(quiz.get_by_text(re.compile("12. You said 15, 3 too high."))).to_be_visible()
    lab.hears(page, "quiz.tries", "[['that'], ['15']]")
    lab.ask(page, "quiz.tries = [['that', 'this'], []]")
    expect(answer(quiz, "this")).to_be_checked()
    expect(field).to_have_value("")
    assert "must fit it, got ['those']" in lab.ask(page, "quiz.tries = [['those'], []]")
