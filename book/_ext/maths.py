"""Formulas as MathML, made while the book is built: readable with scripts off, nothing to load.

docutils reads the LaTeX, so whoever can build the book needs no Node for it, as KaTeX would. The
browser sets MathML by the rules of the font it is given, static/maths.woff2.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# What docutils does not read, in what it reads.
SPELLINGS = (
    (r"\\mathrel\{(.)\}=", r"\\;\\text{\1=}\\;"),
    (r"\\dots(?![a-z])", r"\\ldots"),
    (r"\\Big(?=[(\[|])", r"\\Bigl"),
    (r"\\Big(?=[)\]])", r"\\Bigr"),
    (r"(?<=[\w})])'(?!\w)", r"^{\\prime}"),
)


def mathml(tex: str, block: bool) -> str:
    """A formula's MathML. Raises MathError naming what docutils does not know."""
    for pattern, reading in SPELLINGS:
        tex = re.sub(pattern, reading, tex)
    return re.sub(r"\n\s*", "", tex2mathml(tex, as_block=block))


def visit(self: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    block = isinstance(node, nodes.math_block)
    try:
        formula = mathml(node.astext(), block)
    except MathError as error:
        logger.warning("formula %r: %s", node.astext(), error, location=node)
        formula = self.encode(node.astext())
    self.body.append(f'<div class="formula">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (visit, None), (visit, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
