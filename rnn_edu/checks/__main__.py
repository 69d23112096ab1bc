"""Make the shipped exercises again: `python3 bootstrap.py run rnn_edu.checks make [NAME...]`."""

from __future__ import annotations

import sys

from ._recipes import RECIPES
from ._recipes.make import make

if __name__ == "__main__":
    command, *wanted = sys.argv[1:] or ["help"]
    unknown = set(wanted) - set(RECIPES)
    if command != "make" or unknown:
        sys.exit(f"usage: python -m rnn_edu.checks make [NAME...]; names: {', '.join(RECIPES)}")
    for name in wanted or RECIPES:
        print(f"{name}: {make(RECIPES[name]):,} bytes")
