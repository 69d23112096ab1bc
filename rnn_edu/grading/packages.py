"""What a submission may import when it is graded: the files of a few distributions, no more."""

from __future__ import annotations

import functools
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COURSE = "rnn_edu"


@functools.cache
def files_of(packages: tuple[str, ...]) -> dict[str, Path]:
    """The files and folders that make up these distributions and all that they require.

    packages: names of distributions; "rnn_edu" is the course's own package, for assignments in
    which a student may use it.
    Returns {name below site-packages: path}. Raises ValueError for a distribution that is not
    installed; a requirement that is missing is left out.
    """
    found: dict[str, Path] = {}
    seen: set[str] = set()
    todo = list(packages)
    while todo:
        name = canonicalize_name(todo.pop())
        if name in seen:
            continue
        seen.add(name)
        if name == canonicalize_name(COURSE):
            found[COURSE] = Path(__file__).parents[1]
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in map(canonicalize_name, packages):
                raise ValueError(f"packages: {name} is not installed") from None
            continue
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not top.endswith((".pth", ".dist-info")):
                found[top] = Path(str(distribution.locate_file(top)))
        todo += [r.name for r in map(Requirement, distribution.requires or ()) if _applies(r)]
    return {top: path for top, path in found.items() if path.exists()}


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
