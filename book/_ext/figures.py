"""Figures as files of their own: a page stays light, and loads a figure when it comes into view.

A notebook holds each figure in its frame's `srcdoc`. Here the frame's page becomes a file beside
the book's own, which two pages that show the same figure share.
"""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

FOLDER = "_figures"
PAGE = re.compile(r"srcdoc='([^']*)'")


def file_of(document: str) -> tuple[str, bytes]:
    """The name and the content of the file for what stands in a `srcdoc`."""
    page = html.unescape(document).encode()
    return f"{hashlib.sha256(page).hexdigest()[:16]}.html", page


def take_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the page of each frame to its file, and lead the frame to it."""
    folder, up = Path(app.outdir) / FOLDER, "../" * docname.count("/")

    def source(found: re.Match[str]) -> str:
        name, page = file_of(found[1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(page)
        return f'src="{up}{FOLDER}/{name}"'

    for node in doctree.findall(nodes.raw):
        if "srcdoc='" in (text := node.astext()):
            node.children = [nodes.Text(PAGE.sub(source, text))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("doctree-resolved", take_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
