"""Texts to padded numbers and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import Vocabulary, split_words

TEXTS = ["Woman: dark hair", "Don't stop, woman!", "l’homme"]


def test_words_and_marks():
    assert split_words(TEXTS[1]) == ["don't", "stop", ",", "woman", "!"]
    assert split_words("  l’homme à  vélo ") == ["l’homme", "à", "vélo"]


def test_numbers_are_padded_behind_the_end():
    vocabulary = Vocabulary.of(TEXTS)
    tokens, lengths = vocabulary.encode(TEXTS)
    assert tokens.shape == (5, 3)
    assert lengths.tolist() == [4, 5, 1]
    assert ((tokens == 0) == (np.arange(5)[:, None] >= lengths)).all()
    ended, longer = vocabulary.encode(TEXTS, end=True)
    assert longer.tolist() == [5, 6, 2]
    assert [vocabulary.words[ended[n - 1, i]] for i, n in enumerate(longer)] == 3 * ["<end>"]
    assert ended[3, 0] == tokens[3, 0] != 0


def test_a_word_met_too_seldom_is_unknown():
    vocabulary = Vocabulary.of(TEXTS, least=2)
    assert vocabulary.words == ("<pad>", "<end>", "<unknown>", "woman")
    assert vocabulary.decode(vocabulary.encode(["A woman"])[0][:, 0]) == ["<unknown>", "woman"]


words = st.text(st.characters(categories=["Ll"], max_codepoint=0x24F), min_size=1, max_size=4)


@given(st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=5), st.booleans())
def test_what_is_encoded_comes_back(sentences, end):
    texts = [" ".join(sentence) for sentence in sentences]
    vocabulary = Vocabulary.of(texts)
    tokens, lengths = vocabulary.encode(texts, end=end)
    assert [vocabulary.decode(column) for column in tokens.T] == [split_words(t) for t in texts]
    assert lengths.max() == len(tokens)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda v: v.encode("one text"),
            TypeError,
            "texts must be a sequence of strings, got 'one text'",
        ),
        (
            lambda v: v.encode(["a", " "]),
            ValueError,
            "texts must hold a word each, got ' ' at 1",
        ),
        (
            lambda v: v.encode(["a", " "], end=True),
            ValueError,
            "texts must hold a word each, got ' ' at 1",
        ),
        (lambda v: v.encode([None]), TypeError, "each of texts must be a string, got NoneType"),
        (
            lambda v: v.decode(np.array([99])),
            ValueError,
            "tokens must lie in 0..8, got 99..99",
        ),
        (
            lambda v: Vocabulary(("a", "b", "c")),
            ValueError,
            "words must start with ('<pad>', '<end>', '<unknown>'), got ('a', 'b', 'c')",
        ),
        (
            lambda v: Vocabulary((*v.words, "dark")),
            ValueError,
            "words must be different, got 'dark' twice",
        ),
    ],
)
def test_errors_say_what_came(call, error, message):
    with pytest.raises(error) as caught:
        call(Vocabulary.of([*TEXTS[:1], "stop ,"]))
    assert str(caught.value) == message
