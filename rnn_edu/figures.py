"""Figures with words: each says in text what it shows, and looks the same in every lesson."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython import get_ipython
from IPython.display import publish_display_data
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ticker import MaxNLocator

from .trace import Trace

# The colours of the widgets: blue-orange around zero, purple from zero; zero is the background.
H_CMAP = LinearSegmentedColormap.from_list(
    "signed", ["#0f4c8f", "#79b0de", "#ffffff", "#f5ad66", "#a8430a"]
)
GATE_CMAP = LinearSegmentedColormap.from_list("positive", ["#ffffff", "#b5a3de", "#43267f"])
_GATES = ("i", "f", "o", "r", "z")

# Okabe and Ito (2008), "Color Universal Design": those of contrast 3 or more on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")

_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",  # opaque, so that it reads on a dark page too
    "figure.figsize": (7, 3.5),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=PALETTE),
    "image.interpolation": "nearest",
    "legend.frameon": False,
}

_MAX_LABELS = 60  # tokens that fit under an axis
_VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "→"})


def style() -> None:
    """Give all figures made from here on the look of the course. For a lesson's first cell."""
    plt.rcParams.update(_STYLE)


def show(fig: Figure, alt: str) -> None:
    """Display a figure as a picture and as words, and close it.

    alt: what a reader who cannot see the figure should know: its message, not its parts.
    `describe(fig)` follows it in the text/plain output, which is what the tests compare.
    Outside Jupyter it prints the words. Raises TypeError if fig is no Figure or alt no string,
    ValueError if alt is empty.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"fig must be a matplotlib Figure, got {type(fig).__name__}")
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a string, got {type(alt).__name__}")
    if not alt.strip():
        raise ValueError(f"alt must say in words what the figure shows, got {alt!r}")
    words = f"{alt}\n{describe(fig)}"
    if get_ipython() is None:
        print(words)
    else:
        picture = base64.b64encode(_png(fig)).decode("ascii")
        publish_display_data(
            {"image/png": picture, "text/plain": words}, metadata={"image/png": {"alt": alt}}
        )
    plt.close(fig)


def _png(fig: Figure) -> bytes:
    """The same bytes for the same figure: no date and no version of matplotlib inside."""
    out = io.BytesIO()
    fig.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def describe(fig: Figure) -> str:
    """What a figure shows, panel by panel, as rounded numbers.

    Titles and axis labels; of each line and scatter its label, number of points and five y
    values from first to last; of each image its size, least, mean and largest value and five
    from first to last; of each set of bars up to twelve lengths. Two decimals; three digits on
    a logarithmic axis.
    """
    panels = [ax for ax in fig.axes if ax.get_label() != "<colorbar>"]
    lines = [fig.get_suptitle()] if fig.get_suptitle() else []
    for number, ax in enumerate(panels, start=1):
        names = (ax.get_title(loc=where) for where in ("left", "center", "right"))
        title = " ".join(name for name in names if name)
        lines.append(f"panel {number}: {title}; x: {ax.get_xlabel()}; y: {ax.get_ylabel()}")
        lines.extend(f"  {content}" for content in _contents(ax))
    return "\n".join(lines)


def _contents(ax: Axes) -> Iterator[str]:
    digits = ".2e" if ax.get_yscale() == "log" else ".2f"
    for line in ax.get_lines():
        y = np.asarray(line.get_ydata(orig=False), float)
        yield f"line{_label(line)}, {len(y)} points: {_few(y, 5, digits)}"
    for points in ax.collections:
        if isinstance(points, PathCollection):
            y = np.asarray(points.get_offsets(), float)[:, 1]
            yield f"scatter{_label(points)}, {len(y)} points: {_few(y, 5, digits)}"
    for image in ax.get_images():
        a: np.ndarray = np.ma.asarray(image.get_array())
        yield f"image {' x '.join(map(str, a.shape))}: {_extent(a)}"
    for bars in ax.containers:
        if isinstance(bars, BarContainer):
            lengths = np.asarray(bars.datavalues, float)
            yield f"bars{_label(bars)}, {len(lengths)}: {_few(lengths, 12, digits)}"


def _extent(a: np.ndarray) -> str:
    shown = np.ma.masked_invalid(a).compressed().astype(float)
    if not shown.size:
        return "no values"
    extent = f"min {shown.min():.2f}, mean {shown.mean():.2f}, max {shown.max():.2f}"
    return f"{extent}; {_few(shown, 5, '.2f')}"


def _label(artist: object) -> str:
    label = artist.get_label()  # type: ignore[attr-defined]
    return "" if label.startswith("_") else f" {label!r}"  # "_child0": nobody named it


def _few(values: np.ndarray, n: int, digits: str) -> str:
    """At most n of the values, evenly spaced from the first to the last."""
    at = np.linspace(0, len(values) - 1, min(n, len(values))).round().astype(int)
    return ", ".join(f"{v:{digits}}" for v in values[at])


def heatmap(trace: Trace, array: str = "h", n: int = 0) -> Figure:
    """All units of one recorded array over the text: a row per unit, a column per token.

    array: a name that the trace holds. States and candidates have diverging colours from -1 to 1
    (to a larger whole number if a cell state needs it), gates sequential ones from 0 to 1.
    n: which sequence of the batch. Its tokens are known for n = 0; others get step numbers.
    Raises KeyError for an array that the trace does not hold, ValueError for n out of range.
    """
    a = _sequence(trace, array, n)  # (T, H)
    T, H = a.shape
    limit = np.ceil(max(1.0, np.abs(a).max()))
    cmap, vmin, vmax = (GATE_CMAP, 0.0, 1.0) if array in _GATES else (H_CMAP, -limit, limit)
    with matplotlib.rc_context(_STYLE):
        fig = Figure(figsize=(np.clip(1.5 + 0.25 * T, 4, 10), np.clip(1.2 + 0.12 * H, 2, 6)))
        ax = fig.subplots()
        image = ax.imshow(a.T, cmap=cmap, vmin=vmin, vmax=vmax, aspect="auto")
        fig.colorbar(image, label=array)
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(title=f"{trace.title}: {array}", ylabel="unit")
        _token_axis(ax, trace, n)
    return fig


def unit_trace(trace: Trace, unit: int, array: str = "h", n: int = 0) -> Figure:
    """One unit over the text: its value after each token.

    unit: 0..H-1. array, n: as for `heatmap`.
    Raises KeyError for an array that the trace does not hold, ValueError for unit or n out of
    range.
    """
    a = _sequence(trace, array, n)  # (T, H)
    T, H = a.shape
    _check_index("unit", unit, H)
    limit = np.ceil(max(1.0, np.abs(a[:, unit]).max()))
    with matplotlib.rc_context(_STYLE):
        fig = Figure(figsize=(np.clip(1.5 + 0.25 * T, 4, 10), 2.5))
        ax = fig.subplots()
        ax.plot(a[:, unit], marker="o", markersize=4, label=f"unit {unit}")
        ax.grid(axis="y", alpha=0.3)
        ax.set_ylim(-0.05 if array in _GATES else -1.05 * limit, 1.05 * limit)
        ax.set(title=f"{trace.title}: unit {unit}", ylabel=array)
        _token_axis(ax, trace, n)
    return fig


def _sequence(trace: Trace, array: str, n: int) -> np.ndarray:
    a = trace[array]  # (T, N, H)
    _check_index("n", n, a.shape[1])
    return a[:, n]


def _check_index(name: str, index: int, size: int) -> None:
    if not isinstance(index, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {type(index).__name__}")
    if not 0 <= index < size:
        raise ValueError(f"{name} must lie in 0..{size - 1}, got {index}")


def _token_axis(ax: Axes, trace: Trace, n: int) -> None:
    """Label the time axis with the tokens, as many of them as fit."""
    T = len(trace.tokens)
    tokens: Sequence[str] = trace.tokens if n == 0 else [str(t) for t in range(1, T + 1)]
    at = range(0, T, -(-T // _MAX_LABELS))
    labels = [_printable(tokens[t]) for t in at]
    upright = max(map(len, labels)) <= 2
    ax.set_xticks(list(at), labels, parse_math=False, rotation=0 if upright else 90)
    ax.set_xlabel("token" if n == 0 else "step")


def _printable(token: str) -> str:
    """White space made visible, and a box for each character that the font cannot draw."""
    font = get_font(fontManager.findfont(FontProperties(family=_STYLE["font.family"])))
    return "".join(c if font.get_char_index(ord(c)) else "□" for c in token.translate(_VISIBLE))
