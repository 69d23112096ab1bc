"""What each lesson costs: `python -m tests.bench_lessons`, for all or for the notebooks named.

Seconds from start to end, seconds of the processor, and the most memory of its kernel, beside
those of a kernel that has done nothing but import torch. Nothing is asserted here.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import nbformat

from . import numerics, rerun

ASK = """import json, resource
_use = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([_use.ru_utime + _use.ru_stime, _use.ru_maxrss]))"""  # kilobytes, on Linux


def cost(nb: nbformat.NotebookNode, path: Path) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, megabytes of a notebook run in a kernel of its own."""
    ask = nbformat.v4.new_code_cell(ASK)
    nb.cells.append(ask)
    start = time.perf_counter()
    rerun.execute(nb, path)
    seconds = time.perf_counter() - start
    processor, kilobytes = json.loads(ask.outputs[-1].text)
    return seconds, processor, kilobytes / 1000


def main(names: list[str]) -> None:
    numerics.use_profile()
    torch = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import torch")])
    paths = [Path(name) for name in names] or rerun.find_notebooks()
    total = 0.0
    print(f"{'':34}{'seconds':>9}{'processor':>11}{'memory':>11}")
    for name, nb, path in [
        ("import torch", torch, paths[0]),
        *((path.stem, nbformat.read(path, as_version=4), path) for path in paths),
    ]:
        seconds, processor, memory = cost(nb, path)
        total += seconds
        print(f"{name:34}{seconds:9.1f}{processor:11.1f}{memory:8.0f} MB", flush=True)
    print(f"{'together':34}{total:9.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
