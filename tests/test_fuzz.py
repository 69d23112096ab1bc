"""Bad arguments to every public function of NumPy's part of the package.

Each `Example` is a call that works. Its arguments are spoiled one at a time in all the ways of
`corrupt`. The call must then say what is wrong, or work:

- it says so if a `raise` of the package answers, not NumPy from the inside, and names the argument;
- it works if the results have the lengths that follow from the argument's, and the good numbers
  where the argument said the same in another form.

In no case does it change what it was given. A new public function needs an example, no line here.
"""

import copy
import inspect
import os
import re
import traceback
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import numpy as np
import pytest

import rnn_edu

from . import examples, examples_data, examples_words
from .corrupt import Bad, corrupted
from .examples import Example
from .test_docs import arrays_in, name_of, public_functions

PACKAGE = str(Path(rnn_edu.__file__).parent) + os.sep

ELSEWHERE = {  # modules -> why they are not fuzzed here
    "fast": "torch: its arguments are tensors, see test_fast",
    "checks": "made to be given wrong answers: test_checks and its neighbours do little else",
    "grading": "the same: test_grading, test_hostile",
    "widgets": "a widget shows one trace: test_widgets",
    "weights": "recipes, which nobody calls with arguments of their own",
    "figures": "a figure shows one trace: test_figures",
    "data.fetch": "the network: test_fetch",
    "data.emoji_sheet": "a tool that is run once",
    "data.parts": "inside of the data sets",
}
FILES = "reads a file: what a bad one gets is in the test of its module"
RUN = "the loop itself: unroll and unroll_backward check what goes into it"
NOT_FUZZED = {  # functions, by the end of their names -> why
    "sweep": RUN,
    "sweep_backward": RUN,
    **{f"load_{name}": FILES for name in ("dates", "digits", "emoji", "names", "pictures")},
    **{f"load_{name}": FILES for name in ("reviews", "scenes", "stdlib", "stocks", "sunspots")},
    **{name: FILES for name in ("load_topics", "read_labelled", "read_series")},
}
MATHS = "one line of mathematics, which takes what NumPy takes"
DUCK = "anything that has what is read from it: Python says what it lacks"
AS_GIVEN = "as the package gave it"
ANY_ERROR = {  # (function, argument) -> why the error may come from elsewhere
    ("ops.sigmoid", "a"): MATHS,
    ("ops.softmax", "logits"): MATHS,
    ("ops.log_softmax", "logits"): MATHS,
    ("ops.one_hot", "dtype"): "NumPy knows what a dtype is",
    ("topologies.teacher_forced", "dtype"): "NumPy knows what a dtype is",
    ("topologies.read_to_end_backward", "stretches"): AS_GIVEN,
    ("sequence.windows", "x"): DUCK,
    ("decode.as_step", "network"): DUCK,
    ("train.classify", "model"): DUCK,
    ("train.regress", "model"): DUCK,
    ("train.translate", "model"): DUCK,
    ("train.fit", "model"): DUCK,
    ("train.fit", "batches"): DUCK,
    ("train.fit", "optimiser"): DUCK,
    ("trace.record", "labels"): DUCK,
    ("trace.Trace", "tokens"): DUCK,
    ("trace.Trace", "labels"): DUCK,
    ("ngram.NGram.probabilities", "context"): DUCK,
    ("forecast.walk_forward", "starts"): DUCK,
    ("claims.near", "value"): "a claim that fails is no bad argument",
    ("claims.near", "ref"): "a claim that fails is no bad argument",
    ("data.dates.write_date", "locale"): "Babel knows which there are",
    ("data.stdlib.label_source", "source"): "the documented errors of tokenize",
}
ANY_SHAPE = {  # (function, argument) -> why a result's length is not the argument's
    ("ops.sigmoid", "a"): "of a tensor it makes a tensor",
    ("scan.scan", "a"): "one row for all sequences is allowed",
    ("scan.scan_loop", "a"): "one row for all sequences is allowed",
    ("scan.scan_backward", "a"): "one row for all sequences is allowed",
    ("sequence.windows", "x"): "the first window is as long as it may be",
    ("decode.score", "tokens"): "the first is not scored",
    ("ngram.NGram.score", "tokens"): "the first is not scored",
    ("forecast.cut_windows", "series"): "as many windows as fit",
    ("train.Minibatches", "x"): "cut to the longest of the batch",
}
CALLED = {  # an argument -> what the message may call it
    "grads": "params",  # one tree of arrays
    "clip": "max_norm",
    "targets": "target",
    "dh": "dstate",  # the parts of a state, where an example takes them one by one
    "dkeys": "dstate",
    "dvalues": "dstate",
}


def full_name(example: Example) -> str:
    return name_of(getattr(example.documented, "__func__", example.documented))


def is_fuzzed(example: Example) -> bool:
    name, kind = full_name(example), example.documented
    is_record = inspect.isclass(kind) and issubclass(kind, tuple)  # it holds what it is given
    return not (name.startswith("fast") or is_record or name.split(".")[-1] in NOT_FUZZED)


def arguments_of(example: Example) -> dict:
    """Those of the example, and the defaults of the others: any of them may be spoiled."""
    defaults = {
        p.name: p.default
        for p in inspect.signature(example.call).parameters.values()
        if p.default not in (p.empty, None)
    }
    return defaults | example.arguments


def result_of(example: Example, arguments: dict) -> list[np.ndarray]:
    """The arrays that a call gives, but for those of a cache."""
    given = {
        k: copy.deepcopy(v) if isinstance(v, np.random.Generator) else v
        for k, v in arguments.items()
    }
    try:
        with np.errstate(all="ignore"):
            result = example.call(**given)
    except StopIteration:  # an example that takes the first of none
        return []
    if isinstance(example.results, tuple):
        kept = zip(example.results, result, strict=True)
        result = [part for name, part in kept if name not in ("cache", "caches", "stretches")]
    return list(arrays_in(result))


def contents(arguments: dict) -> list[bytes]:
    return [a.tobytes() for a in arrays_in(arguments) if a.dtype != object]


def complaint(example: Example, argument: str, bad: Bad, good: list[np.ndarray]) -> str | None:
    """What is wrong with the answer to a bad argument, in words."""
    name = full_name(example), argument
    given = arguments_of(example) | {argument: bad.value}
    before = contents(given)
    try:
        got = result_of(example, given)
    except Exception as error:
        found = None if name in ANY_ERROR else _unclear(error, bad.part or argument, bad, given)
    else:
        found = None if name in ANY_SHAPE else _wrong(got, good, bad)
    return "it changes its arguments" if contents(given) != before else found


def _unclear(error: Exception, argument: str, bad: Bad, given: dict) -> str | None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    if not (last.filename.startswith(PACKAGE) and last.line.startswith("raise")):
        return f"{type(error).__name__} from the inside, {Path(last.filename).name}: {error}"
    names = {argument, *(given if bad.other else ())}
    names |= {"targets", "lengths", "mask", "y"} if bad.part and bad.other else set()
    names |= {CALLED[name] for name in names if name in CALLED}
    if not re.search(rf"\b({'|'.join(names)})s?\b", str(error)):
        return f"the error does not say {argument}: {error}"
    return None


def _wrong(got: list[np.ndarray], good: list[np.ndarray], bad: Bad) -> str | None:
    shapes, before = [a.shape for a in got], [a.shape for a in good]
    if bad.shape and shapes != [bad.shape(shape) for shape in before]:
        return f"it gives {shapes}, {before} for the good argument"
    if bad.same and not (shapes == before and all(map(_close, got, good))):
        return "it gives other numbers than for the good argument"
    return None


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return np.allclose(a, b, rtol=1e-9, atol=1e-12)


def complaints(example: Example) -> list[str]:
    good = result_of(example, arguments_of(example))
    parameters = inspect.signature(example.call).parameters
    found = []
    for argument, value in arguments_of(example).items():
        optional = argument in parameters and parameters[argument].default is None
        for bad in corrupted(value):
            if argument == "self" or (optional and bad.value is None):
                continue
            if said := complaint(example, argument, bad, good):
                found.append(f"{argument}, {bad.how}: {said}")
    return found


EXAMPLES = [*examples.EXAMPLES, *examples_words.EXAMPLES, *examples_data.EXAMPLES]


@pytest.mark.parametrize("example", [*filter(is_fuzzed, EXAMPLES)], ids=full_name)
def test_a_bad_argument_is_named_or_works(example, monkeypatch, capsys):
    monkeypatch.setenv("RNN_EDU_STRICT", "1")  # no progress bar
    assert complaints(example) == []


def modules():
    names = (m.name.removeprefix("rnn_edu.") for m in walk_packages(rnn_edu.__path__, "rnn_edu."))
    skipped = tuple(f"{name}." for name in ELSEWHERE)
    return [name for name in names if not f"{name}.".startswith(skipped)]


@pytest.mark.parametrize("module", modules())
def test_every_public_function_has_an_example(module):
    shown = {getattr(e.documented, "__func__", e.documented) for e in EXAMPLES}
    functions = public_functions(import_module(f"rnn_edu.{module}"))
    missing = [name_of(f) for f in functions if f not in shown and f.__name__ not in NOT_FUZZED]
    assert missing == []
