"""The reference of the package: one page for each of its parts, made by autodoc."""

from __future__ import annotations

import functools
import pkgutil
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import rnn_edu

# Page -> its heading and its modules, in the order of reading; a package stands for its modules.
PARTS = {
    "cells": ("Cells and the loop", ("rnn", "gru", "lstm", "cell", "ops", "sequence", "trace")),
    "linear": ("Linear recurrences", ("scan", "mingru", "diagonal", "memory", "causal")),
    "networks": ("Networks", ()),  # what no other page names
    "training": ("Training, and checks", ("losses", "optim", "train", "gradcheck", "claims")),
    "fast": ("PyTorch", ("fast",)),
    "weights": ("Trained networks", ("weights",)),
    "data": ("Data", ("data",)),
    "widgets": ("Figures", ("figures", "widgets")),
    "checks": ("Checks that name the mistake", ("checks",)),
    "grading": ("Grading a class", ("grading",)),
}

WIDTH = 80  # of a docstring's longest lines, less their indentation in the source
ITEM = re.compile(r"\s*(?:[\w.*]+, )*[\w.*]+: |\s*[-*] |\s*$")  # where a line of its own begins

INDEX = """\
# The package

`rnn_edu` is short enough to read: every name below leads to its source. Arrays are time-major, and
shapes are written with the letters of the [notation](../notation.md).

```{toctree}
:hidden:

PAGES
```

LIST
"""


@functools.cache
def parts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Page -> its heading and the full names of its modules; each public module is on one page."""
    named = [name for _, names in PARTS.values() for name in names]
    rest = tuple(name for name in public(Path(rnn_edu.__path__[0])) if name not in named)
    return {
        page: (heading, tuple(full for name in names or rest for full in expand(name)))
        for page, (heading, names) in PARTS.items()
    }


def public(folder: Path) -> list[str]:
    """The modules and packages in a folder, but for private ones."""
    return [m.name for m in pkgutil.iter_modules([str(folder)]) if not m.name.startswith("_")]


def expand(name: str) -> list[str]:
    """rnn_edu.<name>, and the modules in it where it is a package."""
    inside = public(Path(rnn_edu.__path__[0]) / name)
    return [f"rnn_edu.{name}", *(f"rnn_edu.{name}.{module}" for module in inside)]


def pages() -> dict[str, str]:
    """File name -> Markdown."""
    written = {f"{page}.md": reference(*part) for page, part in parts().items()}
    listed = (
        f"- [{heading}]({page}.md): " + ", ".join(f"`{name.partition('.')[2]}`" for name in modules)
        for page, (heading, modules) in parts().items()
    )
    index = INDEX.replace("PAGES", "\n".join(parts())).replace("LIST", "\n".join(listed))
    return {**written, "index.md": described("The package", index)}


def reference(heading: str, modules: tuple[str, ...]) -> str:
    """A page in Markdown: a section for each module."""
    section = "(source-{0})=\n## {0}\n\n```{{eval-rst}}\n.. automodule:: {0}\n```"
    sections = (section.format(name) for name in modules)
    return described(heading, "\n\n".join([f"# {heading}", *sections, ""]))


def described(heading: str, page: str) -> str:
    """A page with its description in front."""
    says = f"{heading}: the functions and classes of rnn_edu, with shapes, errors and sources."
    return f"---\nmyst:\n  html_meta:\n    description: '{says}'\n---\n{page}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", plain)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}


def plain(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """A docstring is plain text with `code`: no sign is markup, and only wrapped lines are joined.

    A line was wrapped if the next one would not have fitted and does not begin with `name: `.
    """
    joined: list[str] = []
    before = ""
    for line in lines:
        if len(before) + len(line.split(" ")[0]) > WIDTH and not ITEM.match(line):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
        before = line
    lines[:] = [f"| {escape(line)}" if line.strip() else "" for line in joined]
    lines.append("")


def skip(app: Sphinx, what: str, name: str, obj: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out what a NamedTuple says of its fields: the signature names them."""
    return True if (getattr(obj, "__doc__", "") or "").startswith("Alias for field") else None


def escape(line: str) -> str:
    """Restructured text that shows a line as it is; `code` becomes a literal."""
    parts = re.split(r"`+([^`]+)`+", line.strip())
    parts[::2] = [re.sub(r"([\\*_|`])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [f"\\ ``{part}``\\ " for part in parts[1::2]]
    return "".join(parts)
