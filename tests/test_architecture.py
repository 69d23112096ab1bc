"""Who may import whom, what importing the package costs, and how long a file may be.

A new module needs a line in MAY_IMPORT: that is where its place in the design is decided.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnn_edu"

CELLS = {"ops", "cell", "rnn", "lstm", "gru"}
LOOPS = CELLS | {"sequence"}
MODELS = LOOPS | {"topologies"}
LINEAR = {"scan", "mingru", "diagonal", "memory", "causal"}
WIDER = MODELS | LINEAR | {"attention", "translator", "bidirectional", "embedding"}
ALL = WIDER | {"train", "losses", "optim", "gradcheck", "trace", "data", "fast", "claims"}
ALL |= {"decode", "forecast", "ngram", "weights"}
MAY_IMPORT = {
    "ops": set(),
    "cell": {"ops"},
    "rnn": {"ops", "cell"},
    "lstm": {"ops", "cell"},
    "gru": {"ops", "cell"},
    "sequence": CELLS,
    "scan": {"ops"},
    "mingru": CELLS | {"scan"},
    "diagonal": CELLS | {"scan"},
    "memory": CELLS | {"scan"},
    "causal": CELLS | {"scan"},
    "topologies": LOOPS,
    "train": WIDER | {"losses", "optim"},
    "losses": {"ops"},
    "optim": {"ops"},
    "data": {"ops"},
    "attention": LOOPS,
    "translator": MODELS | {"attention", "decode"},
    "bidirectional": MODELS,
    "embedding": MODELS,
    "decode": {"ops"},
    "forecast": {"ops"},
    "ngram": {"ops"},
    "weights": ALL,
    "gradcheck": set(),
    "claims": set(),
    "trace": MODELS,
    "fast": WIDER | {"decode"},
    "figures": {"trace"},
    "widgets": {"trace"},
    "checks": ALL | {"figures", "widgets"},
    "grading": ALL,
    "__init__": MODELS | {"trace"},
}
ONLY_IN = {
    "torch": {"fast", "checks", "weights"},
    "matplotlib": {"figures"},
    "anywidget": {"widgets"},
    "ipywidgets": {"widgets"},
    "traitlets": {"widgets", "grading"},
    "tqdm": {"train", "grading"},
    "nbgrader": {"grading"},
}
NUMPY_ALONE = set(MAY_IMPORT) - {"data", "weights", "figures", "widgets", "checks", "grading"}


def imports(source, module):
    """The dotted names that a module's source imports, relative ones made absolute.

    module: ("rnn_edu", "data", "names") for rnn_edu/data/names.py, with "__init__" as a name.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module[: -node.level] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            if base == "rnn_edu":  # from . import fast
                yield from (f"rnn_edu.{alias.name}" for alias in node.names)
            else:
                yield base


def violations(source, module):
    """What is wrong with a module's imports, in words."""
    part = module[1]
    if part not in MAY_IMPORT:
        yield f"{part} has no place in MAY_IMPORT"
        return
    for name in imports(source, module):
        root, *rest = name.split(".")
        if root == "rnn_edu":
            if not rest or rest[0] not in MAY_IMPORT[part] | {part}:
                yield f"{part} must not import {name}"
        elif root in ONLY_IN:
            if part not in ONLY_IN[root]:
                yield f"{part} must not import {root}"
        elif part in NUMPY_ALONE and root not in sys.stdlib_module_names | {"numpy"}:
            yield f"{part} must not import {root}"


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: "/".join(p.relative_to(ROOT).parts))
def test_imports_follow_the_design(path):
    module = path.relative_to(ROOT).with_suffix("").parts
    assert list(violations(path.read_text(encoding="utf-8"), module)) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ops", "from .cell import Cell"),
        ("gru", "from .rnn import RNNCell"),
        ("gru", "import torch"),
        ("gru", "import scipy.special"),
        ("gru", "def f():\n    import torch.nn as nn"),
        ("sequence", "from . import topologies"),
        ("losses", "from .cell import Cell"),
        ("gradcheck", "from .ops import leaves"),
        ("topologies", "from rnn_edu.train import fit"),
        ("trace", "from rnn_edu import unroll"),
        ("trace", "import rnn_edu"),
        ("train", "import matplotlib.pyplot as plt"),
        ("figures", "from tqdm import tqdm"),
        ("figures", "from .sequence import unroll"),
        ("widgets/view", "from ..sequence import unroll"),
        ("widgets/view", "from ..figures import plot"),
        ("data/names", "from ..cell import Cell"),
        ("data/names", "import traitlets"),
        ("fast", "from .checks import check"),
        ("grading/_worker", "from ..checks import check"),
        ("checks/rnn", "import nbgrader"),
        ("__init__", "from .fast import to_torch"),
        ("widgets/__init__", "from ..figures import show"),
        ("surprise", "import numpy"),
    ],
)
def test_a_forbidden_import_is_seen(module, line):
    assert list(violations(line, ("rnn_edu", *module.split("/")))) != []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("gru", "from __future__ import annotations\nimport numpy as np\nfrom .cell import Cell"),
        ("widgets/view", "from .base import Figure\nfrom ..trace import Trace\nimport traitlets"),
        ("data/names", "from ..ops import one_hot\nimport faker"),
        ("fast", "from torch import nn\nfrom .gru import GRUCell"),
        ("__init__", "from .gru import GRUCell"),
        ("widgets/__init__", "from .view import View"),
    ],
)
def test_an_allowed_import_is_not(module, line):
    assert list(violations(line, ("rnn_edu", *module.split("/")))) == []


def test_importing_the_package_loads_numpy_and_nothing_larger():
    code = "import sys, rnn_edu; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"rnn_edu", "numpy"} <= loaded
    assert not loaded & {*ONLY_IN, "sklearn", "scipy", "pandas", "IPython", "faker"}


def test_no_file_is_over_300_lines():
    written = [p for p in PACKAGE.rglob("*") if p.suffix in {".py", ".js", ".css", ".html"}]
    assert len(written) > len(MODULES)
    lengths = {p.name: len(p.read_text("utf-8").splitlines()) for p in written}
    assert {name: n for name, n in lengths.items() if n > 300} == {}
