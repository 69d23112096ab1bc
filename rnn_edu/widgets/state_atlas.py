"""The state atlas: where the states of a trained network lie, and what its units follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import traitlets

from ..trace import record
from .arrange import main_axes
from .base import first_largest, in_range, pack, script, style
from .counts import Count, correlations
from .letters import LettersFigure, halved, letters_network, one_hot_text, problem_with

LONGEST = 300


class StateAtlas(LettersFigure):
    """The states that texts leave in a network, run by the page: type one, and see it join them.

    view "paths": each text as a path in the two directions in which the states of all given texts
    vary most, its points coloured by a property. view "units": the units ordered by how closely
    they follow that property over the text (Pearson's r), one drawn against it; beside that r
    stands the one over all given texts.
    network: anything with a `cell` (RNNCell, GRUCell or LSTMCell) and a readout `W_hy` (H, K),
    `b_y` (K,), trained on one-hot letters; the page gets its weights rounded to float16.
    alphabet: its D letters in order. labels: its K classes. texts: a name for each, 1 to 300
    letters each; the first is shown. properties: a `Count` for each name. other: a second network
    of the same shapes, such as the untrained one, to be drawn beside. names: of the two networks.
    fixed_points: (P, H), states of the first network to be marked among the paths.
    Its state is text, t (how many letters are read, 0..len(text)), view, against (a property's
    name), unit, order ("correlation" or "index") and beside (whether the other is shown; its unit
    is the one of the same rank): Python can read and set them.
    Raises TypeError or ValueError naming the argument, TraitError for the state.
    """

    _esm = script("state_atlas.js")
    _css = style("paper.css", "state_atlas.css")
    heights = (770, 990)

    view = traitlets.Enum(("paths", "units"), "paths").tag(sync=True)
    against = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Int().tag(sync=True)
    order = traitlets.Enum(("correlation", "index"), "correlation").tag(sync=True)
    beside = traitlets.Bool().tag(sync=True)

    H = traitlets.Int().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    texts = traitlets.List().tag(sync=True)  # [name, text] of each
    counts = traitlets.List().tag(sync=True)  # [name, up, down, reset, leading] of each
    other = traitlets.Bytes().tag(sync=True)  # weights of the second network, if there is one
    axes = traitlets.Bytes().tag(sync=True)  # for each network: mean and two directions, (3, H)
    shares = traitlets.List().tag(sync=True)  # for each network: of the variance, by direction
    points = traitlets.Bytes().tag(sync=True)  # (P, H)

    def __init__(
        self,
        network: Any,
        *,
        alphabet: str,
        labels: Sequence[str],
        texts: Mapping[str, str],
        properties: Mapping[str, Count],
        other: Any = None,
        names: Sequence[str] = ("trained", "untrained"),
        fixed_points: np.ndarray | None = None,
        title: str = "",
        **traits: Any,
    ) -> None:
        weights = letters_network(network, alphabet, labels)
        H = network.cell.H
        _check(texts, properties, names, fixed_points, alphabet, H)
        packed = [halved(weights["weights"])]
        if other is not None:
            second = letters_network(other, alphabet, labels)
            if any(second[name] != weights[name] for name in ("cell", "arrays")):
                raise ValueError(
                    f"other must be a {weights['cell']} with arrays of network's sizes"
                )
            packed.append(halved(second["weights"]))
        cells = [_rounded(net.cell) for net in (network, other) if net is not None]
        states = [_states(cell, texts.values(), alphabet) for cell in cells]
        axes, shares = [], []
        for h in states:
            mean, two, share = main_axes(h)
            axes.append([mean, *two])
            shares.append(share.tolist())
        names = list(names[: len(cells)])
        title = title or f"{weights['cell']} of {H} units: an atlas of its states"
        own = {"text": next(iter(texts.values())), "against": next(iter(properties))} | traits
        follows = _follows(states[0], texts, properties.get(own["against"], Count("")))
        super().__init__(
            longest=LONGEST,
            H=H,
            names=names,
            texts=[list(pair) for pair in texts.items()],
            counts=[[name, *count] for name, count in properties.items()],
            other=b"".join(packed[1:]),
            axes=pack("axes", np.array(axes)),
            shares=shares,
            points=b"" if fixed_points is None else pack("fixed_points", fixed_points),
            title=title,
            words="\n".join([title, *_words(names, states, shares, texts, properties)]),
            **weights | {"weights": packed[0], "t": len(own["text"]), "unit": follows[0]} | own,
        )

    @traitlets.validate("unit")
    def _unit_in_range(self, proposal: Any) -> int:
        return in_range("unit", proposal["value"], self.H)

    @traitlets.validate("against")
    def _against_known(self, proposal: Any) -> str:
        known = [name for name, *_ in self.counts]
        if proposal["value"] not in known:
            raise traitlets.TraitError(f"against must be one of {known}, got {proposal['value']!r}")
        return proposal["value"]

    @traitlets.validate("beside")
    def _beside_there(self, proposal: Any) -> bool:
        if proposal["value"] and not self.other:
            raise traitlets.TraitError("beside must be False without a second network, got True")
        return proposal["value"]


def _check(
    texts: Mapping[str, str],
    properties: Mapping[str, Count],
    names: Sequence[str],
    fixed_points: np.ndarray | None,
    alphabet: str,
    H: int,
) -> None:
    if not texts or not properties:
        raise ValueError(
            f"texts and properties must hold one at least, got {len(texts)} and {len(properties)}"
        )
    for name, text in texts.items():
        if problem := problem_with(text, alphabet, LONGEST):
            raise ValueError(f"texts[{name!r}]: {problem}")
        if not text:
            raise ValueError(f"texts[{name!r}] must hold a letter at least, got ''")
    for name, count in properties.items():
        if not isinstance(count, Count):
            raise TypeError(f"properties[{name!r}] must be a Count, got {type(count).__name__}")
    if len(names) != 2:
        raise ValueError(f"names must be 2, one per network, got {len(names)}")
    shape = np.shape(fixed_points)
    if fixed_points is not None and (len(shape) != 2 or shape[1] != H):
        raise ValueError(f"fixed_points must be (P, H={H}), got {shape}")


def _rounded(cell: Any) -> Any:
    """The cell as the page has it: float16 weights, calculated with in float64."""
    halves = {f.name: getattr(cell, f.name).astype("<f2") for f in fields(cell)}
    return type(cell)(**{name: a.astype(float) for name, a in halves.items()})


def _states(cell: Any, texts: Sequence[str], alphabet: str) -> np.ndarray:
    """(letters of all texts, H): each text read from zeros."""
    return np.concatenate([record(cell, one_hot_text(t, alphabet)).h[:, 0] for t in texts])


def _words(
    names: Sequence[str],
    states: Sequence[np.ndarray],
    shares: Sequence[Sequence[float]],
    texts: Mapping[str, str],
    properties: Mapping[str, Count],
) -> list[str]:
    """The directions' shares, and for each property the unit that follows it most closely."""
    lines = [
        f"{name}: {first:.2f} and {second:.2f} of the variance in two directions"
        for name, (first, second) in zip(names, shares, strict=True)
    ]
    letters = sum(map(len, texts.values()))
    for title, count in properties.items():
        best = [
            "{} unit {} r = {:z.2f}".format(name, *_follows(h, texts, count))
            for name, h in zip(names, states, strict=True)
        ]
        lines.append(f"{title} over {letters} letters: {', '.join(best)}")
    return lines


def _follows(h: np.ndarray, texts: Mapping[str, str], count: Count) -> tuple[int, float]:
    """The unit that follows a property most closely over all texts, and its r."""
    r = correlations(h, np.concatenate([count(text) for text in texts.values()]))
    unit = first_largest(np.abs(r))[0]
    return unit, r[unit]
