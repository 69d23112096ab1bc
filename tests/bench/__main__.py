"""`python -m tests.bench [PART ...] [--store]`; what a part is, its module says.

Without a name: the parts that the book holds. --store writes each of them into the book.
`python -m tests.bench PART OPTIONS` hands options to one part.
"""

from __future__ import annotations

import importlib
import sys
import time
from itertools import chain

from tests.numerics import ROOT

from .timing import machine

MEASURED = ROOT / "book" / "pages" / "measured"
SPEED = ("cells", "growth", "memory", "imports", "figures", "lessons")
COUNTED = ("checks", "faults")  # no times in them: the same on every machine
IN_THE_BOOK = SPEED + COUNTED
OTHERS = ("scans", "models", "monitor", "keys", "pages", "marking", "hub")


def run(part: str, options: list[str], store: bool) -> None:
    """Print the lines of a part as they come; into the book's file too, if it is to be stored."""
    began, lines = time.perf_counter(), []
    report = importlib.import_module(f".{part}", __package__).report
    head = () if part in COUNTED else (machine(), "")
    for line in chain(head, report(options)):
        print(line, flush=True)
        lines.append(line)
    print(f"\n({part}: {time.perf_counter() - began:.0f} s)\n", file=sys.stderr)
    if store:
        MEASURED.mkdir(exist_ok=True)
        (MEASURED / f"{part}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(words: list[str]) -> None:
    store = "--store" in words
    words = [word for word in words if word != "--store"]
    known = [word for word in words if word in IN_THE_BOOK + OTHERS]
    options = [word for word in words if word not in known]
    if (options and len(known) != 1) or (store and not set(known) <= set(IN_THE_BOOK)):
        sys.exit(f"{__doc__}\nIn the book: {' '.join(IN_THE_BOOK)}\nOthers: {' '.join(OTHERS)}")
    for part in known or IN_THE_BOOK:
        run(part, options, store)


if __name__ == "__main__":
    main(sys.argv[1:])
