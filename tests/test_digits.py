"""The digits: three parts that share none, each balanced, and two ways to read a picture."""

import sys

import numpy as np
import pytest

from rnn_edu.data import as_pixels, as_rows, load_digits
from rnn_edu.data import digits as module


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def test_the_parts_are_the_documented_ones(digits):
    assert [len(part.labels) for part in digits[:3]] == [1442, 179, 176]
    assert digits.sha256.startswith("10b7e2684229")
    for images, labels in digits[:3]:
        assert images.shape == (len(labels), 8, 8)
        assert images.dtype == np.float64
        assert np.issubdtype(labels.dtype, np.integer)
        assert (images.min(), images.max()) == (0, 1)


def test_no_picture_is_in_two_parts(digits):
    pictures = [{image.tobytes() for image in part.images} for part in digits[:3]]
    assert len(set.union(*pictures)) == sum(map(len, pictures)) == 1797


def test_every_digit_has_its_tenth(digits):
    """Within one picture: nobody gains by guessing the most common digit of a part."""
    counts = np.array([np.bincount(part.labels, minlength=10) for part in digits[:3]])
    share = counts.sum(axis=0) * np.array([[0.8], [0.1], [0.1]])
    assert np.abs(counts - share).max() <= 1


def test_neither_the_order_nor_the_part_tells_the_digit(digits):
    """A sorted part would make minibatches of one digit."""
    for _, labels in digits[:3]:
        assert 0.05 < np.mean(labels[1:] == labels[:-1]) < 0.3


def test_the_labels_belong_to_the_pictures(digits):
    """A zero is empty in the middle and a one is not."""
    middle = [part.images[:, 3:5, 3:5].mean(axis=(1, 2)) for part in digits[:3]]
    for ink, part in zip(middle, digits[:3], strict=True):
        assert ink[part.labels == 0].mean() < 0.1 < 0.7 < ink[part.labels == 1].mean()


def test_the_split_does_not_depend_on_the_order_of_the_source(digits, monkeypatch):
    images, labels = module._installed()
    monkeypatch.setattr(module, "_installed", lambda: (images[::-1], labels[::-1]))
    again = load_digits()
    assert again.sha256 == digits.sha256
    for a, b in zip(again[:3], digits[:3], strict=True):
        assert np.array_equal(a.images, b.images)
        assert np.array_equal(a.labels, b.labels)


def test_a_changed_source_is_noticed(digits, monkeypatch):
    images, labels = module._installed()
    labels[0] = 9 - labels[0]
    monkeypatch.setattr(module, "_installed", lambda: (images, labels))
    assert load_digits().sha256 != digits.sha256


def test_a_missing_source_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match=r"scikit-learn: pip install -r requirements"):
        load_digits()


def test_rows_come_from_the_top_and_pixels_as_one_reads():
    images = np.arange(3 * 64.0).reshape(3, 8, 8)
    rows, pixels = as_rows(images), as_pixels(images)
    assert rows.shape == (8, 3, 8)
    assert pixels.shape == (64, 3, 1)
    assert np.array_equal(rows[2, 1], images[1, 2])
    assert pixels[8 * 2 + 5, 1, 0] == images[1, 2, 5]


@pytest.mark.parametrize("read", [as_rows, as_pixels])
@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((8, 8)), ValueError, r"images must be \(N, 8, 8\), got \(8, 8\)"),
        (np.zeros((2, 64)), ValueError, r"images must be \(N, 8, 8\), got \(2, 64\)"),
        (np.zeros((2, 8, 8), int), TypeError, r"images must hold floats \(N, 8, 8\), got dtype"),
        ([[0.0]], TypeError, r"images must be a NumPy array \(N, 8, 8\), got list"),
    ],
)
def test_other_pictures_are_refused(read, images, error, message):
    with pytest.raises(error, match=message):
        read(images)
