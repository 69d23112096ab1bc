"""The reviews are the ones that the lesson was measured on; one's own texts come in as safely."""

from __future__ import annotations

import csv
import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import load_reviews, read_labelled
from rnn_edu.data.fetch import REVIEWS, is_here
from rnn_edu.data.parts import part_of

here = pytest.mark.skipif(
    not is_here(REVIEWS), reason="the reviews are not here: run python -m rnn_edu.data.fetch"
)


@pytest.fixture(scope="module")
def reviews():
    return load_reviews()


@here
def test_the_reviews_are_those_the_lesson_was_measured_on(reviews):
    assert [len(part.texts) for part in reviews[:3]] == [7328, 963, 880]
    lines = [f"{t}\t{k}" for p in reviews[:3] for t, k in zip(p.texts, p.labels, strict=True)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert digest == "7f8d890616804b281b52cb58ef2abbe201bfc53da2b9fc565273ab4e8b924da6"


@here
def test_no_review_is_in_two_parts_or_twice_in_one(reviews):
    texts = [text for part in reviews[:3] for text in part.texts]
    assert len(set(texts)) == len(texts) == 9171


@here
def test_half_of_each_part_is_positive(reviews):
    """A loader that gives one label makes any model perfect."""
    assert reviews.classes == ("negative", "positive")
    for part in reviews[:3]:
        assert 0.49 < part.labels.mean() < 0.51


@here
@pytest.mark.parametrize(("word", "positive"), [("dull", False), ("delightful", True)])
def test_a_label_says_what_people_said(reviews, word, positive):
    labels = [
        k for p in reviews[:3] for t, k in zip(p.texts, p.labels, strict=True) if word in t.lower()
    ]
    assert len(labels) > 25
    assert np.mean(labels) > 0.8 if positive else np.mean(labels) < 0.2


def write(path, rows, columns=("text", "label")):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([columns, *rows])
    return path


@given(
    labelled=st.dictionaries(
        st.text("ab cé,\"\n'", min_size=1).map(str.strip).filter(bool),
        st.sampled_from(["bad", "good"]),
    )
)
def test_ones_own_texts_are_split_by_themselves_alone(tmp_path_factory, labelled):
    path = tmp_path_factory.mktemp("own") / "mine.csv"
    base = {f"text {n}": "bad" if n % 2 else "good" for n in range(100)}  # so that no part is empty
    rows = list((base | labelled).items())
    data = read_labelled(write(path, [*rows, *rows[:7]]))  # some of them twice
    again = read_labelled(write(path, rows[::-1]))
    assert data.classes == ("bad", "good")
    found = {}
    for k, (part, same) in enumerate(zip(data[:3], again[:3], strict=True)):
        assert part.texts == same.texts
        assert (part.labels == same.labels).all()
        assert all(part_of(text) == k for text in part.texts)
        assert not found.keys() & set(part.texts)
        found |= zip(part.texts, np.array(data.classes)[part.labels], strict=True)
    assert found == dict(rows)


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    rows = [(n, "ab"[n % 2], f"text {n}") for n in range(100)]
    data = read_labelled(write(tmp_path / "mine.csv", rows, ("id", "label", "text")))
    text = data.test.texts[0]
    assert data.classes[data.test.labels[0]] == "ab"[int(text.split()[1]) % 2]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = write(tmp_path / "mine.csv", [(f"text {n}", n % 2) for n in range(100)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_labelled(path).classes == ("0", "1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("text,stars\na,1\n", r"mine.csv, line 1: the columns must be text and label, \['label'\]"),
        ("", "line 1: the columns must be text and label"),
        ("text,label\na,good\nb\n", "line 3: must have 2 fields"),
        ("text,label\na, b,good\n", "line 2: must have 2 fields; a comma in a text needs quotes"),
        ("text,label\na,good\n ,bad\n", "line 3: text must not be empty"),
        ("text,label\na,good\nb, \n", "line 3: label must not be empty"),
        (
            "text,label\na,x\nb,x\na,y\n",
            "line 4: a text must have one label, got 'y', in line 2 'x'",
        ),
        ('text,label\n"a\nb",x\nc\n', "line 4: must have 2 fields"),
        ("text,label\ntext 1,x\n", "mine.csv: the .* part must hold a text, got none"),
    ],
)
def test_errors_name_the_line(tmp_path, content, says):
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        read_labelled(path)


def test_a_single_label_is_refused(tmp_path):
    path = write(tmp_path / "mine.csv", [(f"text {n}", "good") for n in range(100)])
    with pytest.raises(
        ValueError, match=r"train part must hold each of two or more labels, got \['good'\]"
    ):
        read_labelled(path)
