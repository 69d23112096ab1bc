"""Notebooks as pages: what Sphinx is to know of them beyond what myst-nb reads.

The staged notebooks are those of the course, byte for byte, and so is what a page offers to
download; what changes for the book changes while Sphinx reads.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from book import course

MODULE = re.compile(r"\]\(\.\./(rnn_edu/[\w/]+)\.py\)")  # a lesson's link into the package
CHECKED = re.compile(r"holds: |.+: \S+ ± \S+$")  # a line that `claim` or `near` has printed


def prepare(app: Sphinx, docname: str, content: list[str]) -> None:
    """Lead links into the package to its reference; note in each code cell's metadata its id and
    the alternative texts of its pictures; fold the gallery's code.
    """
    if Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    nb = json.loads(content[0])
    for cell in nb["cells"]:
        cell["source"] = MODULE.sub(section, "".join(cell["source"]))
        if cell["cell_type"] == "code":
            pictures = (o.get("metadata", {}).get("image/png") for o in cell["outputs"])
            alts = [picture["alt"] for picture in pictures if picture]
            cell["metadata"]["book"] = {"anchor": course.anchor(cell["id"]), "alts": alts}
            if docname == "gallery":
                cell["metadata"]["tags"] = ["hide-input"]
    content[0] = json.dumps(nb)


def section(found: re.Match[str]) -> str:
    """The link to a module's section in the reference."""
    return f"](#source-{found[1].replace('/', '.')})"


def finish(app: Sphinx, doctree: nodes.document) -> None:
    """Give each code cell its id, each picture its alternative text, and checked lines a class."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        noted = cell["cell_metadata"]["book"]
        cell["ids"].append(noted["anchor"])
        slugs[noted["anchor"]] = (cell.line, noted["anchor"], noted["anchor"])
        for image, alt in zip(cell.findall(nodes.image), noted["alts"], strict=True):
            image["alt"] = alt
        for text in cell.findall(nodes.literal_block):
            if "output" in text["classes"] and all(map(CHECKED.match, text.astext().splitlines())):
                text["classes"].append("checked")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", prepare)
    app.connect("doctree-read", finish)
    return {"parallel_read_safe": True}
