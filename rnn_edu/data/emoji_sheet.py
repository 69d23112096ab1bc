"""Draws emoji.png, the sheet of pictures that `load_emoji` reads, from a colour font.

    python -m rnn_edu.data.emoji_sheet NotoColorEmoji.ttf

The sheet in this directory was drawn from version 2.042 of Noto Color Emoji (Debian's package
fonts-noto-color-emoji) with emoji 2.16.0 and Pillow 13.0.0. Pillow needs its layout engine Raqm,
which the wheels on PyPI hold: one emoji is up to ten code points that the font joins.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .emoji import SHEET, SIDE

FONT_SIZE = 109  # the only one that the bitmaps of Noto Color Emoji have
WIDTH, HEIGHT = 136, 128  # of its pictures
COLOURS = 128
COLUMNS = 48


def people() -> list[str]:
    """Every emoji that shows people or a part of their body, fully qualified, in code point order.

    The rule: its first code point is one that may be followed by a skin tone.
    """
    import emoji

    tones = {chr(c) for c in range(0x1F3FB, 0x1F400)}
    bodies = {e[0] for e in emoji.EMOJI_DATA if e[1:2] in tones}
    complete = emoji.STATUS["fully_qualified"]
    return sorted(
        e for e, of in emoji.EMOJI_DATA.items() if e[0] in bodies and of["status"] == complete
    )


def draw(path: str | Path, emoji: Sequence[str]) -> Any:
    """One picture for each emoji that the font has, left to right and top to bottom, on white.

    path: a colour font with bitmaps of size 109. Left out: emoji that it lacks, and those that it
    draws alike (snowboarders of every skin tone, say), since nobody could tell which is meant.
    Returns a Pillow image of 128 colours whose text "emoji" names the pictures in their order.
    """
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(path), FONT_SIZE, layout_engine=ImageFont.Layout.RAQM)
    pictures = {}
    for e in emoji:
        if font.getbbox(e) == (0, 0, WIDTH, HEIGHT):
            large = Image.new("RGB", (WIDTH, WIDTH), "white")
            place = (0, (WIDTH - HEIGHT) // 2)
            ImageDraw.Draw(large).text(place, e, font=font, embedded_color=True)
            pictures[e] = large.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    alike = Counter(picture.tobytes() for picture in pictures.values())
    kept = [e for e, picture in pictures.items() if alike[picture.tobytes()] == 1]
    sheet = Image.new("RGB", (SIDE * COLUMNS, SIDE * -(-len(kept) // COLUMNS)), "white")
    for i, e in enumerate(kept):
        sheet.paste(pictures[e], (i % COLUMNS * SIDE, i // COLUMNS * SIDE))
    few = sheet.quantize(COLOURS, dither=Image.Dither.NONE)
    few.info["emoji"] = " ".join(kept)
    return few


def write(font: str | Path, to: Path = SHEET) -> None:
    """Draws the sheet from a font file and writes it, with its list of emoji inside."""
    from PIL import PngImagePlugin

    sheet = draw(font, people())
    text = PngImagePlugin.PngInfo()
    text.add_itxt("emoji", sheet.info["emoji"], zip=True)
    sheet.save(to, optimize=True, pnginfo=text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m rnn_edu.data.emoji_sheet NotoColorEmoji.ttf")
    write(sys.argv[1])
