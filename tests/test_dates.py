"""The dates: three parts that share no day, as Babel writes them; signs become numbers and back."""

import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from rnn_edu.data import dates as module
from rnn_edu.data.dates import (
    ALPHABET,
    FIRST,
    ISO_SIGNS,
    LAST,
    LOCALES,
    STYLES,
    encode_dates,
    encode_iso,
    load_dates,
    write_date,
)

DATES = load_dates()
PARTS = DATES[:3]


def test_the_parts_are_the_documented_ones():
    assert [len(part.iso) for part in PARTS] == [11725, 1437, 1448]
    assert DATES.sha256.startswith("5e3ebd98f139")


def test_no_day_is_in_two_parts_in_any_language():
    days = [set(part.iso) for part in PARTS]
    assert len(set.union(*days)) == sum(len(part.iso) for part in PARTS)
    whole = {(FIRST + timedelta(n)).isoformat() for n in range((LAST - FIRST).days + 1)}
    assert set.union(*days) == whole


def test_each_language_and_style_has_its_share_of_each_part():
    """The same digest chooses part, language and style: none may decide another."""
    for part in PARTS:
        shares = [part.locales.count(locale) / len(part.iso) for locale in LOCALES]
        assert min(shares) > 0.07
        assert max(shares) < 0.13
        styles = {style: 0 for style in STYLES}
        for text, iso, locale in list(zip(*part, strict=True))[:300]:
            day = date.fromisoformat(iso)
            written = [style for style in STYLES if write_date(day, locale, style) == text]
            assert written, text
            styles[written[0]] += 1
        assert min(styles.values()) > 60


def test_a_text_says_its_date():
    for part in PARTS:
        for text, iso in zip(part.texts[:200], part.iso, strict=False):
            year, _, day = iso.split("-")
            assert year in text
            assert str(int(day)) in text


@pytest.mark.parametrize(
    ("locale", "style", "text"),
    [
        ("en_US", "full", "Thursday, March 5, 1987"),
        ("de_DE", "medium", "05.03.1987"),
        ("hu_HU", "long", "1987. március 5."),
        ("fi_FI", "full", "torstai 5. maaliskuuta 1987"),
        ("sv_SE", "long", "5 mars 1987"),
    ],
)
def test_a_day_is_written_as_people_do(locale, style, text):
    assert write_date(date(1987, 3, 5), locale, style) == text


def test_the_alphabets_are_what_occurs_and_nothing_else():
    assert "".join(sorted(set("".join(DATES.train.texts)))) == ALPHABET
    assert set("".join(text for part in PARTS for text in part.texts)) == set(ALPHABET)
    assert set("".join(DATES.train.iso)) == set(ISO_SIGNS)


def test_encoding_can_be_read_back():
    signs, lengths = encode_dates(["5 mars 1987", "1 mai"])
    assert signs.shape == (11, 2)
    assert lengths.tolist() == [11, 5]
    assert "".join(ALPHABET[i] for i in signs[:, 0]) == "5 mars 1987"
    assert "".join(ALPHABET[i] for i in signs[:5, 1]) == "1 mai"
    assert (signs[5:, 1] == 0).all()
    iso = encode_iso(["1987-03-05", "2001-12-31"])
    assert iso.shape == (10, 2)
    assert "".join(ISO_SIGNS[i] for i in iso[:, 1]) == "2001-12-31"
    assert np.issubdtype(iso.dtype, np.integer)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: encode_dates("5 mars"), TypeError, "texts must be a sequence of strings, got"),
        (lambda: encode_dates([]), ValueError, "texts must hold at least one string"),
        (lambda: encode_dates(["5 mars", ""]), ValueError, "got '' in ''"),
        (lambda: encode_dates(["5 mår"]), ValueError, "got 'å' in '5 mår'"),
        (lambda: encode_iso(["1987-3-5"]), ValueError, "iso must have 10 signs each, got '1987-3"),
        (lambda: encode_iso(["1987/03/05"]), ValueError, "got '/' in '1987/03/05'"),
        (
            lambda: write_date(FIRST, "fr_FR", "short"),
            ValueError,
            "style must be one of full, long",
        ),
    ],
)
def test_errors_name_the_text(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)


def test_a_missing_source_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel.dates", None)
    with pytest.raises(ModuleNotFoundError, match=r"Babel: pip install -r requirements"):
        load_dates()


def test_a_changed_source_is_noticed(monkeypatch):
    monkeypatch.setattr(module, "write_date", lambda day, locale, style: f"{day.year} {day.day} x")
    assert load_dates().sha256 != DATES.sha256


def test_babel_is_loaded_when_a_date_is_written_and_not_before():
    code = "import sys, rnn_edu.data.dates; print('babel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
