"""The alignment: what each target token read of the source, as lines and as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from .base import TimeFigure, first_largest, in_range, pack, script, style

MOST = 200  # tokens on a side: beyond, neither lines nor rows can be told apart


class Alignment(TimeFigure):
    """Attention weights: step through the targets, or choose a source and see who reads it.

    weights: (T_out, T_in), each row sums to 1; or (L, T_out, T_in) for L heads or layers.
    sources: T_in strings. targets: T_out strings. heads: names of the L heads.
    Its state is t, head and source (-1: none chosen): Python can read and set them.
    Raises ValueError naming the argument.
    Source: Bahdanau, Cho and Bengio (2015), "Neural machine translation by jointly learning to
    align and translate", figure 3.
    """

    _esm = script("alignment.js")
    _css = style("alignment.css")

    source = traitlets.Int(-1).tag(sync=True)
    head = traitlets.Int().tag(sync=True)

    weights = traitlets.Bytes().tag(sync=True)  # (L, T_out, T_in)
    sources = traitlets.List(traitlets.Unicode()).tag(sync=True)
    targets = traitlets.List(traitlets.Unicode()).tag(sync=True)
    heads = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        weights: np.ndarray,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        heads: Sequence[str] | None = None,
        title: str = "alignment",
        **traits: Any,
    ) -> None:
        weights = _check_weights(weights, len(sources), len(targets))
        if heads is None:
            heads = [str(k) for k in range(len(weights))]
        if len(heads) != len(weights):
            raise ValueError(f"heads must be {len(weights)} names, got {len(heads)}")
        rows = max(weights.shape[1:])
        row = min(24, max(12, 600 // rows))
        self.heights = 225 + rows * row, 374 + (rows + len(targets)) * row
        super().__init__(
            steps=len(targets),
            weights=pack("weights", weights),
            sources=list(sources),
            targets=list(targets),
            heads=list(heads),
            title=title,
            words=_words(title, weights, sources, targets, heads),
            **traits,
        )

    @traitlets.validate("source")
    def _source_in_range(self, proposal: Any) -> int:
        if proposal["value"] == -1:
            return -1
        return in_range("source", proposal["value"], len(self.sources))

    @traitlets.validate("head")
    def _head_in_range(self, proposal: Any) -> int:
        return in_range("head", proposal["value"], len(self.heads))


def _check_weights(weights: np.ndarray, T_in: int, T_out: int) -> np.ndarray:
    """The weights as (L, T_out, T_in)."""
    weights = np.asarray(weights, float)
    for name, size in (("sources", T_in), ("targets", T_out)):
        if not 1 <= size <= MOST:
            raise ValueError(f"{name} must be 1 to {MOST} tokens, got {size}")
    if weights.ndim not in (2, 3) or weights.shape[-2:] != (T_out, T_in) or not weights.size:
        raise ValueError(
            f"weights must be ({T_out}, {T_in}) or (L, {T_out}, {T_in}), got {weights.shape}"
        )
    if not (weights >= 0).all():
        raise ValueError(f"weights must be 0 or above, got {weights.min():.3g}")
    sums = weights.sum(axis=-1)
    worst = first_largest(np.abs(sums - 1))
    if abs(sums[worst] - 1) > 1e-3:
        raise ValueError(f"weights must sum to 1 in each row, got {sums[worst]:.3f} in row {worst}")
    return weights.reshape(-1, T_out, T_in)


def _words(
    title: str,
    weights: np.ndarray,
    sources: Sequence[str],
    targets: Sequence[str],
    heads: Sequence[str],
) -> str:
    lines = [f"{title}: {len(targets)} targets read {len(sources)} sources"]
    for head, rows in zip(heads, weights, strict=True):
        most = [
            f"{target!r} reads {sources[first_largest(row)[0]]!r} {row.max():.2f}"
            for target, row in zip(targets, rows, strict=True)
        ]
        name = f"head {head}: " if len(heads) > 1 else ""
        more = f" and {len(most) - 40} more" if len(most) > 40 else ""
        lines.append(name + ", ".join(most[:40]) + more)
    return "\n".join(lines)
