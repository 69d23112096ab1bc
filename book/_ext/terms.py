"""Link each name of the glossary where a page uses it first; the notebooks stay plain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

GENERATED = re.compile(r"glossary$|claims$|api/|genindex$|search$")
# Words of every day, linked in lessons only, from the one that gives them their meaning.
SINCE = {"attention": 13, "mask": 11, "temperature": 12, "persistence": 14, "unit": 2, "window": 1}
SINCE |= {"fixed point": 17, "scan": 18, "parity": 18, "interference": 19, "query": 19}
SINCE |= {"selectivity": 19}
SKIP = (
    nodes.FixedTextElement,  # code, output, raw HTML
    nodes.Invisible,
    nodes.block_quote,
    nodes.literal,
    nodes.math,
    nodes.reference,
    nodes.thead,
    nodes.title,
)


class LinkTerms(SphinxPostTransform):
    """Not in code, formulas, headings, links, quotes, cards or sources, nor on GENERATED pages."""

    default_priority = 20  # after Sphinx's own links: nothing is linked twice
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        page = self.env.docname
        objects = self.env.domains.standard_domain.objects
        places = {name.lower(): at for (kind, name), at in objects.items() if kind == "term"}
        names = linkable(places, page)
        if not names or GENERATED.match(page):
            return
        pattern, linked = pattern_of(names), set[str]()
        for text in list(self.document.findall(nodes.Text)):
            if any(map(closed, above(text))):
                continue
            parts: list[nodes.Node] = []
            for piece, name in pieces(text.astext(), pattern, linked):
                if name:
                    target, place = places[name]
                    uri = f"{self.app.builder.get_relative_uri(page, target)}#{place}"
                    parts.append(nodes.reference("", piece, refuri=uri, internal=True))
                    parts[-1]["classes"] = ["term"]
                else:
                    parts.append(nodes.Text(piece))
            text.parent.replace(text, parts)


def linkable(names: Iterable[str], page: str) -> list[str]:
    """The names that a page may link: not "cell (of a network)", and those of SINCE in their time.

    page: its docname, which begins with the number of a lesson on the lessons' pages.
    """
    number = int(page[:2]) if page[:2].isdigit() else -1
    return [name for name in names if "(" not in name and number >= SINCE.get(name, -1)]


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Whole words, singular or plural, longer names first, across line ends."""
    longest_first = sorted(names, key=len, reverse=True)
    words = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest_first)
    return re.compile(rf"(?<![\w-])({words})(?:e?s)?(?![\w-])", re.IGNORECASE)


def pieces(
    text: str, pattern: re.Pattern[str], linked: set[str]
) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, those that name something new beside the name, which joins `linked`."""
    end = 0
    for found in pattern.finditer(text):
        name = " ".join(found[1].lower().split())
        if name not in linked:
            linked.add(name)
            yield text[end : found.start()], None
            yield found[0], name
            end = found.end()
    yield text[end:], None


def above(node: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes that hold a node, from the inside out."""
    while node := node.parent:
        yield node


def closed(node: nodes.Node) -> bool:
    """Whether nothing below a node is linked: also a card, a link as a whole, and quoted titles."""
    if isinstance(node, nodes.section):
        return node[0].astext() == "Sources"
    return isinstance(node, SKIP) or "sd-card" in node.get("classes", ())


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_post_transform(LinkTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
