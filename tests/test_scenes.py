"""Scenes: the digits of one part stay there, and every caption says what is in its picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_edu.data import load_digits, load_scenes
from rnn_edu.data.scenes import DIGITS, PLACES, compose


@pytest.fixture(scope="module")
def scenes():
    return load_scenes()


def places_of(pictures):
    """(N, 24, 24) as (N, 9, 8, 8)."""
    return pictures.reshape(-1, 3, 8, 3, 8).swapaxes(2, 3).reshape(-1, 9, 8, 8)


def test_the_parts_are_the_documented_ones(scenes):
    assert [len(part.captions) for part in scenes[:3]] == [20_000, 500, 1000]
    assert scenes.sha256.startswith("f237181ee761")
    for part in scenes[:3]:
        assert part.pictures.shape == (len(part.captions), 24, 24)
        assert part.pictures.dtype == np.float32
        assert (part.pictures.min(), part.pictures.max()) == (0, 1)
        assert set((part.digits >= 0).sum(axis=1)) == {2, 3}


def test_no_handwritten_digit_is_in_two_parts(scenes):
    inked = [
        {ink.tobytes() for ink in places_of(part.pictures).reshape(-1, 64) if ink.any()}
        for part in scenes[:3]
    ]
    assert len(set.union(*inked)) == sum(map(len, inked))
    digits = load_digits()
    for ours, theirs in zip(inked, digits[:3], strict=True):
        assert ours <= {image.astype(np.float32).tobytes() for image in theirs.images}


def test_ink_stands_where_a_digit_is_said_to_be(scenes):
    for part in scenes[:3]:
        assert ((part.digits >= 0) == places_of(part.pictures).any(axis=(2, 3))).all()


def test_a_caption_names_its_digits_in_reading_order(scenes):
    for part in scenes[:3]:
        for caption, at in zip(part.captions, part.digits, strict=True):
            there = [k for k in range(9) if at[k] >= 0]
            spots = [f"{PLACES[k]} {DIGITS[at[k]]}" for k in there]
            assert caption == ", ".join(spots[:-1]) + " and " + spots[-1]


def test_about_half_of_the_test_sentences_are_new(scenes):
    """With three digits nearly nine in ten; with two, nearly all have been said."""
    known = set(scenes.train.captions)
    new = np.array([caption not in known for caption in scenes.test.captions])
    assert 0.85 < new[1::2].mean() < 0.95
    assert new[::2].mean() < 0.1


@given(st.permutations(range(9)), st.integers(1, 9), st.integers(0, 99))
def test_compose_reads_its_digits_in_any_order(places, n, seed):
    rng = np.random.default_rng(seed)
    images, labels = rng.random((n, 8, 8)), rng.integers(10, size=n)
    places = np.array(places[:n])
    picture, caption = compose(images, labels, places)
    assert compose(images[::-1], labels[::-1], places[::-1])[1] == caption
    at = places_of(picture[None])[0]
    assert np.array_equal(at[places], images.astype(np.float32))
    assert not np.delete(at, places, axis=0).any()
    assert [w for w in caption.split() if w.strip(",") in DIGITS] != []
    assert caption.count(",") == max(0, n - 2)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"images": np.zeros((2, 64))}, ValueError, r"images must be \(K, 8, 8\), got \(2, 64\)"),
        ({"labels": np.array([1])}, ValueError, r"labels must be \(2,\), got \(1,\)"),
        ({"labels": np.array([1, 10])}, ValueError, r"labels must lie in 0\.\.9, got 1\.\.10"),
        ({"places": np.array([1, 9])}, ValueError, r"places must lie in 0\.\.8, got 1\.\.9"),
        ({"places": np.array([4, 4])}, ValueError, r"places must be different, got \[4, 4\]"),
        ({"places": np.array([1.0, 2])}, TypeError, "places must hold integers, got dtype float"),
    ],
)
def test_other_scenes_are_refused(change, error, message):
    arguments = {
        "images": np.zeros((2, 8, 8)),
        "labels": np.array([1, 2]),
        "places": np.array([0, 1]),
    }
    with pytest.raises(error, match=message):
        compose(**arguments | change)
