"""Data sets for the lessons: small, from installed packages or beside this file (NOTICE)."""

from .digits import Digits, DigitSplit, as_pixels, as_rows, load_digits
from .names import ALPHABET, Names, Split, encode_names, load_names
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

__all__ = [
    "ADDING_BASELINE",
    "ALPHABET",
    "Adding",
    "Copy",
    "DigitSplit",
    "Digits",
    "Names",
    "Source",
    "Split",
    "Stdlib",
    "Topics",
    "adding_problem",
    "as_pixels",
    "as_rows",
    "copy_baseline",
    "copy_task",
    "encode_names",
    "encode_text",
    "label_source",
    "load_digits",
    "load_names",
    "load_stdlib",
    "load_topics",
]
