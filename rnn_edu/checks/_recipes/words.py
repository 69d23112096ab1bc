"""Hints that several exercises share: (nudge, where, line)."""

from __future__ import annotations

NO_BIAS = (
    "An argument has no effect on your answer: the bias b_h.",
    "Count the terms of the sum that the activation is taken of: three enter it.",
)
NO_RECURRENCE = (
    "Your answer does not depend on the previous state: nothing is remembered.",
    "Look at the sum that the activation is taken of, and where W_hh enters it.",
)
OVERFLOW = (
    "For large numbers your softmax overflows: exp(1000) is infinite.",
    "Before the exponential: which number may be subtracted from a row without changing its "
    "softmax?",
    "softmax(y) = exp(y - max(y)) / sum(exp(y - max(y)))",
)
