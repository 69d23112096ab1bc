"""Re-run notebooks and store what they print: python -m tests.rerun [--check] [notebooks...]

Runs all lessons, or those given. An output that still agrees with the stored one stays as it
is, so a notebook whose results did not change stays the same file, byte for byte; so do ids and
metadata, which are written in one fixed form.
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tests import numerics

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class RerunError(Exception):
    """A notebook did not run to its end."""


class _Client(NotebookClient):
    def on_comm_open_jupyter_widget(self, msg: dict[str, Any]) -> None:
        """Answer no widget: nbclient's emulation of Output widgets can wait for ever."""


def find_notebooks(root: Path = numerics.ROOT) -> list[Path]:
    """The notebooks that show what they print, in order: assignments wait for their student."""
    return sorted((root / "notebooks").glob("*.ipynb"))


def execute(nb: NotebookNode, path: Path) -> None:
    """Run every code cell of nb in a fresh kernel in the folder of path; outputs go into nb.

    Raises RerunError naming the notebook, the cell and what went wrong.
    """
    at = 0

    def remember(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    client = _Client(
        nb,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        timeout=numerics.CELL_TIMEOUT,
        startup_timeout=numerics.KERNEL_TIMEOUT,
        iopub_timeout=numerics.KERNEL_TIMEOUT,
        raise_on_iopub_timeout=True,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=remember,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        what = f"{error.ename}: {error.evalue}\n{error.traceback}"
    except (TimeoutError, RuntimeError) as error:  # a cell too slow, a kernel that died
        what = str(error)
    else:
        return
    raise RerunError(f"{path}, cell {at} ({nb.cells[at].id}): {what}")


def normalise(nb: NotebookNode, path: Path) -> None:
    """Give nb the one form in which notebooks are stored: nothing random, nothing local.

    Ids are the number in the file's name and the cell's position, "01-007"; metadata are the
    kernel, the language and tags; widgets keep their HTML and text but not the view of a model
    that dies with its kernel; a traceback, which holds paths, shrinks to its last line.
    """
    nb.metadata = nbformat.from_dict(_METADATA)
    nb.nbformat, nb.nbformat_minor = 4, 5
    prefix = re.sub(r"[^A-Za-z0-9-]", "-", path.stem.split("_")[0])
    for i, cell in enumerate(nb.cells):
        cell.id = f"{prefix}-{i:03d}"
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == "tags" and v})
        for output in cell.get("outputs", ()):
            if "execution_count" in output:
                output.execution_count = cell.execution_count
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
            output.get("data", {}).pop(_WIDGET_VIEW, None)


def serialise(nb: NotebookNode) -> str:
    """nb as the text of its file, laid out as JupyterLab does."""
    return nbformat.writes(nb) + "\n"


def agree(old: list[NotebookNode], new: list[NotebookNode]) -> bool:
    """Whether the outputs of a cell are the same: text as `same_text` has it.

    HTML and images must be equal to the byte, so that a new style or widget shows.
    """
    return len(old) == len(new) and all(map(_agree, old, new))


def _agree(old: NotebookNode, new: NotebookNode) -> bool:
    a, b = _flat(old), _flat(new)
    return a.keys() == b.keys() and all(
        numerics.same_text(a[k], b[k]) if _is_text(k) else a[k] == b[k] for k in a
    )


def _flat(output: NotebookNode) -> dict[str, Any]:
    skip = ("data", "execution_count", "traceback", _WIDGET_VIEW)
    return {k: v for k, v in (output | output.get("data", {})).items() if k not in skip}


def _is_text(key: str) -> bool:
    return key in ("text", "evalue") or (key.startswith("text/") and key != "text/html")


def rerun(path: Path, check: bool = False) -> bool:
    """Run one notebook and, unless check is set, store it. Returns whether it differs.

    Raises RerunError if a cell fails; the file then stays as it was.
    """
    stored = path.read_text(encoding="utf-8")
    old = nbformat.reads(stored, as_version=4)
    normalise(old, path)
    new = copy.deepcopy(old)
    for cell in new.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    execute(new, path)
    for before, cell in zip(old.cells, new.cells, strict=True):
        if cell.cell_type == "code" and agree(before.outputs, cell.outputs):
            cell.outputs = before.outputs
    normalise(new, path)
    text = serialise(new)
    if text != stored and not check:
        path.write_text(text, encoding="utf-8", newline="\n")
    return text != stored


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0, or 1 if a notebook failed or, with --check, would change."""
    parser = argparse.ArgumentParser(prog="python -m tests.rerun", description=__doc__)
    parser.add_argument("--check", action="store_true", help="store nothing, say what differs")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all under notebooks/")
    args = parser.parse_args(argv)
    numerics.use_profile()
    status = 0
    for path in args.notebooks or find_notebooks():
        start = time.perf_counter()
        try:
            changed = rerun(path, args.check)
        except (RerunError, OSError) as error:
            print(error, file=sys.stderr)
            status = 1
            continue
        word = ("would change" if args.check else "rewritten") if changed else "unchanged"
        print(f"{path}: {word} ({time.perf_counter() - start:.0f} s)", flush=True)
        status |= changed and args.check
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
