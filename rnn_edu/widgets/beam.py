"""The beam: every candidate of a beam search as a tree, ranked step by step."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import traitlets

from .base import TimeFigure, in_range, pack, script, style

STATUSES = ("kept", "pruned", "finished")
ROWS, CHIPS = 14, 3  # at most so many candidates are drawn at a step, and finished ones listed


class BeamNode(NamedTuple):
    """One candidate: a token after what its ancestors spell."""

    parent: int  # index among the nodes, -1 at the start
    token: str
    log_prob: float  # of the token, given all before it
    status: str  # "kept" goes on, "pruned" was dropped, "finished" is a whole output


class Beam(TimeFigure):
    """A beam search: at each step all candidates compete, and the best go on.

    nodes: the candidates as `BeamNode` or tuples of four, parents before their children.
    alpha: hypotheses are ranked by the sum of their log-probabilities over length ** alpha.
    Its state is t and node, the chosen candidate (-1: none): Python can read and set them.
    best and greedy are the paths, as indices: the finished one that ranks first (if none is
    finished, the first of those that go on); and the likeliest token each time, as far as kept.
    Raises ValueError naming the node.
    Source: Lowerre (1976), "The Harpy speech recognition system"; alpha: Wu et al. (2016),
    "Google's neural machine translation system", equation 14, there of (5 + length) / 6.
    """

    _esm = script("beam.js")
    _css = style("beam.css")

    node = traitlets.Int(-1).tag(sync=True)

    parents = traitlets.List(traitlets.Int()).tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    statuses = traitlets.List(traitlets.Unicode()).tag(sync=True)
    log_probs = traitlets.Bytes().tag(sync=True)  # (nodes,) of the token
    sums = traitlets.Bytes().tag(sync=True)  # (nodes,) from the start
    scores = traitlets.Bytes().tag(sync=True)  # (nodes,) by which they rank
    greedy = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        nodes: Iterable[BeamNode | tuple[int, str, float, str]],
        *,
        alpha: float = 0.0,
        title: str = "beam search",
        **traits: Any,
    ) -> None:
        tree = [BeamNode(*node) for node in nodes]
        if not tree:
            raise ValueError("nodes must be at least 1, got none")
        if not 0 <= alpha < math.inf:
            raise ValueError(f"alpha must be 0 or above, got {alpha}")
        lengths: list[int] = []
        sums: list[float] = []
        for k, node in enumerate(tree):
            _check(k, node, tree)
            child = node.parent >= 0
            lengths.append(1 + (lengths[node.parent] if child else 0))
            sums.append(node.log_prob + (sums[node.parent] if child else 0.0))
        scores = [total / length**alpha for total, length in zip(sums, lengths, strict=True)]
        rows = min(ROWS + 1, max(Counter(lengths).values()))  # the last: how many more
        ended = min(CHIPS, sum(node.status == "finished" for node in tree))
        self.heights = 202 + 24 * rows, 340 + 24 * rows + 36 * ended
        self.best, greedy = _best(tree, lengths, scores), _greedy(tree)
        super().__init__(
            steps=max(lengths),
            parents=[node.parent for node in tree],
            tokens=[node.token for node in tree],
            statuses=[node.status for node in tree],
            log_probs=pack("log_prob", np.array([node.log_prob for node in tree])),
            sums=pack("log_prob", np.array(sums)),
            scores=pack("log_prob", np.array(scores)),
            greedy=greedy,
            title=title,
            words=_words(title, tree, sums, self.best, greedy),
            **traits,
        )

    @traitlets.validate("node")
    def _node_in_range(self, proposal: Any) -> int:
        k = proposal["value"]
        return k if k == -1 else in_range("node", k, len(self.tokens))


def _check(k: int, node: BeamNode, tree: list[BeamNode]) -> None:
    """Raises ValueError unless node k fits those before it."""
    if node.status not in STATUSES:
        raise ValueError(f"nodes[{k}].status must be one of {STATUSES}, got {node.status!r}")
    if not -math.inf < node.log_prob <= 1e-6:
        raise ValueError(f"nodes[{k}].log_prob must be finite, 0 or below, got {node.log_prob}")
    if not -1 <= node.parent < k:
        raise ValueError(f"nodes[{k}].parent must be -1 or a node before it, got {node.parent}")
    if node.parent >= 0 and (status := tree[node.parent].status) != "kept":
        raise ValueError(f"nodes[{k}].parent must be a kept node, got one that is {status}")


def _best(tree: list[BeamNode], lengths: list[int], scores: list[float]) -> list[int]:
    steps, status = max(lengths), [node.status for node in tree]
    ends = [k for k, s in enumerate(status) if s == "finished"]
    ends = ends or [k for k, s in enumerate(status) if s == "kept" and lengths[k] == steps]
    if not ends:
        return []
    path = [max(ends, key=scores.__getitem__)]
    while (parent := tree[path[-1]].parent) >= 0:
        path.append(parent)
    return path[::-1]


def _greedy(tree: list[BeamNode]) -> list[int]:
    likeliest: dict[int, int] = {}  # child of each node
    for k, node in enumerate(tree):
        rival = likeliest.setdefault(node.parent, k)
        if node.log_prob > tree[rival].log_prob:
            likeliest[node.parent] = k
    path = [likeliest[-1]]
    while path[-1] in likeliest:
        path.append(likeliest[path[-1]])
    return path


def _words(
    title: str, tree: list[BeamNode], sums: list[float], best: list[int], greedy: list[int]
) -> str:
    count = Counter(node.status for node in tree)
    fate = tree[greedy[-1]].status
    fate = f"is dropped at t = {len(greedy) - 1}" if fate == "pruned" else f"is {fate}"
    lines = [f"{title}: {len(tree)} candidates, " + ", ".join(f"{count[s]} {s}" for s in STATUSES)]
    for name, path, end in (("best", best, ""), ("greedy", greedy, f", {fate}")):
        if path:
            spelled = " ".join(repr(tree[k].token) for k in path)
            lines.append(f"{name}: {spelled} {sums[path[-1]]:z.2f}{end}")
    return "\n".join(lines)
