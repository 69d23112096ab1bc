"""A figure says in words what it shows, and the words follow the data."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from rnn_edu import LSTMCell, Trace, figures, record

TEXT = "a b\n$x$"
T, H = len(TEXT), 4


@pytest.fixture(scope="module")
def trace() -> Trace:
    rng = np.random.default_rng(0)
    x = 3 * rng.normal(size=(T, 2, 5))
    return record(LSTMCell.init(5, H, rng), x, tokens=list(TEXT), title="a run")


def axes(**labels: str):
    ax = Figure().subplots()
    ax.set(**labels)
    return ax


def test_describe_names_panels_and_lines():
    fig = Figure()
    left, right = fig.subplots(1, 2)
    fig.suptitle("two panels")
    left.plot([0, 0.5, 1, 1.5, 2, 2.5, 3], label="RNN")
    left.plot([3, 1])
    left.set(title="loss", xlabel="update", ylabel="nats")
    right.semilogy([1e-3, 1.234e-9], label="norm")
    assert figures.describe(fig).splitlines() == [
        "two panels",
        "panel 1: loss; x: update; y: nats",
        "  line 'RNN', 7 points: 0.00, 1.00, 1.50, 2.00, 3.00",
        "  line, 2 points: 3.00, 1.00",
        "panel 2: ; x: ; y: ",
        "  line 'norm', 2 points: 1.00e-03, 1.23e-09",
    ]


def test_describe_reads_images_bars_and_scatters():
    ax = axes(title="all")
    ax.figure.colorbar(ax.imshow([[0, 1, 2], [3, 4, 5]]))
    ax.bar(range(20), np.arange(20), label="counts")
    ax.barh(["a", "b"], [0.25, 0.75])
    ax.scatter([1, 2], [3, 4], label="units")
    ax.fill_between([0, 1], [0, 1])
    assert figures.describe(ax.figure).splitlines()[1:] == [
        "  scatter 'units', 2 points: 3.00, 4.00",
        "  image 2 x 3: min 0.00, mean 2.50, max 5.00; 0.00, 1.00, 2.00, 4.00, 5.00",
        "  bars 'counts', 20: "
        + ", ".join(f"{v}.00" for v in (0, 2, 3, 5, 7, 9, 10, 12, 14, 16, 17, 19)),
        "  bars, 2: 0.25, 0.75",
    ]


def test_describe_manages_nothing_and_missing_values():
    ax = axes()
    ax.plot([], label="empty")
    ax.plot([np.nan, 1])
    ax.imshow([[np.nan, 1.0]])
    words = figures.describe(ax.figure)
    assert "line 'empty', 0 points" in words
    assert "nan, 1.00" in words
    assert "min 1.00, mean 1.00, max 1.00" in words
    assert figures.describe(Figure()) == ""
    ax = axes()
    ax.imshow([[np.nan, np.nan]])
    assert "image 1 x 2: no values" in figures.describe(ax.figure)


def test_show_outside_jupyter_prints_the_words_and_closes(capsys):
    fig, ax = plt.subplots()
    ax.plot([1, 2], label="RNN")
    figures.show(fig, "The loss rises.")
    assert capsys.readouterr().out.startswith("The loss rises.\npanel 1: ")
    assert not plt.fignum_exists(fig.number)


@pytest.mark.parametrize(
    ("fig", "alt", "error", "message"),
    [
        (Figure(), "", ValueError, "alt must say in words what the figure shows, got ''"),
        (Figure(), " \n", ValueError, "alt must say in words"),
        (Figure(), None, TypeError, "alt must be a string, got NoneType"),
        ("fig", "words", TypeError, "fig must be a matplotlib Figure, got str"),
        (axes(), "words", TypeError, "fig must be a matplotlib Figure, got Axes"),
    ],
)
def test_show_refuses_a_figure_without_words(fig, alt, error, message):
    with pytest.raises(error, match=message):
        figures.show(fig, alt)


def test_the_picture_is_the_same_bytes_each_time(trace):
    first, second = (figures._png(figures.heatmap(trace)) for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")
    assert b"Software" not in first
    assert b"matplotlib" not in first


def test_the_picture_is_opaque_and_light(trace):
    with plt.rc_context():
        figures.style()
        fig, _ = plt.subplots()
        figures._png(fig)
        fig.canvas.draw()
        corner = np.asarray(fig.canvas.buffer_rgba())[0, 0]
        plt.close(fig)
    assert corner.tolist() == [255, 255, 255, 255]


def test_the_colours_of_a_quantity_are_those_of_the_widgets():
    static = Path(figures.__file__).parent / "widgets" / "static"
    scripts = "".join(path.read_text("utf-8") for path in sorted(static.glob("*.js")))
    light = scripts.partition("light: {")[2].partition("}")[0]
    for cmap in (figures.H_CMAP, figures.GATE_CMAP):
        stops = re.findall("#[0-9a-f]{6}", re.search(rf"{cmap.name}: \[(.*)\]", light)[1])
        at = np.linspace(0, 1, len(stops))
        assert np.allclose(cmap(at)[:, :3], [to_rgb(stop) for stop in stops], atol=0.02)


def test_lines_stand_out_from_the_background():
    for colour in figures.PALETTE:
        r, g, b = (
            (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in to_rgb(colour)
        )
        assert 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 3  # WCAG 2.1, 1.4.11


@pytest.mark.parametrize(
    ("array", "cmap", "low", "high"),
    [("h", figures.H_CMAP, -1, 1), ("g", figures.H_CMAP, -1, 1), ("f", figures.GATE_CMAP, 0, 1)],
)
def test_heatmap_shows_units_by_tokens_in_the_colours_of(trace, array, cmap, low, high):
    ax = figures.heatmap(trace, array).axes[0]
    (image,) = ax.get_images()
    assert np.array_equal(image.get_array(), trace[array][:, 0].T)
    assert image.get_cmap() is cmap
    assert image.get_clim() == (low, high)
    assert ax.get_title(loc="left") == f"a run: {array}"
    assert [label.get_text() for label in ax.get_xticklabels()] == list("a␣b↵$x$")


def test_a_cell_state_beyond_one_keeps_white_at_zero():
    arrays = {"h": np.zeros((2, 1, 1)), "c": np.array([0.5, -2.1]).reshape(2, 1, 1)}
    (image,) = figures.heatmap(Trace(arrays, ("a", "b")), "c").axes[0].get_images()
    assert image.get_clim() == (-3, 3)


def test_another_sequence_is_not_labelled_with_the_tokens_of_the_first(trace):
    ax = figures.heatmap(trace, n=1).axes[0]
    assert np.array_equal(ax.get_images()[0].get_array(), trace.h[:, 1].T)
    assert [label.get_text() for label in ax.get_xticklabels()] == [str(t) for t in range(1, T + 1)]


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("array", ["h", "o"])
def test_unit_trace_shows_one_unit(trace, array, n):
    ax = figures.unit_trace(trace, 2, array, n).axes[0]
    (line,) = ax.get_lines()
    assert np.array_equal(line.get_ydata(), trace[array][:, n, 2])
    assert ax.get_title(loc="left") == "a run: unit 2"
    assert ax.get_ylabel() == array


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: figures.heatmap(t, "z"), KeyError, "no 'z' in this trace; it holds h, "),
        (lambda t: figures.heatmap(t, n=2), ValueError, r"n must lie in 0\.\.1, got 2"),
        (lambda t: figures.unit_trace(t, H), ValueError, r"unit must lie in 0\.\.3, got 4"),
        (lambda t: figures.unit_trace(t, -1), ValueError, r"unit must lie in 0\.\.3, got -1"),
        (lambda t: figures.unit_trace(t, 1.0), TypeError, "unit must be an integer, got float"),
    ],
)
def test_what_the_trace_does_not_hold_is_refused(trace, call, error, message):
    with pytest.raises(error, match=message):
        call(trace)


def test_long_and_undrawable_texts_are_drawn(recwarn):
    tokens = ("漢", "👩‍👩", "\u0301", "שלום", *(["word"] * 996))
    trace = Trace({"h": np.zeros((1000, 1, 1))}, tokens)
    ax = figures.heatmap(trace).axes[0]
    figures._png(ax.figure)  # a missing letter would warn, and in a lesson print to stderr
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert len(labels) <= 60
    assert labels[0] == "□"
    assert not recwarn.list
