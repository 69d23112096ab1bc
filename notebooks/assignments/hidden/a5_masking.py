"""Hidden checks of A5: padding must not be read, and a test that sees when it is."""

import numpy as np

from rnn_edu.grading import Case, Limits
from rnn_edu.losses import cross_entropy

LIMITS = Limits(cell_seconds=3, total_seconds=15)  # a right answer takes milliseconds

SEVERAL, ALONE, FULL = "texts of several lengths", "one text alone", "texts without padding"
MODELS = {  # what changes an answer: the contents of the padding, more rows of it, the company
    "right": (False, False, False),
    "right, with rounding": (False, False, False),
    "looks for the ends": (True, False, False),
    "one row too far": (True, True, False),
    "divided by the rows": (False, True, False),
    "maximum with zeros": (False, True, False),
    "lengths left sorted": (False, False, True),
    "centred over the words of the batch": (False, False, True),
    "centred over all places": (True, True, True),
}


def both_ends(rng):
    for h, lengths, label in _states(rng):
        g = rng.normal(size=h.shape)
        right = np.concatenate([h[lengths - 1, np.arange(len(lengths))], g[0]], axis=1)
        yield Case("both_ends", (h, g, lengths), right, label)


def mean_over_words(rng):
    for h, lengths, label in _states(rng):
        right = np.stack([h[:k, n].mean(axis=0) for n, k in enumerate(lengths)])
        yield Case("mean_over_words", (h, lengths), right, label)


def witness(rng):
    def judge(lengths):
        lengths = np.asarray(lengths)
        if lengths.shape != (3,) or lengths.dtype.kind not in "iu":
            return "witness returns three integers"
        if lengths.min() < 1 or lengths.max() > 9:
            return "the lengths must be from 1 to 9"
        right = np.flatnonzero(lengths == -np.sort(-lengths))
        return f"text {right[0]} is divided by its own length" if len(right) else ""

    yield Case("witness", (), judge)


def max_over_words(rng):
    for h, lengths, label in _states(rng):
        right = np.stack([h[:k, n].max(axis=0) for n, k in enumerate(lengths)])
        yield Case("max_over_words", (h, lengths), right, label)
    h, lengths = -np.abs(rng.normal(size=(6, 3, 4))), np.array([2, 6, 4])
    right = np.stack([h[:k, n].max(axis=0) for n, k in enumerate(lengths)])
    for n, k in enumerate(lengths):
        h[k:, n] = 0
    yield Case("max_over_words", (h.copy(), lengths), right, "negative states, zeros behind them")
    some = np.arange(4) == 1
    h[0] = np.where(some, 0, h[0])
    yield Case("max_over_words", (h, lengths), np.where(some, 0, right), "states that are 0")


def masked_loss(rng):
    for T, N, shift, label in (
        (7, 4, 0, SEVERAL),
        (7, 1, 0, ALONE),
        (5, 3, 0, FULL),
        (7, 4, 2000, "large logits"),
    ):
        lengths = np.full(N, T) if label == FULL else rng.permutation(np.arange(1, T))[:N]
        logits, targets = rng.normal(size=(T, N, 5)) + shift, rng.integers(0, 5, (T, N))
        args = (logits, targets, np.arange(T)[:, None] < lengths)
        yield Case("masked_loss", args, cross_entropy(*args), label)


def attend(rng):
    for memory, lengths, label in _states(rng):
        scores = rng.normal(size=memory.shape[:2])
        behind = np.arange(len(scores))[:, None] >= lengths
        for shift, rest, more in (
            (0, 0, ""),
            (5000, 0, ", large scores"),
            (-5000, 0, ", scores far below zero"),
            (0, 5000, ", large scores behind the ends"),
        ):
            given = scores + np.where(behind, rest, shift)
            right = _attended(given, memory, lengths)
            yield Case("attend", (given, memory, lengths), right, label + more)


def changed_by(rng):
    lengths = np.array([2, 6, 4, 3])
    for kind, right in MODELS.items():
        x = rng.normal(size=(6, 4, 3)) * (np.arange(6)[:, None, None] < lengths[:, None])
        W_xh, W_hh = rng.normal(scale=0.7, size=(3, 5)), rng.normal(scale=0.4, size=(5, 5))
        args = (kind, x, lengths, W_xh, W_hh)
        yield Case(question, args, right, f"the model: {kind}")


def question(student, kind, x, lengths, W_xh, W_hh):
    import numpy as np

    def model(x, lengths):
        T, N, _ = x.shape
        inside = (np.arange(T)[:, None] < lengths)[..., None]
        if kind == "centred over the words of the batch":
            x = x - (x * inside).sum(axis=(0, 1)) / lengths.sum()
        if kind == "centred over all places":
            x = x - x.mean(axis=(0, 1))
        bias = np.array([-9.0, 0.5, 0.3, -0.2, 0.1])  # the first unit is below zero at all words
        h, states = np.zeros((N, len(W_hh))), []
        for x_t in x:
            h = np.tanh(x_t @ W_xh + h @ W_hh + bias)
            states.append(h)
        h = np.array(states)
        if kind == "looks for the ends":
            lengths = T - (x[::-1] != 0).any(axis=2).argmax(axis=0)
        if kind == "one row too far":
            return h[np.minimum(lengths, T - 1), np.arange(N)]
        if kind == "divided by the rows":
            return (h * inside).sum(axis=0) / T
        if kind == "maximum with zeros":
            return (h * inside).max(axis=0)
        if kind == "lengths left sorted":
            return (h * inside).sum(axis=0) / -np.sort(-lengths)[:, None]
        noise = 1e-10 * N * T if kind == "right, with rounding" else 0
        return h[lengths - 1, np.arange(N)] + noise

    return tuple(bool(changed) for changed in student.changed_by(model, x, lengths))


def _states(rng, T=6, H=4):
    """States with large leftovers behind the ends, in batches that are ragged, single and full."""
    for lengths, label in (
        (np.array([2, 6, 3, 4]), SEVERAL),
        (rng.permutation([1, 2, 3, 5]), "texts of several lengths, of one word as well"),
        (np.array([6, 6, 6]), FULL),
        (np.array([3]), ALONE),
    ):
        h = rng.normal(size=(T, len(lengths), H))
        behind = np.arange(T)[:, None] >= lengths
        yield h + 9 * behind[..., None], lengths, label


def _attended(scores, memory, lengths):
    weights = np.zeros_like(scores)
    for n, k in enumerate(lengths):
        e = np.exp(scores[:k, n] - scores[:k, n].max())
        weights[:k, n] = e / e.sum()
    return np.einsum("pn,pnm->nm", weights, memory), weights
