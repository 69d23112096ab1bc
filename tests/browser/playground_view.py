"""What the tests of the playground share: networks to show, and a hand and an eye on them."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Frame, Locator, expect

from rnn_edu import GRUCell, RNNCell, unroll
from rnn_edu.ops import softmax
from rnn_edu.topologies import Network
from rnn_edu.widgets.playground import Playground

from .hands import field

ABC = "abcdefghijklmnopqrstuvwxyz"
LANGUAGES = ("Croatian", "Dutch", "English", "Finnish", "French")
HEAD = 22  # CSS pixels over the heat map, as in playground.js


def network(cell=RNNCell, D=26, H=8, K=5) -> Network:
    """Weights large enough for answers that differ."""
    rng = np.random.default_rng(9)
    c = cell.init(D, H, rng)
    c = type(c)(*(4 * a for a in vars(c).values()))
    return Network(c, rng.normal(size=(H, K)), rng.normal(size=K))


NET = network()
COUNTS = np.random.default_rng(5).normal(size=(26, 5)), np.zeros(5)
WRITER = network(GRUCell, D=27, K=27)


def reader(text="cabdfe", **options) -> Playground:
    given = {"alphabet": ABC, "labels": LANGUAGES, "counts": COUNTS} | options
    return Playground(NET, text=text, **given)


def writer(text="de", **options) -> Playground:
    return Playground(WRITER, alphabet=" " + ABC, generate=True, text=text, **options)


def answers(model: Network, text: str, alphabet=ABC, temperature=1.0) -> np.ndarray:
    x = np.eye(len(alphabet))[[alphabet.index(letter) for letter in text]][:, None]
    h = unroll(model.cell, x)[0][-1, 0] if text else np.zeros(model.cell.H)
    return softmax((h @ model.W_hy + model.b_y) / temperature)


# --- hands and eyes ------------------------------------------------------------------------------


def tile(view: Frame | Locator, i: int) -> Locator:
    return view.locator(".tile").nth(i)


def reads(view: Frame | Locator, text: str, t: int | None = None, model=NET) -> None:
    """Field, tiles and all bars agree on the text, and on the network's answer after t letters."""
    expect(field(view)).to_have_value(text)
    expect(view.locator(".tile")).to_have_text(list(text))
    p = answers(model, text[:t])
    q = softmax(sum((COUNTS[0][ABC.index(letter)] for letter in text), COUNTS[1]))
    rows = [f"{name}{a:.2f}{b:.2f}" for name, a, b in zip(LANGUAGES, p, q, strict=True)]
    expect(view.get_by_role("listitem")).to_have_text(rows)
    expect(view.locator("bdi.best")).to_have_text(LANGUAGES[p.argmax()])


def moved(text: str, typed="cabdfe") -> float:
    return np.abs(answers(NET, text) - answers(NET, typed)).sum() / 2


def says_moved(view: Frame | Locator, network: float) -> None:
    """The order moved the network's answer by so much, that of the counts by nothing."""
    expect(view.locator(".by span")).to_have_text([f"moved {network:.2f}", "moved 0.00"])


def writes(view: Frame | Locator, text: str, temperature=1.0) -> None:
    """The bars show what may come after the text, most likely first."""
    p = answers(WRITER, text, " " + ABC, temperature)
    best = np.argsort(-p, kind="stable")[:12]
    rows = [f"{'␣' if k == 0 else ABC[k - 1]}{p[k]:.2f}" for k in best]
    expect(view.get_by_role("listitem")).to_have_text(rows)


def grab(view: Frame, i: int) -> tuple[float, float]:
    """The middle of tile i, once every tile has slid to its place."""
    view.evaluate("() => Promise.allSettled(document.getAnimations().map((a) => a.finished))")
    box = tile(view, i).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point_away(view: Frame) -> None:
    """To the title: the driver tells a sandboxed frame nothing of a mouse that has left it."""
    box = view.locator(".title").bounding_box()
    view.page.mouse.move(box["x"] + 5, box["y"] + 5)
