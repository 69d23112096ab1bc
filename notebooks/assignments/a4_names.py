# %% [markdown]
# # A4: whose name is it, and what would they be called?
#
# Two networks read the same surnames. One learns to say which language a name is from; the other
# only ever learns to write names. Then you ask the writer the reader's question. Before you begin,
# write down what you expect: how much worse than the reader will it be?
#
# After it, you can
#
# - build a reader of names whose answer does not depend on who else is in the batch;
# - build a writer: what it is fed, what it is asked, how it begins, and how it knows when to stop;
# - turn a writer into a reader, with shares that are too small for a float;
# - say what each of the two can tell you that the other cannot.
#
# About 100 minutes, after lessons 11 and 12. 19 points: 16 are given by checks on inputs that
# nobody has seen before, 3 by a person who reads your words. The course's own cells and its `fit`
# do the training on these pages; your functions are graded with `numpy` alone.

# %% given:imports
import numpy as np

from rnn_edu import checks

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # token 0 is no letter: a name begins and ends with it

# %% [markdown]
# ## 1. A reader
#
# Surnames from four languages, and a network that is asked for the language after the last letter.
# Training takes a few seconds. In the figure it is asked after each letter of *kowalski*, which was
# not its task: at which letter would you have known?

# %%
import matplotlib.pyplot as plt

from rnn_edu import RNNCell
from rnn_edu.data import encode_names, load_names
from rnn_edu.ops import softmax
from rnn_edu.optim import Adam
from rnn_edu.topologies import Network
from rnn_edu.train import Minibatches, fit

data, languages = load_names(), ("Finnish", "Italian", "Polish", "Swedish")
K, numbers = len(languages), [data.languages.index(language) for language in languages]


def only_four(part):
    kept = np.flatnonzero(np.isin(part.labels, numbers))
    return [part.names[n] for n in kept], np.array([numbers.index(part.labels[n]) for n in kept])


(names, labels), (test_names, test_labels) = only_four(data.train), only_four(data.test)
x, lengths = encode_names(names)
rng = np.random.default_rng(0)
reader = Network.init(RNNCell.init(D=26, H=32, rng=rng), K, rng)
batches = Minibatches(x, labels, lengths, size=64, epochs=8)
reader, _ = fit(reader, batches, Adam(lr=0.005))
reader_weights = reader.cell.W_xh, reader.cell.W_hh, reader.cell.b_h, reader.W_hy, reader.b_y

# %%
after_each = softmax(reader(encode_names(["kowalski"])[0], read="every")[:, 0])
for k, language in enumerate(languages):
    plt.plot(range(1, 9), after_each[:, k], "o-", label=language)
plt.xticks(range(1, 9), "kowalski")
plt.ylabel("share")
plt.legend()
plt.show()

# %% [markdown]
# Build it from its numbers. The names of a batch differ in length, and behind a name's end there
# may be anything; each name is answered from the state after its own last letter.


# %% solution:classify
def classify(x, lengths, W_xh, W_hh, b_h, W_hy, b_y):
    """The reader: a loop over the letters, and one answer for each name, after its last letter.

    x: (T, N, D). lengths: (N,) integers from 1 to T. W_xh: (D, H). W_hh: (H, H). b_h: (H,).
    W_hy: (H, K). b_y: (K,). The first state is zero. Returns logits: (N, K).
    """
    ### BEGIN SOLUTION
    h = last = np.zeros((x.shape[1], len(b_h)))
    for t, x_t in enumerate(x, start=1):
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        last = np.where((lengths == t)[:, None], h, last)
    return last @ W_hy + b_y
    ### END SOLUTION


# %% test:classify
three, their_lengths = encode_names(["kowalski", "rossi", "virtanen"])
print("yours:\n", classify(three, their_lengths, *reader_weights).round(2))
print("target:\n", reader(three, their_lengths).round(2))

# %% hidden:classify:2
# Graded on other sizes and weights: names of several lengths with leftovers behind them, one name
# alone, names of one letter.

# %% [markdown]
# Where does it go wrong? Count: a row for each true language, a column for each answer. From the
# names that the network was trained on such a table flatters (for years PyTorch's own tutorial on
# this task drew it so); below it is drawn from others.


# %% solution:confusion
def confusion(labels, answers, K):
    """How often each language was taken for each.

    labels, answers: (N,) integers from 0 to K-1. Returns (K, K) counts: [i, j] of the names of
    language i that were answered j.
    """
    ### BEGIN SOLUTION
    counts = np.zeros((K, K), int)
    np.add.at(counts, (labels, answers), 1)
    return counts
    ### END SOLUTION


# %% test:confusion
print("yours: ", np.asarray(confusion(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 1]), 3)).tolist())
print("target: [[1, 2, 0], [0, 1, 0], [0, 0, 0]]")

# %% hidden:confusion:1
# Graded on other labels, with a language that nobody has and one that is never answered.

# %%
answers = reader(*encode_names(test_names)).argmax(axis=1)
print("right on names it has not seen:", np.mean(answers == test_labels).round(2))
print(confusion(test_labels, answers, K))

# %% [markdown]
# ## 2. A writer
#
# A writer is asked at every step what comes next, and is told what really came before it is asked
# again. Token 0, the dot, opens each name and closes it: that a name ends is something the writer
# has to learn like any letter. For *ada* it is fed `. a d a` and asked for `a d a .`


# %% solution:pairs
def pairs(names):
    """What a writer is fed, what it is asked, and which places count.

    names: N strings over a to z. Returns (fed, asked, mask), each (T, N), T the longest name's
    letters and one more: integer tokens (LETTERS.index), 0 behind the ends; mask True where
    something is asked, the closing dot included.
    """
    ### BEGIN SOLUTION
    T = max(len(name) for name in names) + 1
    tokens = np.zeros((T + 1, len(names)), int)
    for n, name in enumerate(names):
        tokens[1 : len(name) + 1, n] = [LETTERS.index(letter) for letter in name]
    lengths = np.array([len(name) for name in names])
    return tokens[:-1], tokens[1:], np.arange(T)[:, None] <= lengths
    ### END SOLUTION


# %% test:pairs
target = (
    "[[0, 1, 4, 1], [0, 2, 0, 0]]",
    "[[1, 4, 1, 0], [2, 0, 0, 0]]",
    "[[1, 1, 1, 1], [1, 1, 0, 0]]",
)
for part, mine, right in zip(("fed", "asked", "mask"), pairs(["ada", "b"]), target, strict=True):
    print(f"{part:6}yours:  {np.asarray(mine).astype(int).T.tolist()}\n      target: {right}")

# %% hidden:pairs:2
# Graded on other names, one alone, and names of one length.

# %% [markdown]
# The writer is one network for all four languages. What it is to write enters through a single
# door: the state from which it starts, one row of H numbers for each language, learned with the
# rest. (A few seconds, and your `pairs` prepares the data.)

# %%
from dataclasses import dataclass

from rnn_edu.losses import cross_entropy


@dataclass(frozen=True, eq=False)
class Writer:
    network: Network
    first: np.ndarray  # (K, H): the state in which a name of each language begins


def loss_and_grads(writer, n):
    fed, asked, mask = pairs([names[i] for i in n])
    logits, cache = writer.network.forward(
        np.eye(27)[fed], read="every", state=(writer.first[labels[n]],)
    )
    loss, dlogits = cross_entropy(logits, asked, mask)
    grads, _, (dfirst_n,) = writer.network.backward_to_inputs(dlogits, cache)
    dfirst = np.zeros_like(writer.first)
    np.add.at(dfirst, labels[n], dfirst_n)
    return loss, Writer(grads, dfirst)


rng = np.random.default_rng(0)
network = Network.init(RNNCell.init(D=27, H=64, rng=rng), 27, rng)
batches = [
    n for _ in range(8) for n in np.array_split(rng.permutation(len(names)), len(names) // 64)
]
writer, history = fit(
    Writer(network, rng.normal(scale=0.5, size=(K, 64))), batches, Adam(lr=0.005), loss_and_grads
)
network = writer.network
cell = network.cell
writer_weights = cell.W_xh, cell.W_hh, cell.b_h, network.W_hy, network.b_y
plt.plot([part.mean() for part in np.array_split(history.loss, 40)])
plt.axhline(np.log(27), color="0.6", ls="--", label="guessing among 27")
plt.ylabel("loss in nats a letter")
plt.xlabel("fortieth of the training")
plt.legend()
plt.show()

# %% [markdown]
# Two small tools of lesson 12, now yours. The temperature divides the logits before they become
# shares; a draw takes the first token at which the running sum of the shares passes u.


# %% solution:temperature
def temperature(logits, t):
    """Shares at temperature t. logits: (N, V). t: a number above 0. Returns (N, V)."""
    ### BEGIN SOLUTION
    y = logits / t
    weights = np.exp(y - y.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% test:temperature
checks.check("temperature", temperature)

# %% hidden:temperature:1
# Graded on cold and warm temperatures, with large logits.


# %% solution:sample
def sample(probs, u):
    """One draw a row. probs: (N, V), rows that add up to 1. u: (N,) from 0 to 1. Returns (N,)."""
    ### BEGIN SOLUTION
    return (probs.cumsum(axis=1) > u[:, None]).argmax(axis=1)
    ### END SOLUTION


# %% test:sample
checks.check("sample", sample)

# %% hidden:sample:1
# Graded on many rows, some with shares of 0.

# %% [markdown]
# Now let it write, N names at once. It is fed the dot first, and then whatever was drawn; a name is
# over at its first dot, or when it has `longest` letters. The names end at different steps. Those
# that are over go on being fed and drawn with the others, since a batch is a rectangle, but no
# letter is added to them any more.
#
# The model comes as a function, and so does the draw: yours must do for any. Here, for a target
# that one can see, the model is a clerk who writes the alphabet and stops at the letter that the
# state names: the second, the fourth, the ninth.


# %% solution:write
def write(step, state, draw, longest):
    """N names, letter by letter.

    step: a function, step(tokens, state) -> (logits, state), tokens: (N,), logits: (N, 27).
    state: where to start, an array whose rows are the N names; handed on as it comes.
    draw: a function, draw(logits) -> tokens (N,), asked for all N rows each time.
    longest: the most letters a name may have. Returns a list of N strings over a to z, no dots.
    """
    ### BEGIN SOLUTION
    tokens = np.zeros(len(state), int)
    over, written = np.zeros(len(state), bool), [""] * len(state)
    for _ in range(longest):
        logits, state = step(tokens, state)
        tokens = draw(logits)
        over = over | (tokens == 0)
        if over.all():
            break
        written = [
            name if done else name + LETTERS[token]
            for name, done, token in zip(written, over, tokens, strict=True)
        ]
    return written
    ### END SOLUTION


# %% test:write
def clerk(tokens, stops):
    return np.eye(27)[np.where(tokens == stops, 0, (tokens + 1) % 27)], stops


print("yours: ", write(clerk, np.array([2, 4, 9]), lambda logits: logits.argmax(axis=1), 6))
print("target: ['ab', 'abcd', 'abcdef']")

# %% hidden:write:3
# Graded with other models and draws: one name, many, names that end at once, names cut at the
# longest.

# %% [markdown]
# And the real one, at temperature 0.7. Has it made these up, or remembered them from the names that
# it was trained on? One line of Python tells.


# %%
def trained_step(tokens, h):
    (h,), _ = writer.network.cell.step(np.eye(27)[tokens], (h,))
    return h @ writer.network.W_hy + writer.network.b_y, h


rng = np.random.default_rng(1)
for k, language in enumerate(languages):
    first = writer.first[[k] * 6]
    drawn = write(trained_step, first, lambda z: sample(temperature(z, 0.7), rng.random(6)), 12)
    print(f"{language:8}", *drawn)

# %% [markdown]
# ## 3. The writer is asked to read
#
# Nobody ever asked the writer for a language. But it can say how likely a Finn is to be called
# *kowalski*: feed it the name from the Finnish first state, and multiply its shares for each letter
# that is there, and for the dot. As logarithms they add up.


# %% solution:name_log_p
def name_log_p(fed, asked, mask, h0, W_xh, W_hh, b_h, W_hy, b_y):
    """How likely a writer is to write each name: the log of the product of its shares.

    fed, asked: (T, N) tokens. mask: (T, N) booleans, True where something is asked. h0: (N, H).
    W_xh: (V, H), a row for each token. W_hh: (H, H). b_h: (H,). W_hy: (H, V). b_y: (V,).
    Returns (N,), in nats.
    """
    ### BEGIN SOLUTION
    h, total = h0, np.zeros(len(h0))
    for fed_t, asked_t, mask_t in zip(fed, asked, mask, strict=True):
        h = np.tanh(W_xh[fed_t] + h @ W_hh + b_h)
        logits = h @ W_hy + b_y
        top = logits.max(axis=1)
        log_sum = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        log_p = logits[np.arange(len(h)), asked_t] - log_sum
        total = total + np.where(mask_t, log_p, 0)
    return total
    ### END SOLUTION


# %% test:name_log_p
fed, asked, mask = pairs(["kowalski", "rossi", "virtanen"])
h0 = writer.first[[2, 1, 0]]
logits = writer.network(np.eye(27)[fed], read="every", state=(h0,))
target = [
    -cross_entropy(logits[:, n], asked[:, n], mask[:, n])[0] * mask[:, n].sum() for n in range(3)
]
print("yours: ", name_log_p(fed, asked, mask, h0, *writer_weights).round(3))
print("target:", np.round(target, 3))

# %% hidden:name_log_p:3
# Graded on names of several lengths, one alone, with leftovers behind the ends, and with logits so
# large that their exponentials overflow.

# %% [markdown]
# Now turn it round. If Finns are a share $p(l)$ of all people, and a Finn is called this with
# $p(\text{name} \mid l)$, then a person of this name is a Finn with the share
#
# $$p(l \mid \text{name}) = \frac{p(l)\; p(\text{name} \mid l)}{p(\text{name})}, \qquad
# p(\text{name}) = \sum_l p(l)\; p(\text{name} \mid l)$$
#
# That is Bayes' rule, of 1763. The numbers are a difficulty of our own days: a long text has a
# share of $e^{-2000}$ or so, and as a float that is 0, for each language. 0 divided by 0 is no
# answer. Find a way that does not leave the logarithms too early.


# %% solution:whose
def whose(log_p, log_prior):
    """From how likely each language is to write a name, to how likely a name is of each language.

    log_p: (K, N), log p(name | language). log_prior: (K,), log p(language).
    Returns (shares, log_p_name), shares: (K, N), columns that add up to 1; log_p_name: (N,), the
    log of p(name).
    """
    ### BEGIN SOLUTION
    joint = log_p + log_prior[:, None]
    top = joint.max(axis=0)
    log_p_name = top + np.log(np.exp(joint - top).sum(axis=0))
    return np.exp(joint - log_p_name), log_p_name
    ### END SOLUTION


# %% test:whose
for shift in (0, -2000):
    shares, log_p_name = whose(np.log([[0.2], [0.1]]) + shift, np.log([0.25, 0.75]))
    print("yours: ", np.round(shares[:, 0], 3), np.round(log_p_name, 3))
    print("target: [0.4 0.6]", f"[{np.log(0.125) + shift:.3f}]")

# %% hidden:whose:3
# Graded on shares that are ordinary, minute, and minute for some languages or some names alone.

# %% [markdown]
# The comparison that you wrote a number down for, and the figure of the beginning once more. Solid:
# the writer, asked after each letter. Dotted: the reader.


# %%
def read_by_writer(some_names, log_prior, letters=99):
    fed, asked, mask = pairs(some_names)
    mask = mask & (np.arange(len(mask))[:, None] < letters)
    N = len(some_names)
    begun = [writer.first[[k] * N] for k in range(K)]
    by_language = [name_log_p(fed, asked, mask, h0, *writer_weights) for h0 in begun]
    return whose(np.array(by_language), log_prior)


log_prior = np.log(np.bincount(labels) / len(labels))
shares, _ = read_by_writer(test_names, log_prior)
print("the reader, right on new names:", np.mean(answers == test_labels).round(2))
print("the writer, right on new names:", np.mean(shares.argmax(axis=0) == test_labels).round(2))
so_far = [read_by_writer(["kowalski"], log_prior, letters)[0][:, 0] for letters in range(1, 9)]
for k, language in enumerate(languages):
    (line,) = plt.plot(range(1, 9), np.array(so_far)[:, k], "o-", label=language)
    plt.plot(range(1, 9), after_each[:, k], ":", color=line.get_color())
plt.xticks(range(1, 9), "kowalski")
plt.ylabel("share")
plt.legend()
plt.show()

# %% [markdown]
# One more table, for the last question. Put names of your own into the list, and things that are no
# names at all.

# %%
tried = ["kowalski", "virtanen", "qqqqqq", "xkcd", "aaaaaaaa"]
of_reader = softmax(reader(*encode_names(tried)))
of_writer, log_p_name = read_by_writer(tried, log_prior)
print(f"{'':10} the reader says      the writer says      log p(name)   a token")
for n, name in enumerate(tried):
    both = [(p.max(), languages[p.argmax()]) for p in (of_reader[n], of_writer[:, n])]
    said = "".join(f" {share:5.2f} {language:14}" for share, language in both)
    print(f"{name:10}{said}{log_p_name[n]:12.1f}{log_p_name[n] / (len(name) + 1):10.1f}")

# %% [markdown] essay:no_name:3
# ## 4. In your own words
#
# Somebody wants to put the reader behind a form on a web page, where people type whatever they
# like. "It is nine times in ten right, and when it says 0.9 it must be quite sure." Answer in five
# to eight sentences, with at least two rows of your table that are not printed above.
#
# | points | for |
# |-|-|
# | 1 | two rows of your own, one of them nobody's name, with the numbers of both networks |
# | 1 | what the reader's 0.9 is a share of, and why it cannot say "none of these" |
# | 1 | which number of the writer can, and one way in which it misleads if it is used as it is |
#
# ### BEGIN SOLUTION
# I typed *xxxxx*, nobody's name, and *alexandersson*. For *xxxxx* the reader says 0.99 Italian and
# the writer 0.99 Swedish: both are shares of four languages that add up to 1 whatever was typed, so
# 0.99 says that of the four it is rather this one, and "none of these" is not among them. The
# writer has a number more, which the division by p(name) throws away: *xxxxx* costs it -46 nats in
# all and -7.6 for each token, names of the test part mostly -1.6 to -3. So it can refuse what no
# language would write. But each letter makes a name less likely: in all, *alexandersson* gets -35
# and *zzzzz* -20, and whoever refuses by that number refuses the Swede and lets the nonsense in.
# Per token they stand at -2.5 and -3.3. A real name of a fifth language it may refuse as well.
# ### END SOLUTION
