"""The pages are real, whole, and apart; characters become numbers and back."""

import hashlib
import itertools

import numpy as np
import pytest

from rnn_edu.data import encode_text, load_topics

TOPICS = load_topics()
PARTS = TOPICS[:3]
PASSAGE = 80  # characters


def test_the_text_is_the_one_that_the_lessons_were_measured_on():
    """Another Python, another line ending: the same characters."""
    assert [len(part) for part in PARTS] == [45, 5, 4]
    assert [sum(map(len, part)) for part in PARTS] == [149067, 17575, 18747]
    joined = "\f".join(page for part in PARTS for page in part)
    assert hashlib.sha256(joined.encode()).hexdigest() == (
        "3c32b58b772df6f2cc21cfa68ba364e61d97a6ab8c74df9fa1e9dc1eabead264"
    )


def test_a_page_is_whole_and_without_its_name():
    page = next(p for p in TOPICS.train if "assert" in p.split("\n")[0])
    assert page.startswith('The "assert" statement\n**********************\n\nAssert statements')
    assert page.endswith("is determined when the interpreter starts.\n")
    assert not any("\f" in page for part in PARTS for page in part)


def test_no_page_repeats_a_passage_of_another():
    passages = [
        {page[i : i + PASSAGE] for i in range(len(page) - PASSAGE)}
        for part in PARTS
        for page in part
    ]
    for one, other in itertools.combinations(passages, 2):
        assert not one & other


def test_the_alphabet_is_what_occurs_and_nothing_else():
    assert TOPICS.alphabet == "".join(sorted(set("".join(map("".join, PARTS)))))
    assert set(TOPICS.alphabet) == set("".join(TOPICS.train)), "all of it is met in training"
    assert TOPICS.alphabet.isascii()
    assert len(TOPICS.alphabet) == 94


def test_encoding_can_be_read_back():
    text = "def f(x):\n    return x"
    codes = encode_text(text, TOPICS.alphabet)
    assert codes.shape == (len(text),)
    assert np.issubdtype(codes.dtype, np.integer)
    assert "".join(TOPICS.alphabet[i] for i in codes) == text
    assert encode_text("cab", "abc").tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("text", "alphabet", "error", "message"),
    [
        (b"ab", "ab", TypeError, "text must be a string, got bytes"),
        ("ab", ["a", "b"], TypeError, "alphabet must be a string, got list"),
        ("", "ab", ValueError, "text must hold at least one character, got ''"),
        ("abba", "abcb", ValueError, "alphabet must hold each character once, got 'b' twice"),
        ("abé", "ab", ValueError, "text must use the 2 characters of the alphabet, got 'é' at 2"),
    ],
)
def test_errors_name_the_character(text, alphabet, error, message):
    with pytest.raises(error) as raised:
        encode_text(text, alphabet)
    assert str(raised.value) == message
