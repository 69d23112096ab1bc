"""Hidden checks of A4: a reader of names, a writer, and the writer as a reader."""

from types import SimpleNamespace

import numpy as np

from rnn_edu import RNNCell
from rnn_edu.grading import Case, Limits
from rnn_edu.ops import log_softmax, softmax
from rnn_edu.topologies import Network

LIMITS = Limits(cell_seconds=3, total_seconds=15)  # a right answer takes milliseconds
LETTERS = ".abcdefghijklmnopqrstuvwxyz"


def classify(rng):
    for lengths, label in (
        ([7, 2, 5, 3], "names of several lengths"),
        ([1, 4, 1, 6], "names of one letter among others"),
        ([5], "one name alone"),
    ):
        network = _network(rng, 4, 5, 3)
        x, lengths = rng.normal(size=(7, len(lengths), 4)), np.array(lengths)
        yield Case("classify", (x, lengths, *_weights(network)), network(x, lengths), label)


def confusion(rng):
    for K, N, label in ((4, 40, ""), (6, 3, "more languages than names")):
        labels, answers = rng.integers(1, K - 1, N), rng.integers(0, K - 1, N)
        right = [[np.sum((labels == i) & (answers == j)) for j in range(K)] for i in range(K)]
        yield Case("confusion", (labels, answers, K), np.array(right), label)


def pairs(rng):
    for lengths, label in (
        ([3, 8, 1, 5], "names of several lengths"),
        ([6, 6], "names of one length"),
        ([4], "one name alone"),
    ):
        names = ["".join(rng.choice(list(LETTERS[1:]), k)) for k in lengths]
        dotted = [[0, *map(LETTERS.index, name), 0] for name in names]
        rows = [d + [0] * (max(lengths) + 2 - len(d)) for d in dotted]
        mask = [[t <= k for k in lengths] for t in range(max(lengths) + 1)]
        tokens = np.array(rows).T
        yield Case("pairs", (names,), (tokens[:-1], tokens[1:], np.array(mask)), label)


def temperature(rng):
    for t, scale, label in ((0.4, 1, "cold"), (2.5, 1, "warm"), (0.5, 900, "large logits")):
        logits = scale * rng.normal(size=(5, 7))
        yield Case("temperature", (logits, t), softmax(logits / t), label)


def sample(rng):
    probs = softmax(2 * rng.normal(size=(60, 6)))
    probs[::2, 0] = 0
    probs /= probs.sum(axis=1, keepdims=True)
    tokens = np.array([rng.choice(6, p=p) for p in probs])
    below = np.array([p[:k].sum() for p, k in zip(probs, tokens, strict=True)])
    u = below + rng.uniform(0.1, 0.9, 60) * probs[np.arange(60), tokens]
    yield Case("sample", (probs, u), tokens)


def write(rng):
    course = SimpleNamespace(write=_write)
    for N, longest, dot, label in (
        (40, 9, 1.5, "names that end at different steps"),
        (1, 9, 1.5, "one name alone"),
        (5, 4, -30, "names cut at the longest"),
        (3, 9, 30, "names that end before their first letter"),
    ):
        weights = [rng.normal(size=shape) for shape in ((27, 6), (6, 6), (6, 27))]
        h0, u = rng.normal(size=(N, 6)), rng.random((2 * longest, N))
        args = (h0, *weights, dot, u, longest)
        yield Case(names_of, args, _same_names(names_of(course, *args)), label)


def names_of(student, h0, W_xh, W_hh, W_hy, dot, u, longest):
    import numpy as np

    rows = iter(u)

    def step(tokens, h):
        h = np.tanh(W_xh[tokens] + h @ W_hh)
        return h @ W_hy + dot * np.eye(27)[0], h

    def draw(logits):
        shares = np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1)
        return (shares > shares[:, -1:] * next(rows)[:, None]).argmax(axis=1)

    return [str(name) for name in student.write(step, h0, draw, longest)]


def name_log_p(rng):
    for lengths, scale, label in (
        ([3, 7, 1, 5], 1, "names of several lengths"),
        ([6], 1, "one name alone"),
        ([2, 6], 900, "large logits"),
    ):
        N, network = len(lengths), _network(rng, 9, 5, 9, scale)
        fed, asked = rng.integers(0, 9, (2, 8, N))
        mask, h0 = np.arange(8)[:, None] <= lengths, rng.normal(scale=0.5, size=(N, 5))
        log_p = log_softmax(network(np.eye(9)[fed], read="every", state=(h0,)))
        at_asked = np.take_along_axis(log_p, asked[..., None], axis=-1)[..., 0]
        args = (fed, asked, mask, h0, *_weights(network))
        yield Case("name_log_p", args, (at_asked * mask).sum(axis=0), label)


def whose(rng):
    for shift, label in (
        (np.zeros((4, 1)), ""),
        (np.full((4, 1), -3000), "minute shares"),
        (np.array([[-5], [-3000], [-8], [-9000]]), "shares that are minute for some languages"),
        (np.array([0, -9000, -50, 0, -3000, 0]), "shares that are minute for some names"),
    ):
        log_p, prior = shift - rng.gamma(3, size=(4, 6)), rng.dirichlet(np.full(4, 2.0))
        joint = log_p + np.log(prior)[:, None]
        log_p_name = np.logaddexp.reduce(joint, axis=0)
        right = np.exp(joint - log_p_name), log_p_name
        yield Case("whose", (log_p, np.log(prior)), right, label, rtol=1e-5)


def _network(rng, D, H, K, scale=1):
    shapes = (D, H), (H, H), (H,), (H, K), (K,)
    *of_cell, W_hy, b_y = (rng.normal(scale=0.6, size=shape) for shape in shapes)
    return Network(RNNCell(*of_cell), scale * W_hy, b_y)


def _weights(network):
    cell = network.cell
    return cell.W_xh, cell.W_hh, cell.b_h, network.W_hy, network.b_y


def _same_names(right):
    def judge(names):
        if len(names) != len(right):
            return f"{len(names)} names came back where {len(right)} are asked for"
        pairs_of_names = enumerate(zip(names, right, strict=True))
        wrong = [(n, got, wanted) for n, (got, wanted) in pairs_of_names if got != wanted]
        return "name {} is {!r}, right is {!r}".format(*wrong[0]) if wrong else ""

    return judge


def _write(step, state, draw, longest):
    tokens, drawn = np.zeros(len(state), int), []
    for _ in range(longest):
        logits, state = step(tokens, state)
        tokens = draw(logits)
        drawn.append(tokens)
    spelled = ["".join(LETTERS[token] for token in column) for column in np.array(drawn).T]
    return [name.partition(".")[0] for name in spelled]
