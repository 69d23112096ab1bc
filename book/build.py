"""Build the book: python -m book.build [--to FOLDER] [--serve]

The pages and the notebooks are staged side by side, so that links between them hold, the pages
made from the notebooks and the package are written beside them, and Sphinx makes HTML of all.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from book import course
from book._ext import api, claims, whole

BOOK = Path(__file__).resolve().parent
BUILD = BOOK / "_build"


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command line; return Sphinx's exit status."""
    parser = argparse.ArgumentParser(prog="book.build", description="Build the book.")
    parser.add_argument("--to", type=Path, default=BUILD, metavar="FOLDER")
    parser.add_argument("--serve", action="store_true", help="show it on this machine")
    options = parser.parse_args(arguments)
    status = build(options.to)
    if status == 0:
        print(options.to / "html" / "index.html")
        if options.serve:
            serve(options.to / "html")
    return status


def build(folder: Path) -> int:
    """Write folder/html anew; every warning makes it fail, after all of them are shown."""
    shutil.rmtree(folder / "html", ignore_errors=True)
    stage(folder / "source")
    whole.write(folder / "extra" / "course.zip")
    places = [f"-d{folder / 'doctrees'}", f"-Dhtml_extra_path={folder / 'extra'}", f"-c{BOOK}"]
    strict = ["--fail-on-warning", "--keep-going", "--quiet"]
    return build_main([*strict, *places, str(folder / "source"), str(folder / "html")])


def stage(source: Path) -> None:
    """The written pages, the notebooks and the generated pages in one folder, made anew."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(BOOK / "pages", source)
    for path in sorted(course.NOTEBOOKS.glob("*.ipynb")):
        shutil.copy2(path, source)
    (source / "assignments").mkdir()
    for one in course.assignments():
        shutil.copy2(course.NOTEBOOKS / "assignments" / f"{one.stem}.ipynb", source / "assignments")
    (source / "claims.md").write_text(claims.page(course.lessons(source)), encoding="utf-8")
    (source / "api").mkdir()
    for name, text in api.pages().items():
        (source / "api" / name).write_text(text, encoding="utf-8")


def serve(folder: Path) -> None:
    """Serve a folder on a free port of this machine until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    sys.exit(main())
