"""Your own pictures with their captions: a folder and a file of two columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..ops import Array, check_size
from .parts import part_of


class PictureSplit(NamedTuple):
    """A part of the data."""

    files: tuple[str, ...]
    pictures: Array  # (N, side, side, 3) uint8, red, green and blue
    captions: tuple[str, ...]


class Pictures(NamedTuple):
    """Your pictures in three parts that share no file."""

    train: PictureSplit
    validation: PictureSplit
    test: PictureSplit


def load_pictures(folder: str | Path, captions: str | Path, side: int = 24) -> Pictures:
    """Read pictures of any size and format that Pillow knows, cut to a square, about 80/10/10.

    folder: where the files are. captions: a CSV file in UTF-8 with the header `file,caption` and
    a line for each caption; a file may have several. side: pixels that each is made small to.
    The part follows from the SHA-256 of the file's name, so all captions of one picture are in
    one part. Two files with the same picture are not noticed: leave copies out.
    Raises ModuleNotFoundError if Pillow is missing, FileNotFoundError naming the file,
    ValueError naming the line where something is wrong.
    """
    check_size("side", side)
    folder, captions = Path(folder), Path(captions)
    if not folder.is_dir():
        raise FileNotFoundError(f"folder must be a folder with pictures, got {folder}")
    if not captions.is_file():
        raise FileNotFoundError(f"captions must be a CSV file, got {captions}")
    parts: tuple[list, list, list] = ([], [], [])
    read: dict[str, Array] = {}
    for line, name, caption in _lines(captions):
        if name not in read:
            read[name] = _square(folder / name, side, f"{captions.name}, line {line}")
        parts[part_of(name)].append((name, read[name], caption))
    return Pictures(*(_split(part, side) for part in parts))


def _lines(captions: Path) -> list[tuple[int, str, str]]:
    """Number, file and caption of each line."""
    found = []
    with captions.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if [cell.strip() for cell in header] != ["file", "caption"]:
            raise ValueError(f"{captions.name} must start with file,caption, got {header}")
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != 2 or not all(cells):
                raise ValueError(
                    f"{captions.name}, line {rows.line_num} must be a file and a caption "
                    f"(in quotes if it holds a comma), got {row}"
                )
            found.append((rows.line_num, *cells))
    if not found:
        raise ValueError(f"{captions.name} must hold at least one caption, got none")
    return found


def _square(path: Path, side: int, where: str) -> Array:
    """The middle of a picture, (side, side, 3) uint8, what is transparent on white."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "pictures are read with the package pillow: pip install -r requirements.txt"
        ) from error
    if not path.is_file():
        raise FileNotFoundError(f"{where} must name a file in the folder, got {path.name!r}")
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{where} must name a picture, got {path.name!r}") from error
    white = Image.new("RGBA", upright.size, "white")
    whole = Image.alpha_composite(white, upright).convert("RGB")
    return np.asarray(ImageOps.fit(whole, (side, side), Image.Resampling.LANCZOS))


def _split(part: list[tuple[str, Array, str]], side: int) -> PictureSplit:
    pictures = np.array([picture for _, picture, _ in part], np.uint8)
    return PictureSplit(
        tuple(name for name, _, _ in part),
        pictures.reshape(-1, side, side, 3),
        tuple(caption for _, _, caption in part),
    )
