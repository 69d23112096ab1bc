"""Wrong answers to A7: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

BOTH = {"dquery", "dmemory"}
WORDS = {"diagnose", "diagnose_mixed"}

WRONG = [
    ("no mask", "attention", "mask.T, score, -np.inf", "True, score, 0", {"attention"}),
    ("masked to zero", "attention", "-np.inf", "0", {"attention"}),
    (
        "softmax over the states",
        "attention",
        "weights.sum(axis=2",
        "weights.sum(axis=0",
        {"attention"},
    ),
    ("overflows", "attention", "score - score.max(axis=2, keepdims=True)", "score", {"attention"}),
    (
        "divided by sqrt(M)",
        "attention",
        "query, memory)",
        "query, memory) / query.shape[2] ** 0.5",
        {"attention"},
    ),
    (
        "weights first",
        "attention",
        'np.einsum("snp,pnm->snm", weights, memory), weights',
        'weights, np.einsum("snp,pnm->snm", weights, memory)',
        {"attention"},
    ),
    ("turns onward", "step_back", "[[c, -s], [s, c]]", "[[c, s], [-s, c]]", {"step_back"}),
    ("too soft", "step_back", "300 *", "30 *", {"step_back"}),
    ("one place too far", "step_back", "hands(k + 1)", "hands(k + 2)", {"step_back"}),
    ("turned, not mirrored", "mirror", "[[c, s], [s, -c]]", "[[c, -s], [s, c]]", {"mirror"}),
    ("mirrored at P", "mirror", "hands(P)", "hands(P + 1)", {"mirror"}),
    ("too soft", "mirror", "300 *", "50 *", {"mirror"}),
    (
        "softmax taken for a sigmoid",
        "attention_backward",
        "dweights - mean",
        "dweights * (1 - weights)",
        BOTH,
    ),
    ("softmax left out", "attention_backward", "weights * (dweights - mean)", "dweights", BOTH),
    ("paid for the mean alone", "attention_backward", "given + fitted", "given", {"dmemory"}),
    ("paid for the fit alone", "attention_backward", "given + fitted", "fitted", {"dmemory"}),
    (
        "the question is paid with the context",
        "attention_backward",
        'dquery = np.einsum("snp,pnm->snm", dscore',
        'dquery = np.einsum("snp,pnm->snm", weights',
        {"dquery"},
    ),
    ("always reads", "diagnose", "before, rng", "return 'reads'; before, rng", WORDS),
    (
        "changes the first sequence only",
        "diagnose",
        "range(memory.shape[1])",
        "[0]",
        {"diagnose_mixed"},
    ),
    (
        "changes all sequences at once",
        "diagnose",
        "changed[:, n] = rng.normal(size=changed[:, n]",
        "changed[:] = rng.normal(size=changed",
        WORDS,
    ),
    ("blind is by place", "diagnose", 'return "blind"', 'return "by place"', WORDS),
    (
        "mixed contexts only",
        "diagnose",
        "if moved[others].any()",
        "if not i and moved[others].any()",
        {"diagnose_mixed"},
    ),
    ("does not copy", "forge", "return forged", "return weights", {"forge"}),
    (
        "the largest alone",
        "forge",
        "forged = weights.copy()",
        "forged = weights * (weights >= np.sort(weights)[-2]); forged /= forged.sum()",
        {"forge"},
    ),
    (
        "the sum is forgotten",
        "forge",
        "np.column_stack([memory[left], np.ones(len(left))])",
        "np.column_stack([memory[left], np.zeros(len(left))])",
        {"forge"},
    ),
    ("one place too many", "forge", "memory.shape[1] + 1", "memory.shape[1] + 2", {"forge"}),
]
