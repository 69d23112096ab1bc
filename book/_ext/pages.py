"""What the hand-written pages need of Sphinx: directives and roles that hold the lessons' own data.

Nothing that a notebook says is typed again in a page: titles, minutes, measured values and figures
come from `book.course`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from book import course

PAGES = Path(__file__).resolve().parents[1] / "pages"
CITATION = PAGES.parents[1] / "CITATION.cff"
CARD = """\
```{{grid-item-card}} {number} · {title}
:link: {stem}
:link-type: doc
:link-alt: {number} · {title}
{question}

{minutes} minutes
```
"""
WORDS = """\
> *{title}*, by {author}. Version {version}, {year}.

```bibtex
@misc{{rnn_edu,
  author  = {{{{{author}}}}},
  title   = {{{title}}},
  version = {{{version}}},
  year    = {{{year}}},
}}
```
"""


class Lessons(SphinxDirective):
    """`{lessons} 00 04`: a card for each lesson from the first to the last of two numbers."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        first, last = self.arguments
        chosen = [one for one in course.lessons() if first <= one.number <= last]
        if not chosen:
            return []
        cards = "".join(CARD.format(**one._asdict()) for one in chosen)
        return self.parse_text_to_nodes(f"````{{grid}} 1 2 2 2\n:gutter: 2\n{cards}````\n")


class Schedule(SphinxDirective):
    """`{schedule}`: a line a week, "00 01 | what happens in class | what is handed in".

    Titles and minutes come from the notebooks; a lesson in the making is named by its number.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        rows = ["| Week | Lessons | In class |", "|-|-|-|"]
        for week, line in enumerate(filter(None, self.content), 1):
            numbers, in_class, handed_in = (part.strip() for part in line.split("|"))
            chosen = {n: course.lesson(n) for n in numbers.split()}
            links = ", ".join(
                f"[{n} {one.title}]({one.stem}.ipynb)" if one else n for n, one in chosen.items()
            )
            minutes = sum(one.minutes for one in chosen.values() if one)
            links += f"; {minutes} minutes" if minutes else ""
            end = "" if in_class.endswith("?") else "."
            rows.append(f"| {week} | {links} | {in_class}{end} *Handed in:* {handed_in} |")
        return self.parse_text_to_nodes("\n".join(rows))


class Needs(SphinxDirective):
    """`{needs}`: a row a lesson with its minutes and what it asks for."""

    def run(self) -> list[nodes.Node]:
        rows = ["| Lesson | What it asks for |", "|-|-|"]
        rows += [
            f"| [{one.number}]({one.stem}.ipynb), {one.minutes} minutes | {one.needs} |"
            for one in course.lessons()
        ]
        return self.parse_text_to_nodes("\n".join(rows))


class Assignments(SphinxDirective):
    """`{assignments}`: a row for each, with the notebook to download."""

    def run(self) -> list[nodes.Node]:
        rows = ["| Assignment | After | Minutes | Points |", "|-|-|-|-|"]
        for one in course.assignments():
            after = ", ".join(f"{{lesson}}`{number}`" for number in one.lessons)
            notebook = f"{{download}}`{one.number} · {one.title} <assignments/{one.stem}.ipynb>`"
            rows.append(f"| {notebook} | {after} | {one.minutes} | {one.points} |")
        return self.parse_text_to_nodes("\n".join(rows))


class Live(SphinxDirective):
    """`{live} 00 a network that reads Python`: a figure of a lesson, by its title."""

    required_arguments = 2
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        try:
            figure = course.figure(*self.arguments)
        except ValueError as error:
            raise self.error(str(error)) from None
        return [nodes.raw("", figure.html, format="html")]


class Citation(SphinxDirective):
    """`{citation}`: the course in words and in BibTeX, out of CITATION.cff."""

    def run(self) -> list[nodes.Node]:
        cff = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
        fields = {
            "author": " and ".join(author["name"] for author in cff["authors"]),
            "title": cff["title"],
            "version": cff["version"],
            "year": cff["date-released"].year,
        }
        return self.parse_text_to_nodes(WORDS.format(**fields))


class LessonRole(SphinxRole):
    """{lesson}`07`: "lesson 07", linked as soon as there is such a lesson."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text = f"lesson {self.text}"
        one = course.lesson(self.text)
        return [link(one.stem, text) if one else nodes.Text(text)], []


class StatedRole(SphinxRole):
    """{stated}`01 accuracy by place`: the value that a lesson states there, linked to its cell."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        number, _, name = self.text.partition(" ")
        try:
            found = course.stated(number, name)
        except ValueError as error:
            return [], [self.inliner.reporter.error(str(error), line=self.lineno)]
        stem = course.lesson(number).stem
        value = found.value.replace(" ", "\N{NO-BREAK SPACE}")
        return [link(stem, value, course.anchor(found.cell))], []


def link(stem: str, text: str, anchor: str = "") -> nodes.reference:
    """A link from a written page to a lesson, which stands beside it, or to a place in it."""
    uri = f"{stem}.html#{anchor}" if anchor else f"{stem}.html"
    return nodes.reference("", "", nodes.inline("", text), refuri=uri, internal=True)


def read_again(app: Sphinx, env: BuildEnvironment, *docnames: set[str]) -> list[str]:
    """The written pages, at every build: a lesson may have changed what they hold of it."""
    return [path.stem for path in PAGES.glob("*.md") if path.stem in env.all_docs]


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("lessons", Lessons)
    app.add_directive("schedule", Schedule)
    app.add_directive("needs", Needs)
    app.add_directive("assignments", Assignments)
    app.add_directive("live", Live)
    app.add_directive("citation", Citation)
    app.add_role("lesson", LessonRole())
    app.add_role("stated", StatedRole())
    app.connect("env-get-outdated", read_again)
    app.setup_extension("book._ext.terms")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
