"""Wrong answers to A5: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

BOTH, MEAN, MAX, LOSS = {"both_ends"}, {"mean_over_words"}, {"max_over_words"}, {"masked_loss"}
ATTEND, TEST = {"attend"}, {"changed_by"}
STATES = "h[lengths - 1, np.arange(len(lengths))]"
SHARES = "weights = weights / weights.sum(axis=0)"
UNMASKED = "weights = np.exp(scores - scores.max(axis=0))\n    "
SOFTMAX = f"scores = np.where(inside, scores, -np.inf)\n    {UNMASKED}{SHARES}"
AFTER = "weights = inside * np.exp(scores - scores.max(axis=0))\n    "
MASKED = "np.where(inside[..., None], h, "

WRONG = [
    ("as published", "both_ends", f"{STATES}, g[0]", "h[-1], g[-1]", BOTH),
    ("g at the last word too", "both_ends", "g[0]", f"g{STATES[1:]}", BOTH),
    ("h still in the last row", "both_ends", STATES, "h[-1]", BOTH),
    ("one row too far", "both_ends", "lengths - 1", "np.minimum(lengths, len(h) - 1)", BOTH),
    ("g first", "both_ends", f"{STATES}, g[0]", f"g[0], {STATES}", BOTH),
    ("sorted lengths", "mean_over_words", "/ lengths", "/ -np.sort(-lengths)", MEAN),
    ("divided by the rows", "mean_over_words", "/ lengths[:, None]", "/ len(h)", MEAN),
    ("counts on zeros", "mean_over_words", f"{MASKED}0)", "h", MEAN),
    ("one word too many", "mean_over_words", "< lengths", "<= lengths", MEAN),
    ("reversed: the middle one is right", "witness", "1, 3, 2", "1, 2, 3", {"witness"}),
    ("sorted", "witness", "1, 3, 2", "3, 2, 1", {"witness"}),
    ("no text that short", "witness", "1, 3, 2", "0, 2, 1", {"witness"}),
    ("as published", "max_over_words", f"{MASKED}-np.inf)", "h", MAX),
    ("zeros behind the ends", "max_over_words", "-np.inf", "0", MAX),
    ("the second version", "max_over_words", f"{MASKED}-np.inf)", "np.where(h, h, -1e9)", MAX),
    ("all that is 0", "max_over_words", "inside[..., None]", "inside[..., None] & (h != 0)", MAX),
    ("as published", "masked_loss", "mask / mask.sum()", "mask / mask.size", LOSS),
    ("the gradient not divided", "masked_loss", "chosen) * weight", "chosen) * mask", LOSS),
    ("a mean for each text", "masked_loss", "/ mask.sum()", "/ mask.sum(0) / len(mask.T)", LOSS),
    ("overflows", "masked_loss", "logits - logits.max(axis=-1, keepdims=True)", "logits", LOSS),
    ("as published", "attend", "np.where(inside, scores, -np.inf)", "scores", ATTEND),
    ("a score of 0 behind the ends", "attend", "-np.inf", "0", ATTEND),
    ("a score that is not low enough", "attend", "-np.inf", "-1000", ATTEND),
    ("adds up to less than 1", "attend", SOFTMAX, f"{UNMASKED}{SHARES} * inside", ATTEND),
    ("shifted by the largest of all", "attend", SOFTMAX, f"{AFTER}{SHARES}", ATTEND),
    ("overflows", "attend", "scores - scores.max(axis=0)", "scores", ATTEND),
    ("softmax over the texts", "attend", "scores.max(axis=0)", "scores.max(axis=1)", ATTEND),
    ("compared to the last bit", "changed_by", "> 1e-6", "> 0", TEST),
    ("zeros written over zeros", "changed_by", "x + np.random", "0 * np.random", TEST),
    ("no more rows", "changed_by", "x[:3]", "x[:0]", TEST),
    ("alone and cut", "changed_by", "x[:, n : n + 1]", "x[: lengths[n], n : n + 1]", TEST),
    ("the first text alone", "changed_by", ".max() > 1e-6", "[0].max() > 1e-6", TEST),
    ("two changes at once", "changed_by", "[x, np.zeros", "[garbage, np.zeros", TEST),
]
