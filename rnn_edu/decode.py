"""From logits to text: rules that choose the next token, scores, and the search for the likeliest.

A model enters as a `Step`, a function that reads N tokens and answers with logits for the N next
ones. `as_step` makes one of a Network; a decoder with attention, or a table of counts, can be
another. A `Rule` changes logits, minus infinity where it cuts; rules are applied in the order
in which they are given, and what is left is a distribution again: `probabilities`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .ops import (
    LARGEST,
    Array,
    State,
    check_array,
    check_integers,
    check_number,
    check_rng,
    check_size,
    check_tokens,
    log_softmax,
    one_hot,
    softmax,
)

Step = Callable[[Array, State], tuple[Array, State]]  # (N,) tokens, state -> (N, V) logits, state
Rule = Callable[[Array], Array]  # (N, V) logits -> (N, V) logits, -inf where a token is cut
Choice = Callable[[Array], Array]  # (N, V) logits -> (N,) tokens


def as_step(network: Any) -> Step:
    """A `topologies.Network` that reads its own outputs, one-hot; its state is the cell's."""
    cell = network.cell

    def step(tokens: Array, state: State) -> tuple[Array, State]:
        tokens = check_tokens("tokens", tokens, ("N",), cell.D)
        state, _ = cell.step(one_hot(tokens, cell.D, cell.dtype), state)
        return state[0] @ network.W_hy + network.b_y, state

    return step


# --- rules --------------------------------------------------------------------------------------


def temperature(t: float) -> Rule:
    """Divide the logits by t: below 1 the likely gets likelier, above 1 all draw level.

    t: above 0; towards 0 it becomes `greedy`, at 1 nothing changes.
    Source: Ackley, Hinton and Sejnowski, Cognitive Science 9 (1985).
    """
    check_number("t", t)
    if not 0 < t < np.inf:
        raise ValueError(f"t must be finite and above 0 (for 0 there is greedy), got {t}")
    return lambda logits: logits / t


def top_k(k: int) -> Rule:
    """Keep the k likeliest tokens, of equals the first.

    Source: Fan, Lewis and Dauphin, ACL 2018.
    """
    check_size("k", k)
    return lambda logits: _keep(logits, _ranks(logits) < k)


def top_p(p: float) -> Rule:
    """Keep the likeliest tokens, as few as reach probability p together: the nucleus.

    p: in (0, 1]; at 1 nothing is cut. Source: Holtzman et al., ICLR 2020, section 3.1.
    """
    _check_share("p", p)

    def rule(logits: Array) -> Array:
        if p == 1:  # the sum below may reach 1 by rounding before the last token
            return logits
        probs, ranks = softmax(logits), _ranks(logits)
        falling = -np.sort(-probs, axis=-1)
        likelier = falling.cumsum(axis=-1) - falling  # what all before it have together
        return _keep(logits, np.take_along_axis(likelier, ranks, axis=-1) < p)

    return rule


def min_p(p: float) -> Rule:
    """Keep the tokens that are at least p times as likely as the likeliest.

    p: in (0, 1]. Source: Nguyen et al., "Turning up the heat" (2024).
    """
    _check_share("p", p)
    return lambda logits: _keep(logits, logits >= logits.max(axis=-1, keepdims=True) + np.log(p))


def probabilities(logits: Array, *rules: Rule) -> Array:
    """The distribution that the rules leave: (N, V), each row sums to 1, 0 where one cut.

    logits: (N, V). Without a rule it is the model's own.
    """
    logits = _check_logits(logits)
    for rule in rules:
        logits = rule(logits)
    return softmax(logits)


# --- choices ------------------------------------------------------------------------------------


def greedy(logits: Array) -> Array:
    """The likeliest token, of equals the first. logits: (N, V). Returns (N,)."""
    return _check_logits(logits).argmax(axis=-1)


def sample(rng: np.random.Generator, *rules: Rule) -> Choice:
    """Draw from what the rules leave: the first token at which the running sum passes u.

    u is one uniform number a row, so the same rng and the same logits give the same tokens.
    Returns a function of logits (N, V) to tokens (N,).
    """
    check_rng(rng)

    def choose(logits: Array) -> Array:
        sums = probabilities(logits, *rules).cumsum(axis=-1, dtype=np.float64)
        sums /= sums[:, -1:]
        return (sums > rng.random((len(sums), 1))).argmax(axis=-1)

    return choose


# --- walks --------------------------------------------------------------------------------------


def generate(
    step: Step, state: State, tokens: Array, S: int, choose: Choice, end: int | None = None
) -> Array:
    """Feed each token that was chosen back in, S times.

    state: where to start, a tuple of (N, ...). tokens: (N,) integers, read first and not part of
    the result. choose: `greedy` or a `sample`. end: the token after which a sequence is over.
    Returns (S, N) integers, `end` from each sequence's end on.
    """
    check_size("S", S)
    tokens = check_tokens("tokens", tokens, ("N",))
    _check_end(end)
    out = np.full((S, len(tokens)), -1 if end is None else end)
    over = np.zeros(len(tokens), bool)
    for s in range(S):
        logits, state = step(tokens, state)
        tokens = np.where(over, out[s], choose(logits))
        out[s] = tokens
        if end is not None:
            over = tokens == end
            if over.all():
                break
    return out


def score(step: Step, state: State, tokens: Array) -> tuple[Array, State]:
    """The log-probability of each token given all before it; their sum is that of the text.

    tokens: (T, N) integers, T at least 2; the first is read and not scored.
    Returns (log_probs, state), log_probs: (T-1, N) in nats. The last token is scored and not
    read, so `score(step, state, more)` or `generate(step, state, tokens[-1], ...)` goes on from
    it: however a text is cut (with one token shared), the sum stays.
    """
    tokens = check_tokens("tokens", tokens, ("T", "N"))
    if len(tokens) < 2:
        raise ValueError(f"tokens must be at least 2 steps, got {len(tokens)}")
    log_probs = []
    for now, after in pairwise(tokens):
        logits, state = step(now, state)
        log_p = log_softmax(_check_logits(logits).astype(np.float64))
        after = check_integers("tokens", after, log_p.shape[1])
        log_probs.append(log_p[np.arange(len(after)), after])
    return np.stack(log_probs), state


class Candidate(NamedTuple):
    """One continuation that beam search looked at: a node of its tree."""

    parent: int  # its index in the tree, -1 at the start
    token: int
    log_prob: float  # of the token, given all before it
    status: str  # "kept", "pruned" or "finished"


class Hypothesis(NamedTuple):
    """One text that beam search found."""

    tokens: tuple[int, ...]  # the end token included, where it came
    log_prob: float
    score: float  # log_prob / length ** alpha
    finished: bool  # whether it has come to its end


class Found(NamedTuple):
    """What beam search returns."""

    hypotheses: tuple[Hypothesis, ...]  # finished ones first, then by score
    tree: tuple[Candidate, ...]  # parents before their children


def beam_search(
    step: Step,
    state: State,
    token: int,
    width: int,
    S: int,
    end: int | None = None,
    alpha: float = 0.0,
) -> Found:
    """Keep the `width` likeliest beginnings at each step; with width 1 this is `greedy`.

    state: a tuple of arrays of shape (1, ...). token: read first. S: at most so many steps.
    end: the token that finishes a hypothesis, which then leaves the beam with its place.
    alpha: 0 ranks finished hypotheses by probability, which favours short ones; 1 by the mean
    over their length.
    Source: Lowerre (1976); for networks Sutskever, Vinyals and Le, NeurIPS 2014, section 3.2.
    """
    check_size("width", width)
    check_size("S", S)
    check_number("alpha", alpha)
    if not 0 <= alpha < np.inf:
        raise ValueError(f"alpha must be finite and at least 0, got {alpha}")
    tokens = check_integers("token", token, LARGEST, ())[None]
    _check_end(end)
    tree: list[Candidate] = []
    nodes, sums = np.array([-1]), np.zeros(1)  # of each live hypothesis: its last node, log_prob
    finished: list[int] = []
    for _ in range(S):
        logits, state = step(tokens, state)
        log_p = log_softmax(_check_logits(logits).astype(np.float64))
        rows, tokens = np.nonzero((_ranks(log_p) < width) & np.isfinite(log_p))
        gains = log_p[rows, tokens]
        totals = sums[rows] + gains
        best = np.argsort(-totals, kind="stable")[:width]
        over = tokens[best] == (-1 if end is None else end)
        status = np.full(len(tokens), "pruned", dtype="<U8")
        status[best] = np.where(over, "finished", "kept")
        finished.extend(len(tree) + best[over])
        best = best[~over]
        candidates = (a.tolist() for a in (nodes[rows], tokens, gains, status))
        nodes, sums, tokens = len(tree) + best, totals[best], tokens[best]
        tree.extend(map(Candidate, *candidates))
        state = tuple(s[rows[best]] for s in state)
        if not len(best):
            break
    found = [_hypothesis(tree, node, alpha, True) for node in finished]
    found += [_hypothesis(tree, node, alpha, False) for node in nodes]
    found.sort(key=lambda h: (not h.finished, -h.score))
    return Found(tuple(found), tuple(tree))


def _hypothesis(tree: list[Candidate], node: int, alpha: float, finished: bool) -> Hypothesis:
    path = []
    while node >= 0:
        path.append(tree[node])
        node = tree[node].parent
    log_prob = sum(c.log_prob for c in reversed(path))
    tokens = tuple(c.token for c in reversed(path))
    return Hypothesis(tokens, log_prob, log_prob / len(tokens) ** alpha, finished)


# --- checks and small parts ---------------------------------------------------------------------


def _ranks(logits: Array) -> Array:
    """0 for the largest of a row, 1 for the next, of equals the first: (N, V)."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    return np.argsort(order, axis=-1)


def _keep(logits: Array, where: Array) -> Array:
    return np.where(where, logits, -np.inf).astype(logits.dtype)


def _check_share(name: str, p: float) -> None:
    check_number(name, p)
    if not 0 < p <= 1:
        raise ValueError(f"{name} must lie in (0, 1], got {p}")


def _check_logits(logits: Any) -> Array:
    """Return logits (N, V), or say what is wrong; minus infinity is allowed, not everywhere."""
    logits = check_array("logits", logits, ("N", "V"), finite=False)
    if not np.isfinite(logits.max(axis=-1)).all():
        row = int(np.argmin(np.isfinite(logits.max(axis=-1))))
        raise ValueError(f"logits must have a finite largest value, got {logits[row].max()}")
    return logits


def _check_end(end: int | None) -> None:
    if end is not None:
        check_integers("end", end, LARGEST, ())
