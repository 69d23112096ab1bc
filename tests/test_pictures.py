"""One's own pictures: read, cut, divided by file, and what the errors say."""

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from rnn_edu.data.pictures import load_pictures


@pytest.fixture
def make(tmp_path):
    """Writes pictures by name, and the caption file; returns where they are."""

    def write(captions, pictures=("a.png",), size=(30, 20), colour=(200, 10, 30)):
        for name in pictures:
            Image.new("RGB", size, colour).save(tmp_path / name)
        (tmp_path / "captions.csv").write_text(captions, encoding="utf-8")
        return tmp_path, tmp_path / "captions.csv"

    return write


def everything(pictures):
    return [(f, c) for part in pictures for f, c in zip(part.files, part.captions, strict=True)]


def test_pictures_come_with_their_captions(make):
    text = '\ufefffile,caption\na.png,"red, all of it"\n\na.png,a red square\nb.jpg,again\n'
    found = load_pictures(*make(text, ("a.png", "b.jpg")))
    assert sorted(everything(found)) == [
        ("a.png", "a red square"),
        ("a.png", "red, all of it"),
        ("b.jpg", "again"),
    ]
    for part in found:
        assert part.pictures.shape == (len(part.files), 24, 24, 3)
        assert part.pictures.dtype == np.uint8
        assert np.abs(part.pictures - np.array([200, 10, 30.0])).max(initial=0) < 8


def test_the_middle_is_kept_and_the_transparent_is_white(make):
    folder, captions = make("file,caption\na.png,x\n")
    wide = Image.new("RGBA", (60, 20), (0, 0, 0, 0))
    wide.paste((0, 0, 255, 255), (20, 0, 30, 20))  # the left half of the middle square
    wide.paste((255, 0, 0, 255), (0, 0, 20, 20))  # cut away
    wide.save(folder / "a.png")
    (picture,) = next(p for p in load_pictures(folder, captions, side=10) if p.files).pictures
    assert picture[5, 1].tolist() == [0, 0, 255]
    assert picture[5, 8].tolist() == [255, 255, 255]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_no_file_is_in_two_parts_and_no_caption_is_lost(make, numbers):
    names = [f"{k}.png" for k in numbers]
    lines = [f"{name},caption {n}" for n, name in enumerate(names)]
    where = make("\n".join(["file,caption", *lines]), set(names), size=(2, 2))
    found = load_pictures(*where, side=2)
    files = [set(part.files) for part in found]
    assert len(set.union(*files)) == sum(map(len, files))
    assert len(everything(found)) == len(numbers)


@pytest.mark.parametrize(
    ("captions", "error", "message"),
    [
        ("a.png,x\n", ValueError, r"captions.csv must start with file,caption, got \['a.png'"),
        ("", ValueError, "must start with file,caption, got"),
        ("file,caption\n", ValueError, "must hold at least one caption, got none"),
        ("file,caption\na.png,red, blue\n", ValueError, r"line 2 must be a file and a caption"),
        ("file,caption\na.png,\n", ValueError, r"line 2 must be .*got \['a.png', ''\]"),
        ("file,caption\na.png,x\nno.png,y\n", FileNotFoundError, "line 3 must name a file .*'no"),
        ("file,caption\ncaptions.csv,x\n", ValueError, "line 2 must name a picture, got 'capt"),
    ],
)
def test_errors_name_the_line(make, captions, error, message):
    with pytest.raises(error, match=message):
        load_pictures(*make(captions))


def test_missing_folders_files_and_packages_are_named(make, monkeypatch):
    folder, captions = make("file,caption\na.png,x\n")
    with pytest.raises(FileNotFoundError, match="folder must be a folder with pictures, got"):
        load_pictures(folder / "nowhere", captions)
    with pytest.raises(FileNotFoundError, match="captions must be a CSV file, got"):
        load_pictures(folder, folder / "nowhere.csv")
    with pytest.raises(ValueError, match="side must be an integer of at least 1, got 0"):
        load_pictures(folder, captions, side=0)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match="pillow: pip install -r requirements"):
        load_pictures(folder, captions)
