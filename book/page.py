"""The gallery as one page that needs no Python: python -m book.page

Its prose and its stored outputs, the figures alive; the code stays in the notebook. The page is
written to book/_build, and asks for nothing but itself.
"""

from __future__ import annotations

import html
from pathlib import Path

import mistune
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
GALLERY, BUILD = ROOT / "notebooks" / "gallery.ipynb", ROOT / "book" / "_build"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 860px; margin: 0 auto; padding: 16px 12px 48px; }}
main {{ font: 17px/1.6 system-ui, sans-serif; }}
h1, h2 {{ line-height: 1.25; }}
h2 {{ margin-top: 2em; }}
code, pre {{ font-size: 0.875em; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def page(nb: NotebookNode) -> str:
    """The HTML of a notebook: markdown cells, then the stored outputs of each code cell."""
    parts = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            parts.append(mistune.html(cell.source))
        elif cell.cell_type == "code":
            parts += map(_output, cell.outputs)
    title = nb.cells[0].source.splitlines()[0].lstrip("# ")
    return PAGE.format(title=html.escape(title), body="\n".join(parts))


def _output(output: NotebookNode) -> str:
    """A figure as it is stored; what is printed, as text."""
    if "data" in output:
        return output.data["text/html"]
    return f"<pre>{html.escape(output.text)}</pre>"


def main() -> None:
    """Write the page and say where it is."""
    BUILD.mkdir(exist_ok=True)
    target = BUILD / "gallery.html"
    target.write_text(page(nbformat.read(GALLERY, as_version=4)), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
