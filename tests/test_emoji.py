"""Emoji and their names: what is held out is held out as a picture and in every language."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import load_emoji
from rnn_edu.data.emoji import LANGUAGES, noun
from rnn_edu.data.emoji_sheet import people


@pytest.fixture(scope="module", params=["name", "noun"])
def emoji(request):
    return load_emoji(request.param)


def test_the_parts_are_the_documented_ones():
    assert [len(part.emoji) for part in load_emoji()[:3]] == [1795, 236, 203]
    assert [len(part.emoji) for part in load_emoji("noun")[:3]] == [1720, 194, 320]
    assert load_emoji().sha256.startswith("35c86651659d")


def test_every_picture_has_its_names(emoji):
    for part in emoji[:3]:
        assert part.pictures.shape == (len(part.emoji), 24, 24, 3)
        assert part.pictures.dtype == np.uint8
        assert tuple(part.names) == LANGUAGES
        assert all(len(names) == len(part.emoji) for names in part.names.values())


@pytest.mark.parametrize("of", ["emoji", "pictures", *LANGUAGES])
def test_nothing_is_in_two_parts_nor_twice(emoji, of):
    found = {"emoji": lambda p: p.emoji, "pictures": lambda p: map(bytes, p.pictures)}
    sets = [set(found.get(of, lambda p: p.names[of])(part)) for part in emoji[:3]]
    assert len(set.union(*sets)) == sum(map(len, sets)) == 2234


def test_by_name_the_nouns_are_shared_and_by_noun_they_are_not():
    """The docstring's warning: the first split asks for new combinations only."""
    nouns = {
        by: [set(map(noun, part.names["en"])) for part in load_emoji(by)[:3]]
        for by in ("name", "noun")
    }
    assert nouns["name"][2] <= nouns["name"][0]
    assert not nouns["noun"][2] & nouns["noun"][0]
    assert len(nouns["noun"][2]) == 13


def test_a_picture_and_its_names_belong_together(emoji):
    """A darker skin is a darker picture, and French says so: the sheet is read in its order."""
    light, dark = ([], [])
    for part in emoji[:3]:
        for picture, en, fr in zip(part.pictures, part.names["en"], part.names["fr"], strict=True):
            if en.startswith("raised hand "):
                for name, tone, found in (
                    ("light", "claire", light),
                    ("dark", "foncée", dark),
                ):
                    if en == f"raised hand {name} skin tone":
                        assert fr.endswith(f"peau {tone}")
                        found.append(picture[12, 12].mean())
    assert len(light) == len(dark) == 1
    assert light[0] > dark[0] + 60


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("woman astronaut medium-dark skin tone", "astronaut"),
        ("astronaut", "astronaut"),
        ("man light skin tone", "man"),
        ("person", "person"),
        ("man medium skin tone white hair", "white hair"),
        ("couple with heart woman man dark skin tone light skin tone", "couple with heart"),
    ],
)
def test_the_noun_is_what_is_left(name, expected):
    assert noun(name) == expected


@given(
    st.sampled_from(["astronaut", "with veil", "running facing right", "vampire"]),
    st.sampled_from(["man", "woman", "person", "men", "women"]),
    st.sampled_from(["light", "medium-light", "medium", "medium-dark", "dark"]),
)
def test_neither_gender_nor_skin_tone_moves_a_noun(thing, who, tone):
    assert noun(f"{who} {thing} {tone} skin tone") == thing


def test_the_sheet_holds_emoji_of_the_rule(emoji):
    assert {e for part in emoji[:3] for e in part.emoji} <= set(people())


def test_another_split_is_refused():
    with pytest.raises(ValueError, match='by must be "name" or "noun", got \'picture\''):
        load_emoji("picture")


@pytest.mark.parametrize(("module", "package"), [("emoji", "emoji"), ("PIL", "pillow")])
def test_a_missing_source_says_what_to_type(monkeypatch, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=f"{package}: pip install -r requirements"):
        load_emoji()


def test_a_name_that_the_installed_package_lacks_is_named(monkeypatch):
    from emoji import EMOJI_DATA

    monkeypatch.delitem(EMOJI_DATA["\N{RAISED HAND}"], "fr")
    with pytest.raises(LookupError, match="no 'fr' name for 1 pictures, the first '✋'"):
        load_emoji()
