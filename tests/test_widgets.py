"""The Python side of the figures: one module of JavaScript, state, words, errors."""

from __future__ import annotations

import base64
import html
import json
import re
from itertools import pairwise

import numpy as np
import pytest
import traitlets

from rnn_edu import LSTMCell, Trace, record
from rnn_edu.widgets import HiddenState, arrange, base


def make_trace(T=7, N=2, H=5, K=3, *, names=("h",), title="a run", seed=0) -> Trace:
    """A made-up run whose every dimension differs."""
    rng = np.random.default_rng(seed)
    arrays = {name: np.tanh(rng.normal(size=(T, N, H))) for name in names}
    probs = rng.dirichlet(np.ones(K), size=(T, N)) if K else None
    labels = tuple(f"class {k}" for k in range(K))
    return Trace(arrays, tuple("abcdefghijklmnop"[:T]), probs, labels, title)


def frame(figure: base.Figure) -> str:
    """The page inside the figure's frame, as a browser reads it."""
    (document,) = re.findall(r"srcdoc='([^']*)'", figure.static_html())
    return html.unescape(document)


# --- the ES module -------------------------------------------------------------------------------


@pytest.fixture
def static(tmp_path, monkeypatch):
    """A folder of scripts in the place of the package's own."""
    monkeypatch.setattr(base, "STATIC", tmp_path)
    (tmp_path / "kit.js").write_text('// the kit\nexport * from "./basis.js";\n')
    (tmp_path / "basis.js").write_text("export const a = 1;\n")
    (tmp_path / "more.js").write_text(
        'import { a } from "./basis.js";\nexport const b = 2 * a;\n'  # comes in once
    )
    return tmp_path


def test_script_puts_imported_files_in_the_place_of_their_imports(static):
    (static / "one.js").write_text(
        'import {\n  a,\n} from "./kit.js";\nimport { b } from "./more.js";\n\n'
        "/**\n * A figure\n * import of nothing.\n */\nfunction render() {\n"
        "  // its sum\n  return a * b; // not a line of its own\n}\n"
    )
    assert base.script("one.js") == (
        "export const a = 1;\nexport const b = 2 * a;\nfunction render() {\n"
        "return a * b; // not a line of its own\n}\n"
    )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("const a = 1;\n", 'one.js must start with import { ... } from "./kit.js"; got'),
        (
            'import { b } from "./more.js";\n',
            'one.js must start with import { ... } from "./kit.js"',
        ),
        ('import * as kit from "./kit.js";\n', "one.js must start with"),
        ('import { a } from "./kit.js";\nimport x from "https://x.y/x.js";\n', "must import only"),
    ],
)
def test_script_refuses_what_would_not_run_in_a_stored_figure(static, source, error):
    (static / "one.js").write_text(source)
    with pytest.raises(ValueError, match=re.escape(error)):
        base.script("one.js")


def test_a_figure_carries_the_kit_and_its_own_code():
    figure = HiddenState(make_trace())
    assert "export function timeControls" in figure._esm
    assert figure._esm.rstrip().endswith("export default { render };")
    assert "import {" not in figure._esm
    assert ".rnn-edu {" in figure._css
    assert ".rnn-edu.hidden-state {" in figure._css


# --- the MIME bundle -----------------------------------------------------------------------------


def test_bundle_is_a_live_view_a_static_page_and_words():
    figure = HiddenState(make_trace())
    data, _ = figure._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == figure.model_id
    assert data["text/plain"] == figure.words
    assert data["text/html"] == figure.static_html()
    assert repr(figure) == "HiddenState('a run')"


def test_static_html_is_the_same_each_time_and_holds_no_address():
    first, second = (HiddenState(make_trace()).static_html() for _ in range(2))
    assert first == second
    assert not re.search(r"0x[0-9a-f]{6}|https?://", first)


def test_static_html_holds_the_state_byte_for_byte():
    trace = make_trace()
    figure = HiddenState(trace, n=1, t=3, unit=2)
    (line,) = re.findall(r"const \[state, esm\] = (\[.*\]), listeners", frame(figure))
    state, esm = json.loads(line)
    assert esm == figure._esm
    assert (state["t"], state["unit"], state["steps"]) == (3, 2, 7)
    values = np.frombuffer(base64.b64decode(state["values"]["base64"]), "<f4")
    np.testing.assert_array_equal(values.reshape(7, 5), trace.h[:, 1].astype(np.float32))
    probs = np.frombuffer(base64.b64decode(state["probs"]["base64"]), "<f4")
    np.testing.assert_array_equal(probs.reshape(7, 3), trace.probs[:, 1].astype(np.float32))
    assert not {"layout", "tooltip", "comm"} & state.keys()


def test_hostile_text_ends_neither_the_frame_nor_the_script():
    hostile = "</script><img src=x onerror=alert(1)>'\"TITLE BOOT STYLE DOCUMENT<!--"
    trace = make_trace(T=1, title=hostile)
    page = HiddenState(Trace(trace.arrays, (hostile,), None, (), hostile)).static_html()
    assert page.count("<iframe") == page.count("</iframe") == 1
    assert page.count("'") == 2  # around srcdoc
    inner = html.unescape(re.findall(r"srcdoc='([^']*)'", page)[0])
    assert inner.count("</script>") == 2
    assert "<img" not in inner
    assert f"<title>{html.escape(hostile)}</title>" in inner


def test_figure_says_what_to_do_where_frames_are_cut():
    page = HiddenState(make_trace()).static_html()
    assert "<p>Interactive figure: run this cell to see it.</p>" in page
    assert 'sandbox="allow-scripts"' in page
    assert "allow-same-origin" not in page


# --- the hidden-state view -----------------------------------------------------------------------


def test_arrays_travel_in_the_order_of_names_and_runs():
    trace, other = make_trace(names=("h", "c")), make_trace(names=("h", "c"), seed=1, title="b run")
    figure = HiddenState(trace, n=1, other=other)
    values = np.frombuffer(figure.values, "<f4").reshape(2, 2, 7, 5)
    for r, run in enumerate((trace, other)):
        for a, name in enumerate(("h", "c")):
            np.testing.assert_array_equal(values[r, a], run[name][:, 1].astype(np.float32))
    assert (figure.names, figure.sizes, figure.runs) == (["h", "c"], [5, 5], ["a run", "b run"])
    assert len(figure.paths) == 2 * 2 * 7 * 2 * 4
    assert figure.title == "a run and b run"


def test_words_name_ranges_the_largest_move_and_the_answer():
    h = np.array([[0.0, 0.5], [0.001, -0.25], [-0.001, 0.0]])[:, None]
    probs = np.array([[0.5, 0.5], [0.5, 0.5], [0.25, 0.75]])[:, None]
    trace = Trace({"h": h}, ("a", "\n", "c"), probs, ("yes", "no"), "three letters")
    assert HiddenState(trace).words == (
        "three letters: 3 steps\n"
        "tokens: 'a' '\\n' 'c'\n"
        "h: 2 units, -0.25 to 0.50; unit 1 moves most, at t = 1, '\\n': 0.50 to -0.25\n"
        "readout at the end: no 0.75"
    )


@pytest.mark.parametrize("noise", [0, 1e-6, -1e-6])
def test_words_do_not_hang_on_rounding(noise):
    h = np.zeros((6, 1, 2))
    h[4:, 0, 0] = 0.5 + noise  # as large a move as that of unit 1, which comes first
    h[2:, 0, 1] = 0.5
    words = HiddenState(Trace({"h": h}, tuple("abcdef"))).words
    assert "unit 1 moves most, at t = 2, 'c': 0.00 to 0.50" in words


def test_words_compare_two_runs():
    trace = make_trace(K=0)
    h = trace.h.copy()
    h[4, 0, 2] += 3
    words = HiddenState(trace, other=Trace({"h": h}, trace.tokens, title="a nudge")).words
    assert "h against a nudge: 3.00 apart at t = 4, unit 2" in words


def test_words_are_short_for_a_long_text():
    T = 5000
    words = HiddenState(Trace({"h": np.zeros((T, 1, 1))}, ("a",) * T)).words
    assert "'a' and 4960 more" in words
    assert len(words) < 500


@pytest.mark.parametrize(
    ("kwargs", "error"),
    [
        ({"array": "c"}, "array must be one of h, got 'c'"),
        ({"n": 2}, r"n must lie in 0\.\.1, got 2"),
        ({"tokens": ["a"]}, "tokens must be 7, one per step, got 1"),
        ({"other": make_trace(T=6)}, r"other\['h'\] must be \(7, 2, 5\), got \(6, 2, 5\)"),
    ],
)
def test_arguments_are_checked(kwargs, error):
    with pytest.raises(ValueError, match=error):
        HiddenState(make_trace(), **kwargs)


def test_values_beyond_float32_are_refused():
    with pytest.raises(ValueError, match=r"h must fit float32, got values up to 1e\+300"):
        HiddenState(Trace({"h": np.full((1, 1, 1), 1e300)}, ("a",)))


@pytest.mark.parametrize(
    ("trait", "value", "error"),
    [
        ("t", 7, r"t must lie in 0\.\.6, got 7"),
        ("t", -1, r"t must lie in 0\.\.6, got -1"),
        ("unit", 5, r"unit must lie in 0\.\.4, got 5"),
        ("array", "c", r"array must be one of \['h'\], got 'c'"),
        ("order", "size", "order"),
    ],
)
def test_traits_are_checked(trait, value, error):
    figure = HiddenState(make_trace())
    before = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError, match=error):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


def test_other_sequences_show_step_numbers_for_tokens():
    assert HiddenState(make_trace(), n=0).tokens == list("abcdefg")
    assert HiddenState(make_trace(), n=1).tokens == [str(t) for t in range(7)]
    assert HiddenState(make_trace(), n=1, tokens="ABCDEFG").tokens == list("ABCDEFG")


def test_a_recorded_run_is_shown():
    cell = LSTMCell.init(3, 4, rng=np.random.default_rng(0))
    figure = HiddenState(record(cell, np.ones((6, 1, 3))), "f")
    assert {"h", "c", "i", "f", "g", "o"} <= set(figure.names)
    limits = dict(zip(figure.names, figure.limits, strict=True))
    assert (limits["h"], limits["f"], limits["g"]) == ([-1, 1], [0, 1], [-1, 1])


# --- what is computed beforehand -----------------------------------------------------------------


def test_colours_cover_the_values():
    assert arrange.colour_limits("c", [np.array([-2.5, 1.0])]) == [-3, 3]
    assert arrange.colour_limits("h", [np.array([0.1]), np.array([-0.2])]) == [-1, 1]
    assert arrange.colour_limits("layer 2 z", [np.array([0.5])]) == [0, 1]


def test_similar_units_stand_together():
    t = np.linspace(0, 9, 50)
    families = [np.sin(t), np.cos(3 * t), t]
    a = np.stack([families[j % 3] + 0.05 * np.sin(j + 7 * t) for j in range(12)], axis=1)
    order = arrange.similar_units(a)
    assert sorted(order) == list(range(12))
    assert sum(i % 3 != j % 3 for i, j in pairwise(order)) == 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (6, 1), (2, 3)])
def test_small_and_constant_runs_can_be_arranged(shape):
    for a in (np.zeros(shape), np.random.default_rng(0).normal(size=shape)):
        assert sorted(arrange.similar_units(a)) == list(range(shape[1]))
        (path,) = arrange.main_paths([a])
        assert path.shape == (shape[0], 2)
        assert np.isfinite(path).all()


def test_paths_keep_the_distances_of_a_plane():
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.normal(size=(6, 2)))[0].T  # two orthonormal rows
    flat = [rng.normal(size=(5, 2)), rng.normal(size=(5, 2)) + 1]
    runs = [f @ plane for f in flat]
    paths = np.concatenate(arrange.main_paths(runs))
    want = np.linalg.norm(np.concatenate(flat)[:, None] - np.concatenate(flat)[None], axis=-1)
    got = np.linalg.norm(paths[:, None] - paths[None], axis=-1)
    np.testing.assert_allclose(got, want, atol=1e-12)
    assert paths[:, 0].std() >= paths[:, 1].std()
