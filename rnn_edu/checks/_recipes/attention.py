"""A7: look again at all that was read."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .recipe import ONE_SEQUENCE, Arguments, Mistake, Recipe
from .words import OVERFLOW

SCORE = "score[s, n, p] = query[s, n] . memory[p, n]\n-inf where mask[p, n] is False"
WEIGHTS = "weights[s, n] = softmax over p of score[s, n]"
CONTEXT = "context[s, n] = sum_p weights[s, n, p] memory[p, n]"
STATES = "several states and sequences"
LARGE = "large scores"
ONE_STATE = "one state (S = 1)"


def attention(query: Array, memory: Array, mask: Array) -> tuple[Array, Array]:
    score = np.einsum("snm,pnm->snp", query, memory)
    score = np.where(mask.T, score, -np.inf)
    weights = np.exp(score - score.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    context = np.einsum("snp,pnm->snm", weights, memory)
    return context, weights


def some_places(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """A mask that leaves some places in each sequence, other ones in each."""
    P, N = drawn["memory"].shape[:2]
    mask = (np.arange(P)[:, None] + 2 * np.arange(N)) % 5 < 3
    return {**drawn, "mask": mask}


ATTENTION = Recipe(
    solve=attention,
    sizes={"S": 4, "P": 6, "N": 3, "M": 5},
    arguments={"query": "S N M", "memory": "P N M", "mask": "P N"},
    outputs={"context": "S N M", "weights": "S N P"},
    equations=f"{SCORE}\n{WEIGHTS}\n{CONTEXT}",
    prepare=some_places,
    cases={STATES: {}, ONE_SEQUENCE: {"N": 1}, ONE_STATE: {"S": 1}, LARGE: {"scale": 200}},
    mistakes=(
        Mistake(
            "no_mask",
            "np.where(mask.T, score, -np.inf)",
            "score",
            "An argument has no effect on your answer: the mask.",
            "Places that are not there get attention.",
            SCORE,
        ),
        Mistake(
            "masked_to_zero",
            "-np.inf",
            "0",
            "Places that are not there still get attention.",
            "A score of 0 is not a weight of 0. Which score is?",
            SCORE,
        ),
        Mistake(
            "mask_inverted",
            "np.where(mask.T",
            "np.where(~mask.T",
            "You attend to the places that are not there.",
            "True marks the places that are there.",
            SCORE,
        ),
        Mistake(
            "masked_after_softmax",
            "np.where(mask.T, score, -np.inf)\n"
            "    weights = np.exp(score - score.max(axis=-1, keepdims=True))\n"
            "    weights = weights / weights.sum(axis=-1, keepdims=True)",
            "np.exp(score - score.max(axis=-1, keepdims=True))\n"
            "    weights = mask.T * score / score.sum(axis=-1, keepdims=True)",
            "Your weights do not add up to 1.",
            "You cut places after softmax has given them their share.",
            f"{SCORE}\n{WEIGHTS}",
        ),
        Mistake(
            "first_mask_for_all",
            "mask.T,",
            "mask[:, :1].T,",
            "All sequences are masked like the first.",
            "mask has one column for each sequence.",
            SCORE,
        ),
        Mistake(
            "softmax_over_states",
            "score.max(axis=-1, keepdims=True))\n"
            "    weights = weights / weights.sum(axis=-1, keepdims=True)",
            "score.max(axis=0, keepdims=True))\n"
            "    weights = weights / weights.sum(axis=0, keepdims=True)",
            "Your weights add up to 1 over the states; over the places they do not.",
            "Look at the axis of softmax: what is chosen among?",
            WEIGHTS,
        ),
        Mistake(
            "scaled",
            "memory)\n    score = np.where",
            "memory) / np.sqrt(memory.shape[-1])\n    score = np.where",
            "Your weights are too even.",
            "You divide the scores by sqrt(M), as Transformers do; here nothing is divided.",
            SCORE,
        ),
        Mistake(
            "no_softmax",
            "    weights = np.exp(score - score.max(axis=-1, keepdims=True))\n"
            "    weights = weights / weights.sum(axis=-1, keepdims=True)",
            "    weights = np.where(mask.T, score, 0)",
            "Your weights are raw scores: some are negative.",
            "Something turns scores into shares.",
            WEIGHTS,
        ),
        Mistake(
            "not_normalised",
            "    weights = weights / weights.sum(axis=-1, keepdims=True)\n",
            "",
            "Your weights do not add up to 1.",
            "What makes shares of positive numbers?",
            WEIGHTS,
        ),
        Mistake(
            "likeliest_alone",
            "weights / weights.sum(axis=-1, keepdims=True)",
            "(score == score.max(axis=-1, keepdims=True)) * 1.0",
            "Each state looks at one place alone.",
            "Attention is a mean, not a choice.",
            WEIGHTS,
        ),
        Mistake(
            "even",
            "np.exp(score - score.max(axis=-1, keepdims=True))",
            "np.isfinite(score) * np.ones_like(score)",
            "Each state looks at all places alike: the query has no effect.",
            "Look at where the scores enter the weights.",
            WEIGHTS,
        ),
        Mistake(
            "memory_of_the_first",
            '"snp,pnm->snm", weights, memory',
            '"snp,pm->snm", weights, memory[:, 0]',
            "With one sequence you are right; in a batch all read the first memory.",
            "Look at the mean: each sequence has its own places.",
            CONTEXT,
        ),
        Mistake(
            "query_normalised",
            'np.einsum("snm,pnm->snp", query, memory)',
            'np.einsum("snm,pnm->snp", query / np.linalg.norm(query, axis=2)[..., None], memory)',
            "The length of the query has no effect on your answer.",
            "The score is a plain product; nothing is divided by a norm.",
            SCORE,
        ),
        Mistake(
            "cosine",
            'np.einsum("snm,pnm->snp", query, memory)',
            'np.einsum("snm,pnm->snp", query, memory / np.linalg.norm(memory, axis=2)[..., None])',
            "The length of a place has no effect on its score.",
            "The score is a plain product; nothing is divided by a norm.",
            SCORE,
        ),
        Mistake(
            "context_summed",
            '"snp,pnm->snm", weights, memory',
            '"snp,pnm->snm", mask.T * np.ones_like(weights), memory',
            "Your context is the sum of all places; the weights are right and not used.",
            "Look at what you multiply the places with.",
            CONTEXT,
        ),
        Mistake("overflow", "score - score.max(axis=-1, keepdims=True)", "score", *OVERFLOW),
    ),
)

RECIPES = (ATTENTION,)
