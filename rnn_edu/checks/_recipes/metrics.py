"""A4 and A5: how good it is, over the positions that count."""

from __future__ import annotations

import numpy as np

from ...ops import Array, log_softmax
from .masks import lengths_of
from .recipe import Arguments, Mistake, Recipe

PADDED = "sequences of several lengths"
ACCURACY = "the number of positions with mask and argmax_k logits = target, divided by sum mask"
PERPLEXITY = "exp(-sum_{t,n} mask[t, n] log_p[t, n] / sum mask)"


def masked_accuracy(logits: Array, targets: Array, mask: Array) -> float:
    hits = logits.argmax(axis=-1) == targets
    return (hits & mask).sum() / mask.sum()


def often_right(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Targets that the logits meet in about half of the places, in padding less often."""
    logits = drawn["logits"]
    T, N, K = logits.shape
    mask = np.arange(T)[:, None] < rng.integers(2, T, N)
    right = rng.random((T, N)) < np.where(mask, 0.6, 0.2)
    targets = np.where(right, logits.argmax(axis=-1), rng.integers(0, K, (T, N)))
    return {"logits": logits, "targets": targets, "mask": mask}


MASKED_ACCURACY = Recipe(
    solve=masked_accuracy,
    sizes={"T": 7, "N": 11, "K": 4},
    arguments={"logits": "T N K", "targets": "T N", "mask": "T N"},
    outputs={"accuracy": ""},
    equations=ACCURACY,
    prepare=often_right,
    cases={PADDED: {}, "other sequences": {"N": 13}, "longer sequences": {"T": 17}},
    mistakes=(
        Mistake(
            "no_mask",
            "(hits & mask).sum() / mask.sum()",
            "hits.mean()",
            "An argument has no effect on your answer: the mask.",
            "Padding is marked as if somebody had answered it.",
            ACCURACY,
        ),
        Mistake(
            "mean_over_all_places",
            "/ mask.sum()",
            "/ mask.size",
            "Your accuracy can never reach 1.",
            "Padding is never a hit, but it is counted: look at what you divide by.",
            ACCURACY,
        ),
        Mistake(
            "padding_hits",
            "(hits & mask)",
            "hits",
            "Your accuracy can be above 1.",
            "Hits in the padding are counted, its places are not.",
            ACCURACY,
        ),
        Mistake(
            "padding_is_right",
            "(hits & mask).sum() / mask.sum()",
            "(hits | ~mask).mean()",
            "All padding counts as right.",
            "Padding is to be left out of both the hits and the count.",
            ACCURACY,
        ),
        Mistake(
            "mask_inverted",
            "(hits & mask).sum() / mask.sum()",
            "(hits & ~mask).sum() / (~mask).sum()",
            "Your accuracy is that of the padding.",
            "True marks the positions that count.",
            ACCURACY,
        ),
        Mistake(
            "errors",
            "== targets",
            "!= targets",
            "You return the share of errors.",
            "Look at what counts as a hit.",
            ACCURACY,
        ),
        Mistake(
            "least_likely",
            "logits.argmax",
            "logits.argmin",
            "You compare the targets with the unlikeliest class.",
            "Look at how a class is chosen from the logits.",
            ACCURACY,
        ),
        Mistake(
            "mean_per_sequence",
            "(hits & mask).sum() / mask.sum()",
            "((hits & mask).sum(axis=0) / mask.sum(axis=0)).mean()",
            "A token of a short sequence weighs more than one of a long sequence.",
            "You take a mean of means; one mean over all positions is asked for.",
            ACCURACY,
        ),
        Mistake(
            "whole_sequences",
            "(hits & mask).sum() / mask.sum()",
            "(hits | ~mask).all(axis=0).mean()",
            "You count the sequences that are right from end to end.",
            "Single positions are asked for.",
            ACCURACY,
        ),
        Mistake(
            "percent",
            "    return ",
            "    return 100 * ",
            "Your accuracy is in percent.",
            "A share between 0 and 1 is asked for.",
            ACCURACY,
        ),
        Mistake(
            "count",
            " / mask.sum()",
            "",
            "You return a number of hits.",
            "A share between 0 and 1 is asked for.",
            ACCURACY,
        ),
        Mistake(
            "last_step_alone",
            "(hits & mask).sum() / mask.sum()",
            "hits[mask.sum(axis=0) - 1, np.arange(mask.shape[1])].mean()",
            "You look at the last token of each sequence alone.",
            "All positions count where the mask is True.",
            ACCURACY,
        ),
    ),
)


def perplexity(log_p: Array, mask: Array) -> float:
    return np.exp(-(log_p * mask).sum() / mask.sum())


def scored(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """log p of what came, one token for each position."""
    T, N = drawn["log_p"].shape
    log_p = log_softmax(2 * rng.normal(size=(T, N, 5)))[..., 0]
    return {"log_p": log_p, "mask": np.arange(T)[:, None] < lengths_of(rng, T, N)}


PERPLEXITY_RECIPE = Recipe(
    solve=perplexity,
    sizes={"T": 6, "N": 4},
    arguments={"log_p": "T N", "mask": "T N"},
    outputs={"perplexity": ""},
    equations=PERPLEXITY,
    prepare=scored,
    cases={PADDED: {}, "other sequences": {"T": 7}, "one sequence (N = 1)": {"N": 1}},
    mistakes=(
        Mistake(
            "sign",
            "-(log_p",
            "(log_p",
            "Your perplexity is below 1.",
            "The model that knows everything has perplexity 1; all others have more.",
            PERPLEXITY,
        ),
        Mistake(
            "no_exponential",
            "np.exp(-(log_p * mask).sum() / mask.sum())",
            "-(log_p * mask).sum() / mask.sum()",
            "You return a loss in nats.",
            "What takes a mean of logarithms back to a number of choices?",
            PERPLEXITY,
        ),
        Mistake(
            "base_two",
            "np.exp(",
            "np.exp2(",
            "Your base does not fit the logarithm.",
            "log_p is in nats.",
            PERPLEXITY,
        ),
        Mistake(
            "mean_of_inverses",
            "np.exp(-(log_p * mask).sum() / mask.sum())",
            "(np.exp(-log_p) * mask).sum() / mask.sum()",
            "You average 1 / p: one unlikely token decides all.",
            "Which comes first, the mean or the exponential?",
            PERPLEXITY,
        ),
        Mistake(
            "no_mask",
            "(log_p * mask).sum() / mask.sum()",
            "log_p.mean()",
            "An argument has no effect on your answer: the mask.",
            "Padding is scored as if somebody had written it.",
            PERPLEXITY,
        ),
        Mistake(
            "mean_over_all_places",
            "/ mask.sum()",
            "/ mask.size",
            "Your perplexity is too good: the more padding, the better.",
            "Padding adds nothing, but it is counted: look at what you divide by.",
            PERPLEXITY,
        ),
        Mistake(
            "padding_in_sum",
            "(log_p * mask)",
            "log_p",
            "Your perplexity is too bad: the more padding, the worse.",
            "Padding is not counted, but it is added: look at the sum.",
            PERPLEXITY,
        ),
        Mistake(
            "sum",
            " / mask.sum()",
            "",
            "Your perplexity grows with the length of the text.",
            "It is an average per token.",
            PERPLEXITY,
        ),
        Mistake(
            "mean_per_sequence",
            "np.exp(-(log_p * mask).sum() / mask.sum())",
            "np.exp(-(log_p * mask).sum(axis=0) / mask.sum(axis=0)).mean()",
            "You average the perplexities of the sequences.",
            "One mean of logarithms over all tokens is asked for; the exponential comes last.",
            PERPLEXITY,
        ),
        Mistake(
            "mean_of_probabilities",
            "np.exp(-(log_p * mask).sum() / mask.sum())",
            "mask.sum() / (np.exp(log_p) * mask).sum()",
            "You average probabilities instead of their logarithms.",
            "Which comes first, the mean or the exponential?",
            PERPLEXITY,
        ),
        Mistake(
            "mask_inverted",
            "(log_p * mask).sum() / mask.sum()",
            "(log_p * ~mask).sum() / (~mask).sum()",
            "Your perplexity is that of the padding.",
            "True marks the positions that count.",
            PERPLEXITY,
        ),
    ),
)

RECIPES = (MASKED_ACCURACY, PERPLEXITY_RECIPE)
