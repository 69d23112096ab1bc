"""Notebooks as tests: `pytest --nbval` re-runs each cell and compares all that it prints.

nbval compares text to the letter and has no options for what differs here: decimals may move
by one in the last printed digit, HTML is left to the text beside it, a trailing `;` silences a
cell as it does in JupyterLab, and a busy machine gets its time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tests import numerics

PROFILE = numerics.use_profile()

collect_ignore_glob = ["notebooks/assignments/*.ipynb"]  # without answers there is nothing to run


class Printed(str):
    """A text that equals another when `same_text` says so."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and numerics.same_text(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # equal texts may differ in their letters


class Cell(IPyNbCell):
    """A code cell: what it prints now against what the notebook stores."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.output_timeout = numerics.KERNEL_TIMEOUT

    def sanitize(self, s: Any) -> Any:
        s = super().sanitize(s)
        return Printed(s) if isinstance(s, str) else s


class Notebook(IPyNbFile):
    """A notebook: its code cells in order, in one kernel of this environment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skip_compare += ("text/html", "image/svg+xml")

    def setup(self) -> None:
        super().setup()
        client = self.kernel.kc

        def execute(source: str, allow_stdin: bool | None = None) -> str:
            # IPython reads a trailing `;` from the history, which nbval does not store.
            return client.execute(
                source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
            )

        self.kernel.execute_cell_input = execute

    def collect(self) -> Iterator[Cell]:
        for cell in super().collect():
            yield Cell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    collected = yield
    return [
        Notebook.from_parent(parent, path=file_path) if isinstance(c, IPyNbFile) else c
        for c in collected
    ]


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    option.nbval_current_env = not option.nbval_kernel_name
    option.nbval_cell_timeout = min(option.nbval_cell_timeout, numerics.CELL_TIMEOUT)


def pytest_report_header() -> str:
    return f"numerics: {PROFILE} ({numerics.VARIABLE})"
