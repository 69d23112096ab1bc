"""Counting: what followed every short string, mixed into one opinion. The baseline for text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from .ops import Array, State, check_integers, check_size, check_tokens, check_type

Context = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class NGram:
    """p_m(v | context) = (c_v + k p_{m-1}(v)) / (c + k), from m = 0 up to n-1 tokens of context.

    c_v: how often v followed the last m tokens, c: how often anything did, k: how many different
    tokens did. The new is as likely as it has been so far, and is left to the next shorter
    context; below them all stands 1/V.
    Source: Witten and Bell, IEEE Transactions on Information Theory 37 (1991), method C; mixed
    like this in Chen and Goodman (1998).

    n: tokens together, the one that is guessed among them. V: how many kinds of tokens there are.
    followers: for each context of fewer than n tokens, how often each token came after it.
    """

    n: int
    V: int
    followers: dict[Context, Counter[int]]

    @classmethod
    def count(cls, tokens: Array, n: int, V: int) -> Self:
        """Read a text once.

        tokens: (T,) integers in 0..V-1. n: at least 1.
        Raises TypeError or ValueError naming the argument.
        """
        check_size("n", n)
        check_size("V", V)
        text = _as_list(tokens, V)
        followers: dict[Context, Counter[int]] = {}
        for m in range(n):
            for t in range(m, len(text)):
                followers.setdefault(tuple(text[t - m : t]), Counter())[text[t]] += 1
        return cls(n, V, followers)

    def probabilities(self, context: Sequence[int]) -> Array:
        """What comes next: (V,), summing to 1, none of them 0. context: all tokens so far."""
        p = np.full(self.V, 1 / self.V)
        for seen in self._known(context):
            k = len(seen)
            p *= k
            p[list(seen)] += list(seen.values())
            p /= seen.total() + k
        return p

    def score(self, tokens: Array) -> Array:
        """The log-probability of each token but the first, given all before it.

        tokens: (T,) integers in 0..V-1, T at least 2. Returns (T-1,), in nats.
        """
        text = _as_list(tokens, self.V)
        if len(text) < 2:
            raise ValueError(f"tokens must be at least 2, got {len(text)}")
        scores = np.empty(len(text) - 1)
        for t in range(1, len(text)):
            p, token = 1 / self.V, text[t]
            for seen in self._known(text[max(0, t - self.n + 1) : t]):
                p = (seen[token] + len(seen) * p) / (seen.total() + len(seen))
            scores[t - 1] = p
        return np.log(scores)

    def bits(self, tokens: Array) -> float:
        """The mean of -log2 p(token | all before it). tokens: (T,), T at least 2."""
        return float(-self.score(tokens).mean() / np.log(2))

    def zero_state(self, N: int) -> State:
        """For `step`: the n-1 last tokens of N texts that have none yet, each -1."""
        check_size("N", N)
        return (np.full((N, self.n - 1), -1),)

    def step(self, tokens: Array, state: State) -> tuple[Array, State]:
        """A `decode.Step`: with it the table of counts writes text as a network does.

        tokens: (N,) integers in 0..V-1. state: the n-1 tokens before them, (N, n-1).
        Returns (logits, state), logits: (N, V), log-probabilities.
        """
        tokens = check_tokens("tokens", tokens, ("N",), self.V)
        check_type("state", state, tuple)
        if len(state) != 1:
            raise ValueError(f"state must be 1 array, got {len(state)}")
        before = check_integers("state", state[0], self.V, (len(tokens), self.n - 1), least=-1)
        recent = np.column_stack([before, tokens])[:, 1:] if self.n > 1 else before
        logits = [np.log(self.probabilities(row[row >= 0].tolist())) for row in recent]
        return np.stack(logits), (recent,)

    def _known(self, context: Sequence[int]) -> Iterator[Counter[int]]:
        """What followed its last 0, 1, 2, ... tokens, as far as they were ever seen."""
        for m in range(min(self.n, len(context) + 1)):
            seen = self.followers.get(tuple(context[len(context) - m :]))
            if seen is None:
                return
            yield seen


def _as_list(tokens: Array, V: int) -> list[int]:
    return check_tokens("tokens", tokens, ("T",), V).tolist()
