"""Formulas of nbgrader's pages as MathML, made when the page is: no script, nothing to load.

nbgrader's templates leave `$...$` as it stands and fetch MathJax from another host to set it.
"""

from __future__ import annotations

from html import escape

from docutils.utils.math.latex2mathml import tex2mathml
from jinja2 import DictLoader, pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MOST_FORMULA = 2000  # characters; docutils' time grows with their square

# In place of the template that nbgrader's pages import MathJax from, in their <head>.
NO_MATHJAX = DictLoader(
    {
        "mathjax.html.j2": "{% macro mathjax() %}"
        "<style>.rendered_html :is(th, td) { padding-right: 1em }</style>"
        "{% endmacro %}"
    }
)


def mathml(tex: str, *, block: bool = False) -> str:
    """A formula's MathML; its source as code where docutils cannot read it."""
    if len(tex) <= MOST_FORMULA:
        try:
            return tex2mathml(tex, as_block=block)
        except Exception:  # students write formulas too, and docutils trips over some in any way
            pass
    return f"<code>{escape(tex)}</code>"


class _Renderer(IPythonRenderer):
    """nbconvert's own, but for formulas."""

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return mathml(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """The filter of nbconvert's templates by that name: Markdown to HTML, formulas to MathML."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = _Renderer(escape=False, attachments=attachments)
    return MarkdownWithMath(renderer=renderer).render(source)
