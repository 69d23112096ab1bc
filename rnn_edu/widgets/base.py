"""The one route of every figure: live as an anywidget, and as static HTML where no kernel is."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^(?:import \{[^}]*\}|export \*) from "\./(\w+\.js)";\n', re.MULTILINE)


def script(name: str) -> str:
    """static/<name> and the files beside it that it imports, flattened to one ES module.

    Every stored figure holds it, so comments on lines of their own and indentation are left out.
    Raises ValueError if the file does not start by importing from the kit, or if an import stays.
    """
    source = _read(name)
    first = IMPORT.match(source)
    if first is None or first[1] != "kit.js":
        raise ValueError(
            f'{name} must start with import {{ ... }} from "./kit.js"; got {source[:40]!r}'
        )
    module = flatten(name)
    if left := re.search(r"^\s*import\b.*", module, re.MULTILINE):
        raise ValueError(f"{name} must import only {{ names }} from files beside it, got {left[0]}")
    module = re.sub(r"^\s*/\*\*.*?\*/\n", "", module, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^\s*(//.*\n)?", "", module, flags=re.MULTILINE)


def flatten(name: str) -> str:
    """static/<name> with each import of a file beside it replaced by that file, the first time."""
    seen = set()

    def text(name: str) -> str:
        if name in seen:
            return ""
        seen.add(name)
        return IMPORT.sub(lambda found: text(found[1]), _read(name))

    return text(name)


def style(*names: str) -> str:
    """kit.css and then each static/<name>, as one text."""
    return "".join(_read(name) for name in ("kit.css", *names))


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def pack(name: str, a: np.ndarray) -> bytes:
    """`a` as the bytes of little-endian float32.

    a: (...). Raises ValueError naming it if a value does not fit.
    """
    with np.errstate(over="ignore"):
        packed = np.ascontiguousarray(a, "<f4")
    if not np.isfinite(packed).all():
        raise ValueError(f"{name} must fit float32, got values up to {np.abs(a).max():.2g}")
    return packed.tobytes()


def first_largest(a: np.ndarray) -> tuple[int, ...]:
    """Index of the largest value of a: (...); of values equal up to rounding, the first."""
    return tuple(int(i) for i in np.argwhere(a >= a.max() - 1e-3)[0])


class Figure(anywidget.AnyWidget):
    """A figure; its traits are its state. Subclasses set `_esm = script(...)`, `_css = style(...)`.

    title: its heading. words: what it shows, in words computed from its data: for screen readers,
    for `text/plain`, and so for the check of stored notebooks: numbers as .2f, no addresses.
    heights: pixels of the static figure when it is wide, and when at most 640 px are left between
    its padding and border, where kit.css lays it out as a column.
    """

    title = traitlets.Unicode().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    heights = (400, 600)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.static_html(), "text/plain": self.words}, metadata

    def state(self) -> dict[str, Any]:
        """Own synced traits by name: what a page needs to draw the figure."""
        own = set(self.trait_names(sync=True)) - set(anywidget.AnyWidget.class_trait_names())
        return {name: getattr(self, name) for name in sorted(own) if not name.startswith("_")}

    def static_html(self) -> str:
        """The figure where no kernel is: a sandboxed frame; a line of text where frames are cut."""
        wide, narrow = self.heights
        document = html.escape(self.document(), quote=False).replace("'", "&#39;")
        parts = {"DOCUMENT": document, "TITLE": html.escape(self.title)}
        return fill("frame.html", parts | {"WIDE": str(wide), "NARROW": str(narrow)})

    def document(self) -> str:
        """The frame's page: style, state, a model that lives in it, and the same ES module."""
        state = {
            name: {"base64": base64.b64encode(value).decode()}
            if isinstance(value, bytes)
            else value
            for name, value in self.state().items()
        }
        boot = json.dumps([state, self._esm], ensure_ascii=False).replace("<", "\\u003c")
        return fill(
            "page.html", {"TITLE": html.escape(self.title), "STYLE": self._css, "BOOT": boot}
        )


def fill(name: str, parts: dict[str, str]) -> str:
    """static/<name> with each key of parts replaced, in one pass: a part may contain a key."""
    return re.sub("|".join(parts), lambda found: parts[found[0]], _read(name))


class TimeFigure(Figure):
    """A figure with a time cursor t in 0..steps-1; all of a page with the same `link` share it."""

    t = traitlets.Int().tag(sync=True)
    steps = traitlets.Int(1).tag(sync=True)
    link = traitlets.Unicode().tag(sync=True)

    @traitlets.validate("t")
    def _t_in_range(self, proposal: Any) -> int:
        return in_range("t", proposal["value"], self.steps)


def in_range(name: str, value: int, size: int) -> int:
    """`value` if it lies in 0..size-1; else raises TraitError."""
    if not 0 <= value < size:
        raise traitlets.TraitError(f"{name} must lie in 0..{size - 1}, got {value}")
    return value
