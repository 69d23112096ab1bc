"""Wrong answers to A4: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

READ, COUNT, PAIRS, WARM, DRAW = {"classify"}, {"confusion"}, {"pairs"}, {"temperature"}, {"sample"}
WRITE, PRICE, TURN = {"write"}, {"name_log_p"}, {"whose"}
ADD = "np.add.at(counts, (labels, answers), 1)"

WRONG = [
    ("the last row", "classify", "last @", "h @", READ),
    ("one letter too early", "classify", "lengths == t", "lengths == t + 1", READ),
    ("no bias in the readout", "classify", " + b_y", "", READ),
    ("no recurrence", "classify", " + h @ W_hh", "", READ),
    ("each pair once", "confusion", ADD, "counts[labels, answers] += 1", COUNT),
    ("rows and columns swapped", "confusion", "labels, answers", "answers, labels", COUNT),
    ("as many as occur", "confusion", "(K, K)", "(max(labels) + 1, max(labels) + 1)", COUNT),
    ("the end does not count", "pairs", "<= lengths", "< lengths", PAIRS),
    ("all places count", "pairs", "<= lengths", "<= T", PAIRS),
    ("asked for what it is fed", "pairs", "tokens[1:]", "tokens[:-1]", PAIRS),
    ("no room for the last dot", "pairs", " + 1\n", "\n", PAIRS),
    ("a is 0", "pairs", "LETTERS.index(letter)", "LETTERS.index(letter) - 1", PAIRS),
    ("multiplied", "temperature", "logits / t", "logits * t", WARM),
    ("overflows", "temperature", "y - y.max(axis=1, keepdims=True)", "y", WARM),
    (
        "divides the shares",
        "temperature",
        "    return weights / ",
        "    return weights / t / ",
        WARM,
    ),
    ("the likeliest", "sample", "(probs.cumsum(axis=1) > u[:, None])", "probs", DRAW),
    ("no running sum", "sample", "probs.cumsum(axis=1)", "probs", DRAW),
    ("one u for all", "sample", "u[:, None]", "u[0]", DRAW),
    ("goes on after the dot", "write", "over | (tokens == 0)", "tokens == 0", WRITE),
    ("stops with the first", "write", "over.all()", "over.any()", WRITE),
    ("always fed the dot", "write", "step(tokens, state)", "step(0 * tokens, state)", WRITE),
    ("forgets its state", "write", "logits, state = step", "logits, _ = step", WRITE),
    ("one letter too many", "write", "range(longest)", "range(longest + 1)", WRITE),
    ("keeps the dots", "write", "if done", "if done and name[-1:] == '.'", WRITE),
    ("the end is not charged", "name_log_p", "where(mask_t", "where(mask_t & (asked_t > 0)", PRICE),
    ("padding is charged", "name_log_p", "np.where(mask_t, log_p, 0)", "log_p", PRICE),
    ("from zero", "name_log_p", "h0, np", "0 * h0, np", PRICE),
    ("a mean", "name_log_p", "return total", "return total / mask.sum(axis=0)", PRICE),
    ("not normalised", "name_log_p", " - log_sum", "", PRICE),
    ("overflows", "name_log_p", "logits.max(axis=1)", "0 * logits.max(axis=1)", PRICE),
    ("no prior", "whose", " + log_prior[:, None]", "", TURN),
    ("leaves the logarithms", "whose", "joint.max(axis=0)", "0 * joint.max(axis=0)", TURN),
    ("one largest for all", "whose", "joint.max(axis=0)", "joint.max()", TURN),
    ("adds up over the names", "whose", "- top).sum(axis=0)", "- top).sum(axis=1)", TURN),
    (
        "p(name) without its scale",
        "whose",
        "- log_p_name), log_p",
        "- log_p_name), -top + log_p",
        TURN,
    ),
]
