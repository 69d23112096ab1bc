"""The causality editor as a reader: typing, blanking, masking, what counts, keys and touch."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Frame, expect

from rnn_edu import GRUCell, LSTMCell, RNNCell
from rnn_edu.bidirectional import Bidirectional
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets import Causality

from .hands import frame

pytestmark = pytest.mark.browser

ABC = "\n abcdef"
LABELS = ("blank", "<img src=x onerror=document.body.remove()>", "two", "three")
LINE = "bad cafe fed"
TARGETS = [1, 2, 3, 0] * 3
NUMBERS = "spans => spans.map((e) => +e.style.transform.match(/scaleY\\((.*)\\)/)[1])"
TINTS = "spans => spans.map((e) => e.style.getPropertyValue('--tint'))"


def networks(causal=GRUCell, other=GRUCell, H=6) -> tuple[Network, Bidirectional]:
    rng = np.random.default_rng(4)

    def cell(kind):
        c = kind.init(len(ABC), H, rng)
        return type(c)(*(3 * a for a in vars(c).values()))

    one = Network(cell(causal), rng.normal(size=(H, 4)), rng.normal(size=4))
    cells = cell(other), cell(other)
    return one, Bidirectional(*cells, rng.normal(size=(2 * H, 4)), rng.normal(size=4))


def editor(kinds=(GRUCell, GRUCell), **options) -> Causality:
    given = {"alphabet": ABC, "labels": LABELS, "text": LINE, "targets": TARGETS} | options
    return Causality(*networks(*kinds), **given)


def answers(text: str, masked=(), kinds=(GRUCell, GRUCell)) -> list[np.ndarray]:
    x = np.eye(len(ABC))[[ABC.index(letter) for letter in text]][:, None]
    x[list(masked)] = 0
    return [softmax(net(x, read="every")[:, 0]) for net in networks(*kinds)]


def shows(view: Frame, text: str, masked=(), ignored=(), kinds=(GRUCell, GRUCell)) -> None:
    """Line, colours, bars and sentences are what NumPy says of this text."""
    seen = ["\u00a0" if i in masked else c.replace(" ", "␣") for i, c in enumerate(text)]
    for row in (".line", ".answers >> nth=0", ".answers >> nth=1"):
        expect(view.locator(row).locator(".letter")).to_have_text(seen)
    places = [i for i, c in enumerate(text) if c != LINE[i] or i in masked]
    before, now = answers(LINE, kinds=kinds), answers(text, masked, kinds)
    for k, (p, q) in enumerate(zip(before, now, strict=True)):
        row, said = view.locator(".answers").nth(k), view.locator(".effect").nth(k)
        tints = [f"var(--class-{c})" if c else "transparent" for c in q.argmax(axis=1)]
        assert row.locator(".letter").evaluate_all(TINTS) == tints
        moved = np.abs(p - q).sum(axis=1) / 2
        bars = row.locator(".bar i").evaluate_all(NUMBERS)
        assert np.abs(np.array(bars) - moved).max() < 1e-5
        other = p.argmax(axis=1) != q.argmax(axis=1)
        expect(row.locator(".other")).to_have_count(int(other.sum()))
        counted = [-np.log(q[i, c]) for i, c in enumerate(TARGETS) if i not in ignored]
        expect(said).to_contain_text(f"loss {np.mean(counted):.3f}")
        if places:
            first = places[0]
            assert k == 1 or bars[:first] == [0] * first
            rest = f"from place {first + 1} on: {other[first:].sum()} of {12 - first} change class"
            expect(said).to_contain_text(f"{rest}, the most moved by {moved[first:].max():.2f}")
            if first and k == 0:
                past = f"before place {first + 1}: nothing moves, not by a bit; "
                expect(said).to_contain_text(past)
            if first and k == 1:
                past = f"before place {first + 1}: {other[:first].sum()} of {first} change class"
                expect(said).to_contain_text(f"{past}, the most moved by")
        else:
            expect(said).to_contain_text("nothing is changed yet")


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(editor()))


@pytest.mark.parametrize("kinds", [(RNNCell, LSTMCell), (LSTMCell, RNNCell)])
def test_each_cell_answers_as_numpy_does(static_page, kinds):
    view = frame(static_page(editor(kinds, edited="bad cafb fed")))
    shows(view, "bad cafb fed", kinds=kinds)


def test_a_typed_letter_takes_the_place_of_one(view):
    shows(view, LINE)
    line = view.get_by_role("slider")
    line.press("ArrowRight")
    line.press("ArrowUp")
    line.press("f")
    shows(view, "baf cafe fed")
    expect(line).to_have_attribute("aria-valuenow", "4")
    line.press("Backspace")
    line.press("Delete")
    shows(view, "ba  cafe fed")
    line.press("x")
    expect(view.locator(".tools")).to_contain_text("Not in the alphabet: “\u2068x\u2069”")
    shows(view, "ba  cafe fed")
    for key, place in (("End", 12), ("ArrowRight", 12), ("Home", 1), ("ArrowDown", 1)):
        line.press(key)
        expect(line).to_have_attribute("aria-valuenow", str(place))


def test_a_place_is_chosen_by_mouse_and_changed_by_the_tools(view):
    view.locator(".line .letter").nth(8).click()
    view.get_by_label("put", exact=True).fill("e")
    shows(view, "bad cafeefed")
    view.get_by_role("button", name="blank").click()
    shows(view, LINE)
    view.locator(".line .letter").nth(5).click()
    view.get_by_role("button", name="mask").click()
    shows(view, LINE, masked=[5])
    expect(view.locator(".line .masked")).to_have_count(1)
    view.get_by_role("button", name="blank").click()
    shows(view, "bad c fe fed")
    view.get_by_role("button", name="as it was").click()
    shows(view, LINE)
    view.get_by_role("button", name="mask").click()
    view.locator(".line .letter").nth(0).click()
    view.get_by_label("put", exact=True).fill("d")
    shows(view, "dad cafe fed", masked=[5])
    view.get_by_role("button", name="restore all").click()
    shows(view, LINE)


def test_what_does_not_count_is_not_in_the_loss(view):
    view.locator(".line .dot").nth(3).click()
    shows(view, LINE, ignored=[3])
    box = view.get_by_label("counts in the loss")
    expect(box).not_to_be_checked()
    view.get_by_role("slider").press("End")
    expect(box).to_be_checked()
    box.press(" ")
    shows(view, LINE, ignored=[3, 11])
    view.locator(".line .dot").nth(3).click()
    shows(view, LINE, ignored=[11])
    for k in range(11):
        view.locator(".line .dot").nth(k).click()
    expect(view.locator(".effect").first).to_contain_text("loss none, no place counts")


def test_without_targets_there_is_no_loss(static_page):
    view = frame(static_page(editor(targets=())))
    expect(view.locator(".effect").first).to_have_text("nothing is changed yet")
    assert view.locator(".dot, [type=checkbox]").count() == 0


def test_the_chosen_place_is_told_in_words(static_page):
    view = frame(static_page(editor(edited="bad cafb fed", ignored=[7], t=7)))
    (p, r), (q, s) = (tuple(y[7] for y in answers(text)) for text in (LINE, "bad cafb fed"))

    def told(name, before, now):
        was, then = (f"{LABELS[y.argmax()]} {y.max():.2f}" for y in (before, now))
        return f"{name}: {then}" if was == then else f"{name}: {was}, now {then}"

    both = f"{told('onward only', p, q)}; {told('from both ends', r, s)}"
    said = f"place 8, “\u2068b\u2069”, not in the loss; {both}"
    expect(view.get_by_role("slider")).to_have_attribute("aria-valuetext", said)
    expect(view.locator(".caption")).to_have_text(said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(static_page, axe, scheme):
    view = frame(static_page(editor(edited="bad cafb fed", masked=[2]), color_scheme=scheme))
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    assert axe(view) == ""


@pytest.mark.parametrize("width", [320, 375, 700, 1280])
def test_a_long_line_fits(static_page, overflow, width):
    text = ("bad cafe fed " * 5)[:60]
    given = {"text": text, "edited": text[:58] + "ff", "targets": TARGETS * 5}
    view = frame(static_page(editor(**given), width=width))
    expect(view.locator(".line .letter")).to_have_count(60)
    assert max(overflow(view)) <= 0


def test_live_it_talks_to_python(lab, in_lab):
    code = """import numpy as np
from rnn_edu import RNNCell
from rnn_edu.bidirectional import Bidirectional
from rnn_edu.topologies import Network
from rnn_edu.widgets import Causality
rng = np.random.default_rng(0)
a, b, c = (RNNCell.init(3, 4, rng) for _ in range(3))
pair = Network.init(a, 3, rng), Bidirectional.init(b, c, 3, rng)
w = Causality(*pair, alphabet="abc", labels=list("xyz"), text="cab", targets=[0, 1, 2])"""
    page = in_lab(lab.write("causality.ipynb", [code, "w"]))
    lab.run_all(page)
    view = page.locator(".jp-Cell").nth(1).locator(".rnn-edu")
    view.get_by_role("slider").press("b")
    lab.hears(page, "w.text, w.t", "bab 1")
    view.get_by_role("button", name="mask").click()
    view.get_by_label("counts in the loss").uncheck()
    lab.hears(page, "w.masked, w.ignored", "[1] [1]")
    lab.ask(page, "w.text = 'cbc'; w.t = 2; w.masked = []")
    expect(view.locator(".line .letter")).to_have_text(list("cbc"))
    expect(view.get_by_role("slider")).to_have_attribute("aria-valuenow", "3")
    assert "text must be 3 letters, got 2" in lab.ask(page, "w.text = 'cb'")
