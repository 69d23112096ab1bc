"""Ways to run a lesson, in a line on its page: downloads, and Binder and Colab where they can be.

Both fetch the course from a repository, so their links stand there once the setting `repository`
says where that is.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

ARCHIVE = "course.zip"
# What a source imports if it needs PyTorch, and the shipped networks that it uses.
TORCH = re.compile(r"^\s*(?:import|from) (?:torch|rnn_edu import .*fast|\S*\.fast)\b", re.MULTILINE)
NETWORK = re.compile(r'\bload\("(\w+)"\)|from rnn_edu\.weights(?:\.| import )(\w+)')
RECIPES = Path(__file__).resolve().parents[2] / "rnn_edu" / "weights"
# What Colab lacks, beside the course itself.
COLAB = "anywidget Babel emoji Faker sacrebleu"


def services(repository: str, notebook: str) -> dict[str, str]:
    """Service -> the address that opens notebooks/<notebook> there; nothing without a repository.

    Raises ConfigError for a repository that is not on GitHub, whose addresses both services take.
    """
    if not repository:
        return {}
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", repository)
    if found is None:
        expected = "https://github.com/OWNER/NAME"
        raise ConfigError(f"repository must be {expected} or empty, got {repository!r}")
    path = f"notebooks/{notebook}"
    return {
        "Binder": f"https://mybinder.org/v2/gh/{found[1]}/main?urlpath=lab/tree/{path}",
        "Colab": f"https://colab.research.google.com/github/{found[1]}/blob/main/{path}",
    }


def offer(app: Sphinx, doctree: nodes.document) -> None:
    """Put the line before the first code cell of a notebook."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb":
        containers = doctree.findall(nodes.container)
        first = next(node for node in containers if node.get("nb_element") == "cell_code")
        markup = line(path, app.config.repository)
        first.parent.insert(first.parent.index(first), nodes.raw("", markup, format="html"))


def line(path: Path, repository: str) -> str:
    """The HTML of the line for the notebook at path."""
    online = services(repository, path.name)
    links = [
        f'<a href="_sources/{path.name}" download>this notebook</a>',
        f'<a href="{ARCHIVE}" download>the whole course</a>',
        *(f'<a href="{html.escape(to)}">on {name}</a>' for name, to in online.items()),
    ]
    torch = "It needs PyTorch" if needs_torch(path) else "It runs without PyTorch"
    says = [f'{", ".join(links)}. {torch}; <a href="index.html#run-it">how to start it</a>.']
    if online:
        says.append(
            "Binder builds everything first, which takes minutes; on Colab, first run"
            f" <code>!pip install git+{html.escape(repository)} {COLAB}</code>."
        )
    return f'<p class="launch"><strong>Run it:</strong> {" ".join(says)}</p>'


def needs_torch(path: Path) -> bool:
    """Whether a cell of the notebook imports PyTorch, or uses a network that is made of it."""
    cells = nbformat.read(path, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    used = {RECIPES / f"{a or b}.py" for a, b in NETWORK.findall(source)}
    sources = [source, *(recipe.read_text("utf-8") for recipe in used if recipe.exists())]
    return any(map(TORCH.search, sources))


def archive(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *args: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """{archive}`text`: a link to the archive of the course."""
    return [
        nodes.raw("", f'<a href="{ARCHIVE}" download>{html.escape(text)}</a>', format="html")
    ], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("repository", "", "env", types=str)
    app.connect("doctree-read", offer)
    app.add_role("archive", archive)
    return {"parallel_read_safe": True}
