"""Hidden checks of A7: attention forwards and backwards, steered, diagnosed and forged."""

import numpy as np

from rnn_edu.attention import Attention
from rnn_edu.grading import Case, Limits

LIMITS = Limits(cell_seconds=5, total_seconds=30)  # a right answer takes milliseconds


def attention(rng):
    for S, P, N, M, scale, label in (
        (4, 7, 3, 5, 1, ""),
        (1, 6, 2, 3, 1, "one state"),
        (3, 5, 1, 4, 1, "one sequence"),
        (3, 1, 2, 4, 1, "one place"),
        (3, 5, 2, 4, 40, "scores in the thousands"),
    ):
        query, memory, mask = _drawn(rng, S, P, N, M)
        query, memory = query * scale, memory * scale
        right = _looked(query, memory, mask)
        yield Case("attention", (query, memory, mask), right, label)


def step_back(rng):
    for k in (0, 1, 4, 6):
        wanted = {s: s - k for s in range(k, 12)}
        yield Case("step_back", (k,), _steered(12, wanted), f"k = {k}")


def mirror(rng):
    for P in (12, 7, 2, 1):
        wanted = {s: P - 1 - s for s in range(P)}
        yield Case("mirror", (P,), _steered(P, wanted), f"P = {P}")


def dquery(rng):
    for args, right, label in _gradients(rng):
        yield Case(first_gradient, args, right[0], label)


def dmemory(rng):
    for args, right, label in _gradients(rng):
        yield Case(second_gradient, args, right[1], label)


def first_gradient(student, *args):
    return student.attention_backward(*args)[0]


def second_gradient(student, *args):
    return student.attention_backward(*args)[1]


def diagnose(rng):
    yield from _suspects(
        rng,
        (0, "reads", "scores by product"),
        (1, "reads", "scores by product, with a loud question"),
        (2, "reads", "scores by a layer of tanh"),
        (3, "by place", "scores from the question alone"),
        (4, "by place", "the last place and nothing else"),
        (5, "blind", "right weights that nobody uses"),
        (6, "blind", "a context that is always zero"),
    )


def diagnose_mixed(rng):
    yield from _suspects(
        rng,
        (7, "mixes", "a softmax over the sequences"),
        (8, "mixes", "the memory of the first sequence for all"),
        (9, "mixes", "right contexts, weights averaged over the sequences"),
        (10, "mixes", "the memory of the last sequence for all"),
        (0, "reads", "scores by product"),
        (3, "by place", "scores from the question alone"),
        (5, "blind", "right weights that nobody uses"),
    )


def ask(student, number, query, memory):
    import numpy as np

    def softmax(score, axis=2):
        e = np.exp(score - score.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    def product(q, m):
        return np.einsum("snm,pnm->snp", q, m)

    def mean(w, m):
        return np.einsum("snp,pnm->snm", w, m)

    def with_weights(weights):
        return lambda q, m: (mean(weights(q, m), m), weights(q, m))

    def from_question(q, m):
        return softmax(q.sum(axis=2, keepdims=True) * np.linspace(-1, 1, len(m)))

    def last_place(q, m):
        return np.zeros((*q.shape[:2], len(m))) + (np.arange(len(m)) == len(m) - 1)

    def averaged(q, m):
        w = softmax(product(q, m))
        return mean(w, m), np.zeros_like(w) + w.mean(axis=1, keepdims=True)

    def memory_of(n):
        return lambda q, m: with_weights(lambda a, b: softmax(product(a, b)))(
            q, np.zeros_like(m) + m[:, n : n + 1 or None]
        )

    looks = (
        with_weights(lambda q, m: softmax(product(q, m))),
        with_weights(lambda q, m: softmax(2 * product(q, m))),
        with_weights(
            lambda q, m: softmax(np.tanh(q[:, :, None] + m.transpose(1, 0, 2)).sum(axis=3))
        ),
        with_weights(from_question),
        with_weights(last_place),
        lambda q, m: (np.tanh(q), softmax(product(q, m))),
        lambda q, m: (np.zeros_like(q), softmax(product(q, m))),
        with_weights(lambda q, m: softmax(product(q, m), axis=1)),
        memory_of(0),
        averaged,
        memory_of(-1),
    )
    return student.diagnose(looks[number], query, memory)


def forge(rng):
    for P, M, label in (
        (12, 3, ""),
        (6, 4, "one place more than is needed"),
        (20, 2, "many places"),
        (9, 1, "places on a line"),
    ):
        weights, memory = rng.dirichlet(np.ones(P)), rng.normal(size=(P, M))

        def judge(forged, weights=weights, memory=memory):
            P, M = memory.shape
            forged = np.asarray(forged)
            if forged.shape != (P,) or forged.dtype.kind not in "iuf":
                return f"forge must return {P} weights"
            if not np.isfinite(forged).all() or forged.min() < -1e-9:
                return "some weights are negative or not finite"
            if abs(forged.sum() - 1) > 1e-5:
                return f"the weights add up to {forged.sum():.4f}"
            if np.sum(forged > 1e-9) > M + 1:
                return f"{np.sum(forged > 1e-9)} weights are above zero, {M + 1} are allowed"
            if not np.allclose(forged @ memory, weights @ memory, atol=1e-5):
                return "the context is another one"
            return ""

        yield Case("forge", (weights, memory), judge, label)


def _drawn(rng, S, P, N, M):
    """Questions, a memory, and a mask that leaves the first places of each sequence."""
    lengths = rng.integers(1, P + 1, size=N)
    lengths[0] = P
    return rng.normal(size=(S, N, M)), rng.normal(size=(P, N, M)), np.arange(P)[:, None] < lengths


def _looked(query, memory, mask):
    M = query.shape[2]
    cache = Attention(np.eye(M), np.zeros((2 * M, M))).forward(query, memory, mask)[1]
    return cache.read[:, :, :M], cache.weights


def _steered(P, wanted):
    angle = 2 * np.pi / 24 * np.arange(P)
    hands = np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, None]

    def judge(W_a):
        W_a = np.asarray(W_a)
        if W_a.shape != (2, 2) or W_a.dtype.kind not in "iuf":
            return "a matrix of shape (2, 2) is asked for"
        if not np.isfinite(W_a).all():
            return "some of its numbers are not finite"
        weights = _looked(hands @ W_a, hands, np.ones((P, 1), bool))[1][:, 0]
        for s, place in wanted.items():
            if not weights[s, place] >= 0.95:
                return f"state {s} gives place {place} a weight of {weights[s, place]:.2f}"
        return ""

    return judge


def _gradients(rng):
    for S, P, N, M, label in (
        (4, 6, 3, 5, ""),
        (1, 5, 2, 3, "one state"),
        (3, 4, 1, 2, "one sequence"),
    ):
        query, memory, mask = _drawn(rng, S, P, N, M)
        weights = _looked(query, memory, mask)[1]
        dcontext = rng.normal(size=query.shape)
        gap = memory[None] - np.einsum("snp,pnm->snm", weights, memory)[:, None]  # (S, P, N, M)
        dscore = weights * np.einsum("spnm,snm->snp", gap, dcontext)
        right = (
            np.einsum("snp,pnm->snm", dscore, memory),
            np.einsum("snp,snm->pnm", weights, dcontext) + np.einsum("snp,snm->pnm", dscore, query),
        )
        yield (dcontext, query, memory, weights), right, label


def _suspects(rng, *asked):
    for number, word, label in asked:
        query, memory, _ = _drawn(rng, 3, 5, 3, 4)

        def judge(answer, word=word):
            if not isinstance(answer, str):
                return "diagnose must return one of the four words"
            return "" if answer == word else f"it is {word!r}, you say {answer[:20]!r}"

        yield Case(ask, (number, query, memory), judge, label)
