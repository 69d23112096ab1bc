# %% [markdown]
# # A5: five bugs that padding hid
#
# None of the five pieces of code below ever raised an error. All were published by people who know
# their trade, in well-known tutorials and in a library; the shapes are right, the loss falls. Each
# was found by a reader who wondered, and two of them by one plain experiment: a text alone, then
# the same text in company. At the end of this assignment you will have a function that does it for
# you.
#
# After it, you can
#
# - find where padding, or a neighbour in the batch, gets into an answer;
# - repair a readout, two kinds of pooling, a loss and an attention so that it does not;
# - write a test that tells three ways of being wrong apart, without looking at the code.
#
# About 90 minutes, after lessons 11 and 15. 20 points: 17 are given by checks on inputs that nobody
# has seen before, 3 by a person who reads your words. `numpy` is there when your notebook is
# graded, the course's own functions are not.
#
# Everywhere: time first, `lengths[n]` the number of words of text n, at least 1. **What stands
# behind a text's end may be any numbers**, zeros in one library, leftovers in another. Your code
# must not care, and must leave its arguments as they are.

# %% given:imports
import numpy as np

from rnn_edu import checks

# %% [markdown]
# ## The evidence
#
# The five as NumPy would have them, reduced to the lines that matter. Where the original has zeros
# behind the ends (`pad_packed_sequence` leaves them there), the figure below has zeros too. They
# stay as they are: you write beside them.


# %% given:published
def both_ends_as_published(h, g, lengths):
    """The states of two loops, one from each end, made into one row for each text."""
    return np.concatenate([h[-1], g[-1]], axis=1)


def mean_as_published(h, lengths):
    """The mean over the words of each text."""
    order = np.argsort(-lengths, kind="stable")  # packing wants the longest first
    h, lengths = h[:, order], lengths[order]
    # (here the loop ran, and h became its states)
    h = h[:, np.argsort(order)]  # back into the order in which the texts came
    return h.sum(axis=0) / lengths[:, None]


def max_as_published(h, lengths):
    """The largest value of each unit over the words of each text."""
    return h.max(axis=0)


def masked_loss_as_published(logits, targets, mask):
    """The mean cross entropy over the words, and its gradient."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.eye(logits.shape[-1])[targets]
    loss = -(log_p * chosen).sum(axis=-1) * mask
    return loss.mean(), (np.exp(log_p) - chosen) * mask[..., None] / mask.size


def attend_as_published(scores, memory, lengths):
    """Softmax over the words of each text, and the mean of its memory under these weights."""
    weights = np.exp(scores - scores.max(axis=0))
    weights = weights / weights.sum(axis=0)
    return (weights[..., None] * memory).sum(axis=0), weights


# %% [markdown]
# One text of three words, one unit: -0.4, -0.2, -0.6. It is summed up three times, beside a
# neighbour that grows from 3 words to 20. Nothing about the text changes. The dotted lines are the
# target: what is said of it when nobody needs padding. Before you run the cell: one of the three is
# wrong as soon as the neighbour has a fourth word, and then grows no worse. Which?

# %%
import matplotlib.pyplot as plt

text, longest = np.array([-0.4, -0.2, -0.6]), 20
neighbour = np.random.default_rng(0).uniform(-1, 1, longest)
summed_up = {"mean": [], "max": [], "attention": []}
for L in range(3, longest + 1):
    h = np.zeros((L, 2, 1))
    h[:3, 0, 0], h[:, 1, 0] = text, neighbour[:L]
    lengths = np.array([3, L])
    summed_up["mean"].append(mean_as_published(h, lengths)[0, 0])
    summed_up["max"].append(max_as_published(h, lengths)[0, 0])
    summed_up["attention"].append(attend_as_published(h[..., 0], h, lengths)[0][0, 0])
for name, values in summed_up.items():
    (line,) = plt.plot(range(3, longest + 1), values, ".-", label=f"{name}, as published")
    plt.axhline(values[0], ls=":", color=line.get_color())
plt.xlabel("words of the neighbour")
plt.ylabel("what is said of the text")
plt.legend()
plt.show()

# %% [markdown]
# ## 1. The half that had read one row
#
# `h[t]` is the state of a loop that has read the words up to t. `g[t]` belongs to a loop that began
# at the text's own last word and has read back to t; both are laid out in the order of time. One
# row for a text is wanted: what each of the two knew **when it had read the whole text**.
#
# The code comes from a tutorial that classifies digits, row by row, with a bidirectional network
# (yunjey/pytorch-tutorial, `out[:, -1, :]`; issue 149, 2018). Its pictures are all of one length,
# so it needed no padding to go wrong: what has `g[-1]` read?
#
# In the check below the states are numbers that say where they come from: 12 is `h` of text 1 at
# step 2, 112 is `g` there. Text 0 has one word, text 1 has three.


# %% solution:both_ends
def both_ends(h, g, lengths):
    """What two loops, one from each end, know of each text when they have read all of it.

    h, g: (T, N, H). lengths: (N,) integers from 1 to T. Returns (N, 2H), h's part first.
    """
    ### BEGIN SOLUTION
    return np.concatenate([h[lengths - 1, np.arange(len(lengths))], g[0]], axis=1)
    ### END SOLUTION


# %% test:both_ends
where = np.array([[[0], [10]], [[1], [11]], [[2], [12]]])
print("published:", both_ends_as_published(where, where + 100, np.array([1, 3])).tolist())
print("yours:    ", both_ends(where, where + 100, np.array([1, 3])).tolist())
print("target:    [[0, 100], [12, 110]]")

# %% hidden:both_ends:2
# Graded on other sizes: texts of several lengths, one text alone, texts of one word.

# %% [markdown]
# ## 2. Sorted, and half unsorted
#
# A library for sentence vectors (InferSent; issue 51, 2018) sorts the texts by length, runs its
# loop, and puts the states back into their order. Find what it does not put back. Then write the
# mean over the words of each text; whether you sort anything is up to you.


# %% solution:mean_over_words
def mean_over_words(h, lengths):
    """The mean of the states over the words of each text.

    h: (T, N, H), anything behind a text's end. lengths: (N,) integers from 1 to T. Returns (N, H).
    """
    ### BEGIN SOLUTION
    inside = np.arange(len(h))[:, None] < lengths  # (T, N)
    return np.where(inside[..., None], h, 0).sum(axis=0) / lengths[:, None]
    ### END SOLUTION


# %% test:mean_over_words
for left in (0.0, 9.0):  # what stands behind the ends
    h = np.array([[1.0, 2.0, 3.0], [left, 4.0, 5.0], [left, left, 7.0]])[..., None]
    print(
        f"published, {left:.0f} behind:", mean_as_published(h, np.array([1, 2, 3]))[:, 0].round(2)
    )
    print(f"yours, {left:.0f} behind:    ", mean_over_words(h, np.array([1, 2, 3]))[:, 0].round(2))
print("target:             [1. 3. 5.]")

# %% hidden:mean_over_words:2
# Graded on batches in every order, on one text alone, with other leftovers behind the ends.

# %% [markdown]
# A bug that shows itself on every batch does not live long. This one is silent when the texts come
# longest first, and in the batch above, with zeros behind the ends, the middle text is right by
# luck. Build a batch that leaves no excuse: three texts, **each** of them divided by a wrong
# number.


# %% solution:witness
def witness():
    """Three lengths for which the published mean divides every text by a wrong number.

    Returns (3,) integers from 1 to 9.
    """
    ### BEGIN SOLUTION
    return np.array([1, 3, 2])  # sorted they are 3, 2, 1: each differs
    ### END SOLUTION


# %% test:witness
lengths = np.array(witness())
divided_by = 1 / mean_as_published(np.eye(1, 10).reshape(10, 1, 1).repeat(3, 1), lengths)[:, 0]
print("your lengths:", lengths, " the published code divides by:", divided_by.round().astype(int))
print("target: different in all three places")

# %% hidden:witness:1
# Graded by running the published mean on your batch.

# %% [markdown]
# ## 3. The largest of nothing
#
# The same library, its other pooling. A user asked in 2018 (issue 48) why many of the numbers of
# *hello, world.* turned to exactly 0 when a longer sentence stood beside it. In a second version
# every value that equals 0 becomes -1e9 before the maximum is taken. That cures the curve of the
# figure. But what becomes of a unit whose value at some word really is 0, as after a dropout or a
# ReLU? And what if zeros are not what stands behind the ends?
#
# Write one that needs no guess about which zeros are padding.


# %% solution:max_over_words
def max_over_words(h, lengths):
    """The largest value of each unit over the words of each text.

    h: (T, N, H), anything behind a text's end. lengths: (N,) integers from 1 to T. Returns (N, H).
    """
    ### BEGIN SOLUTION
    inside = np.arange(len(h))[:, None] < lengths  # (T, N)
    return np.where(inside[..., None], h, -np.inf).max(axis=0)
    ### END SOLUTION


# %% test:max_over_words
h = np.array([[[-0.4], [-0.5]], [[-0.2], [0.0]], [[0.0], [-0.3]]])
print("published:", max_as_published(h, np.array([2, 3])).tolist())
print("yours:    ", max_over_words(h, np.array([2, 3])).tolist())
print("target:    [[-0.2], [0.0]]")

# %% hidden:max_over_words:2
# Graded on negative states, on states that are 0, and with large leftovers behind the ends.

# %% [markdown]
# ## 4. A loss that likes long neighbours
#
# This one multiplies by the mask, as it should. It stood so in TensorFlow's tutorial on captioning,
# in one on translation (tensorflow/addons, issue 2637, 2021), and in the one on the Transformer
# until a reader repaired it (tensorflow/docs, pull request 1460, 2020); a close relative lived in a
# textbook (d2l-ai/d2l-en, issue 2076, 2022). Five words that are guessed at random among four
# classes cost ln 4 each, and so does their mean. What it says instead, with more and more rows:

# %%
for rows in (5, 10, 50):
    mask = np.zeros((rows, 1), bool)
    mask[:5] = True
    said, _ = masked_loss_as_published(np.zeros((rows, 1, 4)), np.zeros((rows, 1), int), mask)
    print(f"{rows:2} rows: published {said:.3f}   target {np.log(4):.3f}")

# %% [markdown]
# A smaller loss for nothing, and smaller gradients with it: the step that the network takes depends
# on the longest text of the batch. Repair both outputs.


# %% solution:masked_loss
def masked_loss(logits, targets, mask):
    """The mean cross entropy in nats over the words, and its gradient.

    logits: (T, N, V). targets: (T, N) integers. mask: (T, N) booleans, True where a word stands.
    Returns (loss, dlogits), loss a number, dlogits: (T, N, V).
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.eye(logits.shape[-1])[targets]
    weight = mask / mask.sum()
    loss = -((log_p * chosen).sum(axis=-1) * weight).sum()
    return loss, (np.exp(log_p) - chosen) * weight[..., None]
    ### END SOLUTION


# %% test:masked_loss
checks.check("masked_loss", masked_loss)

# %% hidden:masked_loss:3
# Graded on ragged batches, on one without padding, on one text alone, and on large logits.

# %% [markdown]
# ## 5. Looking at what is not there
#
# A decoder gives each word of the source a score, and a softmax over the scores tells it where to
# look. PyTorch's chatbot tutorial takes it over all rows (pytorch/tutorials, issue 593, 2019: a
# reader asks whether there should be no mask), and so did TensorFlow's on translation
# (tensorflow/tensorflow, issue 43941, 2020). Behind an end the chatbot's memory is zero, so a score
# that is a dot product is 0, and $e^0$ is 1: each row of padding gets as much attention as a word
# that scores 0.
#
# Only words may get weight, and the weights of each text add up to 1. Scores can be as large or as
# far below zero as they like, in the words and behind them. Mind the order: what has to be left out
# first, before anything is added up or the largest is looked for?


# %% solution:attend
def attend(scores, memory, lengths):
    """Softmax over the words of each text, and the mean of its memory under these weights.

    scores: (P, N). memory: (P, N, M). Both anything behind a text's end. lengths: (N,) integers
    from 1 to P. Returns (context, weights), context: (N, M), weights: (P, N), 0 behind the end.
    """
    ### BEGIN SOLUTION
    inside = np.arange(len(scores))[:, None] < lengths  # (P, N)
    scores = np.where(inside, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=0))
    weights = weights / weights.sum(axis=0)
    return (weights[..., None] * memory).sum(axis=0), weights
    ### END SOLUTION


# %% test:attend
scores, memory = np.zeros((4, 2)), np.ones((4, 2, 1))
memory[2:, 0] = 0
for name, function in (("published", attend_as_published), ("yours", attend)):
    context, weights = function(scores, memory, np.array([2, 4]))
    print(f"{name + ':':10} context {context[:, 0].round(2)}, weights of text 0 {weights[:, 0]}")
print("target:    context [1. 1.], weights of text 0 [0.5 0.5 0.  0. ]")

# %% hidden:attend:3
# Graded with large scores of both signs, behind the ends as well; context and weights.

# %% [markdown]
# ## 6. The test that would have found them
#
# Five repairs by looking hard. The next bug will stand in code that you cannot see, so now build an
# instrument. A model is any function `model(x, lengths)` that answers (N, K), a row for each text.
# Ask it again with **one thing changed at a time**:
#
# 1. *contents*: other numbers behind the ends, everything else as it was;
# 2. *rows*: a few more rows of zeros below, everything else as it was;
# 3. *company*: each text in a batch of its own, `x[:, n : n + 1]`, with all its rows of padding.
#
# For each of the three: does any answer move? Differences below 1e-6 are rounding (a batch of one
# takes another way through a matrix product). At least one text of the batch is shorter than T.
#
# Two readers to try it on. The first is right; the other is right whenever you test it on one text
# without padding, which is how such readers come to be published.


# %% given:readers
def loop(x):
    """The states of a small loop with fixed weights. x: (T, N, 2). Returns (T, N, 3)."""
    h, states = np.zeros((x.shape[1], 3)), []
    for x_t in x:
        h = np.tanh(x_t @ [[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]] + 0.8 * h + 0.1)
        states.append(h)
    return np.array(states)


def last_word(x, lengths):
    return loop(x)[lengths - 1, np.arange(len(lengths))]


def last_row(x, lengths):
    return loop(x)[-1]


# %% solution:changed_by
def changed_by(model, x, lengths):
    """Which of three changes that must not matter move an answer of the model.

    model: a function of x and lengths that answers (N, K). x: (T, N, D). lengths: (N,) integers
    from 1 to T. Returns three booleans: by the contents of the padding, by more rows, by the
    company.
    """
    ### BEGIN SOLUTION
    T, N, _ = x.shape
    answers = model(x, lengths)

    def moved(others):
        return bool(np.abs(others - answers).max() > 1e-6)

    inside = (np.arange(T)[:, None] < lengths)[..., None]
    garbage = np.where(inside, x, x + np.random.default_rng(0).normal(size=x.shape))
    longer = np.concatenate([x, np.zeros_like(x[:3])])
    alone = [model(x[:, n : n + 1], lengths[n : n + 1]) for n in range(N)]
    return (
        moved(model(garbage, lengths)),
        moved(model(longer, lengths)),
        moved(np.concatenate(alone)),
    )
    ### END SOLUTION


# %% test:changed_by
x = np.random.default_rng(1).normal(size=(6, 3, 2))
for model, target in ((last_word, (False, False, False)), (last_row, (True, True, False))):
    found = changed_by(model, x, np.array([5, 2, 4]))
    print(f"{model.__name__:10} yours: {found}\n{'':10} target: {target}")

# %% hidden:changed_by:4
# Graded on nine models that you have not seen: two are right, the others wrong in one, two or
# three of these ways. The verdict on each must be right.

# %% [markdown] essay:ninety_seven:3
# ## 7. In your own words
#
# A colleague's tagger marks the words of a sentence that are names. One word in ten is a name. The
# sentences have 12 words on average and are padded to 50 rows; the padding has the label *no name*.
# "97 % of all labels are right on new sentences, and it has hardly trained yet." What do you tell
# the colleague? Four to eight sentences. Assume that the network says *no name* to all padding.
#
# | points | for |
# |-|-|
# | 1 | the same score for a tagger that always says *no name*, over all rows and over words alone |
# | 1 | what the 97 % amount to over the words alone, and what that says beside the first number |
# | 1 | a check that shows the mistake in a minute, and why it cannot be missed there |
#
# ### BEGIN SOLUTION
# Of 50 labels in a sentence 38 are padding and 1.2 are names, so a tagger that always says *no
# name* gets 48.8 of 50 right: 97.6 % over all rows, and 90 % over the words. 97 % means 1.5
# mistakes a sentence, and all of them are in the 12 words: 87.5 % of the words are right, so that
# at present the constant answer is better than the network. The quickest check is to pad the same
# sentences to 100 rows: no answer about a word changes, and the score rises to 98.5 %. A score that
# improves with empty rows counts the empty rows. Setting the score of the constant answer beside
# the network's, on the same rows, shows it as well.
# ### END SOLUTION
