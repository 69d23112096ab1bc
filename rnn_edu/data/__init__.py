"""Data sets for the lessons: small, real, and read from installed packages."""

from .names import ALPHABET, Names, Split, encode_names, load_names

__all__ = ["ALPHABET", "Names", "Split", "encode_names", "load_names"]
