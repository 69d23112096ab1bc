"""What the taggers are asked, and how they are scored."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import load_stdlib
from rnn_edu.data.stdlib import CLASSES, PRINTABLE, label_source
from rnn_edu.train import Batch
from rnn_edu.weights.tagger import later, letters, pieces, shares


@given(
    steps=st.integers(1, 9), N=st.integers(1, 3), delay=st.integers(0, 9), seed=st.integers(0, 99)
)
def test_a_delayed_answer_is_the_class_of_an_earlier_letter(steps, N, delay, seed):
    labels = np.random.default_rng(seed).integers(0, 7, (steps, N))
    asked = later(Batch(np.zeros((steps, N, 1)), labels), delay)
    assert asked.mask.shape == asked.targets.shape == labels.shape
    assert (asked.mask == (np.arange(steps) >= delay)[:, None]).all()
    for t in range(delay, steps):
        assert (asked.targets[t] == labels[t - delay]).all()


def test_scores_of_a_line_that_one_can_count():
    source = "def f(x):  # no\n"
    labels = label_source(source)
    best = labels.copy()
    assert shares(best, labels) == {"all": 1, "first": 1, "word": 1}
    best[0] = CLASSES.index("name")  # the d of def
    best[5] = CLASSES.index("keyword")  # no class begins here but an operator
    best[3] = CLASSES.index("name")  # a blank
    # def, f, (, x, ) and # begin a class; def, f and x begin a word
    assert shares(best, labels) == {"all": 13 / 16, "first": 4 / 6, "word": 2 / 3}


def test_pieces_are_the_training_text_and_its_classes():
    train = load_stdlib().train
    batch = next(pieces(1, np.random.default_rng(0), T=120, N=3))
    for n, codes in enumerate(batch.x.argmax(axis=2).T):
        piece = "".join(PRINTABLE[k] for k in codes)
        assert (letters(piece)[:, 0] == batch.x[:, n]).all()
        assert train.text.count(piece) == 1
        start = train.text.index(piece)
        assert (train.labels[start : start + 120] == batch.targets[:, n]).all()
