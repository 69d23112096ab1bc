"""A4 and A5: the loss over the positions that count, and its gradient."""

from __future__ import annotations

import numpy as np

from ...ops import Array
from .masks import lengths_of
from .recipe import ONE_SEQUENCE, Arguments, Mistake, Recipe

LOSS = "loss = -sum_{t,n} mask[t, n] log p[t, n, target] / sum mask"
GRADIENT = "dlogits = mask * (softmax(logits) - one_hot(targets)) / sum mask"


def masked_loss(logits: Array, targets: Array, mask: Array) -> tuple[float, Array]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    at_target = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    weight = mask / mask.sum()
    loss = -(at_target * weight).sum()
    dlogits = np.exp(log_p) - np.eye(logits.shape[-1])[targets]
    return loss, dlogits * weight[..., None]


def padded(rng: np.random.Generator, drawn: Arguments) -> Arguments:
    """Targets, and a mask of sequences of several lengths."""
    T, N, V = drawn["logits"].shape
    targets = rng.integers(0, V, (T, N))
    mask = np.arange(T)[:, None] < lengths_of(rng, T, N)
    return {**drawn, "targets": targets, "mask": mask}


MASKED_LOSS = Recipe(
    solve=masked_loss,
    sizes={"T": 6, "N": 4, "V": 5},
    arguments={"logits": "T N V", "targets": "T N", "mask": "T N"},
    outputs={"loss": "", "dlogits": "T N V"},
    equations=f"{LOSS}\n{GRADIENT}",
    prepare=padded,
    cases={"sequences of several lengths": {}, ONE_SEQUENCE: {"N": 1}},
    mistakes=(
        Mistake(
            "no_mask",
            "mask / mask.sum()",
            "np.full(mask.shape, 1 / mask.size)",
            "An argument has no effect on your answer: the mask.",
            "Padding is scored as if somebody had written it.",
            LOSS,
        ),
        Mistake(
            "mean_over_all_places",
            "/ mask.sum()",
            "/ mask.size",
            "Loss and gradient are too small by the same factor.",
            "Padding adds nothing, but it is counted: look at what you divide by.",
            LOSS,
        ),
        Mistake(
            "gradient_not_masked",
            "return loss, dlogits * weight[..., None]",
            "return loss, dlogits / mask.sum()",
            "The loss is right, but padding gets a gradient.",
            "What did the mask do to the loss? Do the same to dlogits.",
            GRADIENT,
        ),
        Mistake(
            "loss_not_masked",
            "loss = -(at_target * weight).sum()",
            "loss = -at_target.mean()",
            "The gradient is right, but the loss counts the padding.",
            "Look at the mean of the loss: over which places does it run?",
            LOSS,
        ),
        Mistake(
            "mask_inverted",
            "mask / mask.sum()",
            "~mask / (~mask).sum()",
            "Your loss is that of the padding.",
            "True marks the positions that count.",
            LOSS,
        ),
        Mistake(
            "sign",
            "loss = -",
            "loss = ",
            "Your loss is negative.",
            "A log probability is never positive; a loss is never negative.",
            LOSS,
        ),
        Mistake(
            "sum",
            "mask / mask.sum()",
            "mask * 1.0",
            "Loss and gradient are too large by the same factor.",
            "A mean is asked for: divide by the number of positions that count.",
            LOSS,
        ),
        Mistake(
            "mean_per_sequence",
            "mask / mask.sum()",
            "mask / mask.sum(axis=0) / mask.shape[1]",
            "A token of a short sequence weighs more than one of a long sequence.",
            "You take a mean of means; one mean over all positions is asked for.",
            LOSS,
        ),
        Mistake(
            "mean_per_step",
            "mask / mask.sum()",
            "mask / np.maximum(mask.sum(axis=1, keepdims=True), 1) / mask.any(axis=1).sum()",
            "A token at a step where few sequences are left weighs more than the others.",
            "You take a mean of means; one mean over all positions is asked for.",
            LOSS,
        ),
        Mistake(
            "divided_by_steps",
            "/ mask.sum()",
            "/ mask.shape[0]",
            "Loss and gradient are off by the same factor.",
            "You divide by the number of steps: how many positions count?",
            LOSS,
        ),
        Mistake(
            "divided_by_sequences",
            "/ mask.sum()",
            "/ mask.shape[1]",
            "Loss and gradient are off by the same factor.",
            "You divide by the number of sequences: how many positions count?",
            LOSS,
        ),
        Mistake(
            "no_one_hot",
            " - np.eye(logits.shape[-1])[targets]",
            "",
            "Your gradient does not know the targets.",
            "Each row of dlogits must add up to 0.",
            GRADIENT,
        ),
        Mistake(
            "gradient_sign",
            "dlogits = np.exp(log_p) - np.eye(logits.shape[-1])[targets]",
            "dlogits = np.eye(logits.shape[-1])[targets] - np.exp(log_p)",
            "Your gradient points the wrong way.",
            "Going against the gradient must make the target likelier.",
            GRADIENT,
        ),
        Mistake(
            "gradient_not_divided",
            "dlogits * weight[..., None]",
            "dlogits * mask[..., None]",
            "The loss is right, the gradient is too large by a constant factor.",
            "The loss is a mean: what becomes of its divisor?",
            GRADIENT,
        ),
        Mistake(
            "softmax_over_time",
            "logits.max(axis=-1, keepdims=True)\n"
            "    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
            "logits.max(axis=0, keepdims=True)\n"
            "    log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))",
            "Your probabilities add up to 1 along the wrong axis.",
            "Which axis holds the classes?",
            "p[t, n, k] = exp(logits[t, n, k]) / sum_j exp(logits[t, n, j])",
        ),
        Mistake(
            "bits",
            "loss = -(at_target * weight).sum()",
            "loss = -(at_target * weight).sum() / np.log(2)",
            "Your loss is in bits; the gradient and the exercise are in nats.",
            "Which logarithm do you take?",
            LOSS,
        ),
        Mistake(
            "probability_not_log",
            "-(at_target * weight)",
            "-(np.exp(at_target) * weight)",
            "The gradient is right, but the loss lacks its logarithm.",
            "What is averaged: the probability of the target, or something of it?",
            LOSS,
        ),
    ),
)

RECIPES = (MASKED_LOSS,)
