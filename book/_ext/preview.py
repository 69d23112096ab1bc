"""What others see of a page before they open it: its description and its first picture."""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from book import course

PICTURE = "_static/hidden_state.png"  # of pages that have none


def describe(app: Sphinx, doctree: nodes.document) -> None:
    """A lesson is described by its question; a page that says nothing by its first paragraph."""
    questions = {lesson.stem: lesson.question for lesson in course.lessons()}
    if any(meta.get("name") == "description" for meta in doctree.findall(nodes.meta)):
        return
    first = next(doctree.findall(nodes.paragraph)).astext()
    says = questions.get(app.env.docname, " ".join(first.split()))
    doctree.insert(0, nodes.meta(name="description", content=says))


def preview(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add title, description and picture as the Open Graph protocol names them."""
    if doctree is None:
        return
    pictures = app.builder.images
    own = (pictures[n["uri"]] for n in doctree.findall(nodes.image) if n["uri"] in pictures)
    name = next(own, "")
    path = f"_images/{name}" if name else PICTURE
    said = {
        "og:type": "article",
        "og:site_name": app.config.project,
        "og:title": nodes.title.astext(next(doctree.findall(nodes.title))),
        "og:image": (app.config.html_baseurl or context["content_root"]) + path,
    }
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            said["og:description"] = meta["content"]
    tags = (f'<meta property="{name}" content="{html.escape(to)}">' for name, to in said.items())
    context["metatags"] = "\n".join([context["metatags"], *tags])


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("doctree-read", describe)
    app.connect("html-page-context", preview)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
