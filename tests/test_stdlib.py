"""The labelled Python source: what each character is, and that no module is in two parts."""

from __future__ import annotations

import hashlib
import io
import tokenize

import numpy as np
import pytest

from rnn_edu.data import encode_text, load_stdlib
from rnn_edu.data.stdlib import CLASSES, label_source


@pytest.fixture(scope="module")
def stdlib():
    return load_stdlib()


def marked(source: str) -> str:
    return "".join(CLASSES[k][0] for k in label_source(source))


def test_each_character_of_a_line_gets_its_class():
    assert marked("x = 12  # no\n") == "nsosn" + "n" + "ss" + "cccc" + "s"  # name and number: n
    labels = label_source("x = 12  # no\n")
    assert [CLASSES[labels[i]] for i in (0, 4)] == ["name", "number"]
    assert marked("def f():\n") == "kkksnooo" + "s"
    assert [CLASSES[k] for k in label_source("'if'")] == ["string"] * 4  # no keyword inside


def test_a_token_over_several_lines_is_labelled_to_its_end():
    source = 'a = """one\n\ntwo"""\nb\n'
    text = source[4:-3]
    assert [CLASSES[k] for k in label_source(source)[4:-3]] == ["string"] * len(text)
    assert CLASSES[label_source(source)[-2]] == "name"


def test_what_is_no_python_is_refused():
    with pytest.raises((tokenize.TokenError, SyntaxError)):
        label_source('"""never closed')


def test_parts_share_no_module_and_hold_all_classes(stdlib):
    parts = stdlib.train, stdlib.validation, stdlib.test
    assert [len(p.text) for p in parts] == [len(p.labels) for p in parts]
    lines = [{line for line in p.text.splitlines() if len(line) > 60} for p in parts]
    assert all(len(lines[i] & lines[j]) <= 1 for i, j in ((0, 1), (0, 2), (1, 2)))
    for part in parts:
        shares = np.bincount(part.labels, minlength=7) / len(part.labels)
        assert (shares > 0.0005).all()
        assert shares.max() < 0.5
        assert encode_text(part.text, stdlib.alphabet).max() < len(stdlib.alphabet) == 96


def test_the_copy_is_what_it_was(stdlib):
    text = "".join(part.text for part in stdlib[:3])
    assert hashlib.sha256(text.encode()).hexdigest().startswith("3bb542e9ac8bbadd")


def test_no_module_holds_an_f_string(stdlib):
    for part in stdlib[:3]:
        for token in tokenize.generate_tokens(io.StringIO(part.text).readline):
            if token.type == tokenize.STRING:
                assert "f" not in token.string.split(token.string[-1])[0].lower()
