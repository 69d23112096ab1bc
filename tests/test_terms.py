"""Links to the glossary: the first use of a name on a page, and only where a link may stand."""

from __future__ import annotations

import pytest
from docutils import nodes

from book._ext import terms

NAMES = ["gate", "gate of horn", "forget gate", "loss", "RNN"]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("A gate and a gate.", ["gate"]),
        ("Gates, losses, RNNs", ["Gates", "losses", "RNNs"]),
        ("the forget\ngate", ["forget\ngate"]),
        ("the gate of horn", ["gate of horn"]),
        ("the gated, the investigate, the gate-like, the non-gate", []),
    ],
)
def test_the_first_use_of_a_name_is_linked(text, linked):
    pattern = terms.pattern_of(name.lower() for name in NAMES)
    found = list(terms.pieces(text, pattern, set()))
    assert [piece for piece, name in found if name] == linked
    assert "".join(piece for piece, _ in found) == text


def test_a_name_is_linked_once_on_a_page():
    pattern, linked = terms.pattern_of(["gate"]), set()
    first, second = (list(terms.pieces(text, pattern, linked)) for text in ("A gate.", "Gates."))
    assert [name for _, name in first] == [None, "gate", None]
    assert second == [("Gates.", None)]


def test_words_of_every_day_wait_for_their_lesson():
    names = ["attention", "gate", "cell (of a network)"]
    assert terms.linkable(names, "12_generation") == ["gate"]
    assert terms.linkable(names, "13_captioning") == ["attention", "gate"]
    assert terms.linkable(names, "index") == ["gate"]


@pytest.mark.parametrize(
    "kind",
    [nodes.literal, nodes.reference, nodes.title, nodes.math, nodes.thead, nodes.block_quote],
)
def test_nothing_is_linked_in_code_links_headings_formulas_and_quotes(kind):
    text, element = nodes.Text("gate"), kind()
    element += text
    nodes.section("", nodes.paragraph("", "", element))
    assert any(map(terms.closed, terms.above(text)))


def test_nothing_is_linked_in_cards_and_sources():
    plain, card, source = (nodes.Text("gate") for _ in range(3))
    nodes.section("", nodes.title("", "Gates"), nodes.paragraph("", "", plain))
    nodes.container("", nodes.paragraph("", "", card), classes=["sd-card"])
    nodes.section("", nodes.title("", "Sources"), nodes.paragraph("", "", source))
    assert [any(map(terms.closed, terms.above(t))) for t in (plain, card, source)] == [
        False,
        True,
        True,
    ]
