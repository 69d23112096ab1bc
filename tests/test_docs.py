"""Documented shapes against arrays, and every public name documented and annotated."""

import ast
import copy
import inspect
import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

import rnn_edu
from rnn_edu import sequence

from .examples import EXAMPLES, SIZES

PACKAGE = Path(rnn_edu.__file__).parent
CORE = ["ops", "cell", "rnn", "gru", "lstm", "sequence", "topologies", "losses", "optim"]
CORE += ["gradcheck", "train", "trace", "attention", "translator"]
CORE += ["memory", "fast.memory"]
CORE += ["scan", "mingru", "diagonal", "fast.scan"]
CORE += ["fast.cells", "fast.models", "fast.attention"]

# --- shapes ----------------------------------------------------------------------------------

TOKEN = r"(?:\.\.\.|M\+H|G\*H|\d*[TSNDHKPM]|size|length|updates|\d)"
SHAPE = rf"\((?:{TOKEN}(?:, {TOKEN})+|{TOKEN},|\.\.\.)\)"
OTHERWISE = r"(?: for \"\w+\",| or| and| or,[^(]*,)"  # between the shapes that one name may have
SHAPES = re.compile(rf"{SHAPE}(?:{OTHERWISE} {SHAPE})*")


def documentation(of):
    """The docstring, and for a class the comments behind its fields as `name: comment`."""
    text = inspect.getdoc(of) or ""
    if inspect.isclass(of):
        fields = re.findall(r"^    (\w+):[^#\n]*#(.*)$", inspect.getsource(of), re.MULTILINE)
        text += "".join(f"\n{name}: {comment}" for name, comment in fields)
    return text


def documented_shapes(text, names):
    """name -> the first shape behind `name:`, or its alternatives; "" -> one behind no name."""
    known = "|".join(map(re.escape, sorted(filter(None, names), key=len, reverse=True))) or "$^"
    cut = re.compile(
        rf"(?:^|(?<=\W))((?:(?:{known}), )*(?:{known})): |\b(?:Returns|Yields|Raises)\b"
    )
    found, names, start = {}, [""], 0
    for match in [*cut.finditer(text), None]:
        segment = SHAPES.search(text[start : match.start() if match else None])
        if segment:
            shapes = re.findall(SHAPE, segment[0])
            found |= {name: [re.findall(TOKEN, s) for s in shapes] for name in names}
        if match:
            names, start = (match[1] or "").split(", "), match.end()
    return found


def fits(shape, tokens, sizes):
    """Whether a shape is the documented one; "..." takes its meaning where it is met first."""
    want = []
    for token in tokens:
        if token == "...":
            others = len(tokens) - 1
            at = len(want)
            sizes.setdefault("...", shape[at : len(shape) - others + at])
            want.extend(sizes["..."])
        else:
            number, letter = re.fullmatch(r"(\d*)(.*)", token).groups()
            want.append(int(number or 1) * (sizes[letter] if letter else 1))
    return tuple(want) == tuple(shape)


def named_arrays(name, value):
    """(name, array) for an array, and for each of a state or a mapping."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif type(value) is tuple and isinstance(name, tuple):
        for part, v in zip(name, value, strict=True):
            yield from named_arrays(part, v)
    elif type(value) is tuple and all(isinstance(v, np.ndarray) for v in value):
        yield from ((name, v) for v in value)
    elif isinstance(value, Mapping):
        yield from ((name, v) for v in value.values())


def wrong_shapes(example):
    """What the documentation of an example says that its arrays do not, in words."""
    result = example.call(**example.arguments)
    arrays = [pair for item in example.arguments.items() for pair in named_arrays(*item)]
    arrays += named_arrays(example.results, result)
    text = documentation(example.documented)
    shapes = documented_shapes(text, {name for name, _ in arrays})
    sizes = {**SIZES, "G*H": example.gates * SIZES["H"], "M+H": SIZES["M"] + SIZES["H"]}
    for name, a in arrays:
        said = shapes.get(name) or shapes.get("")
        if not said:
            yield f"{name} has no documented shape"
        elif not any(fits(a.shape, tokens, sizes) for tokens in said):
            yield f"{name} is {a.shape}, documented as {said}"


def name_of(function):
    return f"{function.__module__.removeprefix('rnn_edu.')}.{function.__qualname__}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: name_of(e.documented))
def test_documented_shapes_are_the_arrays_shapes(example):
    assert list(wrong_shapes(example)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x: (T, N, D)", "x: (N, T, D)"),
        ("x: (T, N, D)", "x: the input"),
        ("h: (T, N, H)", "h: (T, N, D)"),
        ("a tuple of (N, H)", "a tuple of (H, N)"),
    ],
)
def test_a_wrong_or_missing_shape_is_seen(old, new):
    (example, *_) = (e for e in EXAMPLES if e.documented is sequence.unroll)

    def unroll():
        pass

    assert old in sequence.unroll.__doc__
    unroll.__doc__ = sequence.unroll.__doc__.replace(old, new)
    assert list(wrong_shapes(example._replace(documented=unroll))) != []


# --- nothing is changed ----------------------------------------------------------------------


def arrays_in(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for v in value.values():
            yield from arrays_in(v)
    elif isinstance(value, tuple | list):
        for v in value:
            yield from arrays_in(v)
    elif is_dataclass(value):
        yield from arrays_in(vars(value))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: name_of(e.documented))
def test_no_function_changes_its_arguments(example):
    """Read-only arrays make a write fail, the comparison finds one through another door."""
    given = copy.deepcopy(example.arguments)
    before = [a.copy() for a in arrays_in(given)]
    for a in arrays_in(given):
        a.setflags(write=example.writes)
    example.call(**given)
    for a, b in zip(arrays_in(given), before, strict=True):
        assert np.array_equal(a, b)


def public_functions(module):
    """Functions, and methods of classes, but for checks and those left to a subclass."""
    for name, value in vars(module).items():
        if name.startswith(("_", "check_")) or getattr(value, "__module__", "") != module.__name__:
            continue
        if isinstance(value, FunctionType):
            yield value
        elif inspect.isclass(value):
            for method, member in vars(value).items():
                function = getattr(member, "__func__", member)
                hidden = method.startswith(("_", "check_")) or not isinstance(
                    function, FunctionType
                )
                if not hidden and "NotImplementedError" not in function.__code__.co_names:
                    yield function


@pytest.mark.parametrize("module", CORE)
def test_every_public_function_has_an_example(module):
    shown = {getattr(e.documented, "__func__", e.documented) for e in EXAMPLES}
    functions = public_functions(import_module(f"rnn_edu.{module}"))
    missing = [name_of(f) for f in functions if f not in shown]
    assert missing == []


# --- docstrings and annotations, read from the source ----------------------------------------

ARRAYS = re.compile(r"(Array|State|np\.ndarray)( \| None)?")
SOME_SHAPE = re.compile(r"\((\.\.\.|\d*[A-Z](\*[A-Z])?)(,[^()]*)?\)|\bshape\b")


def lacking(source):
    """What public classes and functions of a source lack, in words."""
    tree = ast.parse(source)
    if not ast.get_docstring(tree):
        yield "the module has no docstring"
    yield from _lacking(tree.body, source)


def _lacking(body, source):
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
            continue
        text = ast.get_docstring(node)
        if not text:
            yield f"{node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _lacking(node.body, source)
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [a for a in (node.args.vararg, node.args.kwarg) if a]
        bare = [a.arg for a in arguments if not a.annotation and a.arg not in ("self", "cls")]
        if bare or not node.returns:
            yield f"{node.name} lacks annotations: {', '.join(bare) or 'its result'}"
        typed = [a.arg for a in arguments if a.annotation and _is_array(a.annotation)]
        abstract = "raise NotImplementedError" in ast.get_source_segment(source, node)
        if typed and not abstract and not SOME_SHAPE.search(text or ""):
            yield f"{node.name} takes arrays and gives no shape: {', '.join(typed)}"


def _is_array(annotation):
    return ARRAYS.fullmatch(ast.unparse(annotation))


PRIVATE = PACKAGE / "checks" / "_recipes"  # answers as a student writes them
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if PRIVATE not in path.parents)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: "/".join(p.relative_to(PACKAGE).parts))
def test_every_public_name_is_documented_and_annotated(path):
    assert list(lacking(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        '"""m"""\ndef f() -> None: pass',
        '"""m"""\ndef f(a) -> None:\n    """f"""',
        '"""m"""\ndef f(*a) -> None:\n    """f"""',
        '"""m"""\ndef f(a: int):\n    """f"""',
        '"""m"""\ndef f(a: Array) -> None:\n    """f of a"""',
        '"""m"""\nclass C: pass',
        '"""m"""\nclass C:\n    """C"""\n    def f(self, s: State) -> None:\n        """f"""',
    ],
)
def test_what_is_lacking_is_seen(source):
    assert list(lacking(source)) != []
