"""What crosses the border of the sandbox: data comes back as it was, nothing else comes through."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rnn_edu.grading import wire

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
arrays = npst.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex64, "U3"]),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, tuple | list):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            same(one, other)
    elif isinstance(a, dict):
        same(list(a.items()), list(b.items()))
    else:
        assert a == b


@given(values)
def test_data_comes_back_as_it_was(value):
    same(wire.decode(json.loads(json.dumps(wire.encode(value)))), value)


def test_other_forms_of_numbers_become_arrays():
    big = np.arange(6, dtype=">f8").reshape(2, 3)[:, ::-1]
    np.testing.assert_array_equal(wire.decode(wire.encode(big)), big)
    assert wire.decode(wire.encode(np.float32(1.5))).shape == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
forged_arrays = st.fixed_dictionaries(
    {
        "array": st.text() | st.sampled_from(["", "AAAA", "AAAAAAAA8D8="]),
        "dtype": st.text() | st.sampled_from(["<f8", "|O", "<U9", "f8,f8", "<U0", "<m8[s]", ">f8"]),
        "shape": st.lists(st.integers())
        | st.sampled_from([[1], [-1], [True], ["1"], None, [0, 2**70]]),
    }
)


@given(json_values | forged_arrays)
def test_forged_values_are_data_or_refused(value):
    with contextlib.suppress(ValueError):
        wire.encode(wire.decode(value))


@pytest.mark.parametrize(
    "value",
    [
        {"array": "", "dtype": "|O", "shape": [0]},
        {"array": "", "dtype": "<f8", "shape": [10**12]},
        {"array": "AAAA", "dtype": "<f8", "shape": [10**12]},
        {"array": "AAAAAAAA8D8=", "dtype": "<f8", "shape": [-1]},
        {"array": "AAAAAAAA8D8=", "dtype": "<f8", "shape": [True]},
        {"array": "?", "dtype": "<f8", "shape": [1]},
        {"pickle": "gASVAAAA"},
        {"list": 3},
        {"tuple": [{"dict": [[1]]}]},
        {"dict": [[{"list": []}, 1]]},
        [1, 2],
        {},
    ],
)
def test_what_encode_does_not_write_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        wire.decode(value)


@pytest.mark.parametrize(
    "value", [object(), np.array([None]), lambda: 0, b"bytes", {1, 2}, np.datetime64("2024-01-01")]
)
def test_what_is_no_data_has_no_form(value):
    with pytest.raises(TypeError, match=r"^an? "):
        wire.encode(value)


def test_nesting_has_an_end():
    value = []
    value.append(value)
    with pytest.raises(TypeError, match="nested more than 20 deep"):
        wire.encode(value)
