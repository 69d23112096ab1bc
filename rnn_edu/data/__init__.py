"""Data sets for the lessons: small, from installed packages or beside this file (NOTICE)."""

from .dates import Dates, encode_dates, encode_iso, load_dates, write_date
from .digits import Digits, DigitSplit, as_pixels, as_rows, load_digits
from .emoji import Emoji, EmojiSplit, load_emoji
from .names import ALPHABET, Names, Split, encode_names, load_names
from .pictures import Pictures, PictureSplit, load_pictures
from .recall import Recall, associative_recall, recall_baseline, selective_copy
from .reviews import Labelled, LabelledSplit, load_reviews, read_labelled
from .scenes import Scenes, SceneSplit, load_scenes
from .series import Series, load_stocks, load_sunspots, read_series
from .stdlib import Source, Stdlib, label_source, load_stdlib
from .tasks import (
    ADDING_BASELINE,
    Adding,
    Copy,
    adding_problem,
    copy_baseline,
    copy_task,
)
from .text import Topics, encode_text, load_topics
from .words import Vocabulary, split_words

__all__ = [
    "ADDING_BASELINE",
    "ALPHABET",
    "Adding",
    "Copy",
    "Dates",
    "DigitSplit",
    "Digits",
    "Emoji",
    "EmojiSplit",
    "Labelled",
    "LabelledSplit",
    "Names",
    "PictureSplit",
    "Pictures",
    "Recall",
    "SceneSplit",
    "Scenes",
    "Series",
    "Source",
    "Split",
    "Stdlib",
    "Topics",
    "Vocabulary",
    "adding_problem",
    "as_pixels",
    "as_rows",
    "associative_recall",
    "copy_baseline",
    "copy_task",
    "encode_dates",
    "encode_iso",
    "encode_names",
    "encode_text",
    "label_source",
    "load_dates",
    "load_digits",
    "load_emoji",
    "load_names",
    "load_pictures",
    "load_reviews",
    "load_scenes",
    "load_stdlib",
    "load_stocks",
    "load_sunspots",
    "load_topics",
    "read_labelled",
    "read_series",
    "recall_baseline",
    "selective_copy",
    "split_words",
    "write_date",
]
