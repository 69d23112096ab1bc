# %% [markdown]
# # A7: where it looks
#
# Lesson 16 wrote attention for one question and looked at its pictures. Here you write it for a
# batch, steer it by hand, send the blame back through it, and then stop believing it twice: once
# with a detective who finds out what a stranger's attention really reads, once with a forger.
#
# After it, you can
#
# - write attention with a mask, forwards and backwards;
# - choose a matrix by thought alone, so that each state looks where you want it to look;
# - tell an attention that reads from three kinds of look-alikes, by experiment;
# - say what a picture of its weights is evidence for.
#
# About 110 minutes, after lesson 16. 20 points: 17 are given by checks on inputs that nobody has
# seen before, 3 by a person who reads your words. Write between the lines that say so. `numpy` is
# there when your notebook is graded, the course's own functions are not.

# %% given:imports
import numpy as np

from rnn_edu import checks

# %% [markdown]
# ## 1. Two sentences at once
#
# Each of $S$ states of a decoder has a question, *query*; each of $P$ places of the source has a
# vector, *memory*. The score of a place is its product with the question, the weights are a softmax
# over the places that are there, the context is the mean of the places with these weights.
#
# Below is the target for two sentences of six and of three places, padded to six. The second one's
# three grey columns must be zero exactly, not small. What would a score of 0 give them? And what
# does `np.exp(1000)` give you? Task 2 will ask for such scores.

# %%
import matplotlib.pyplot as plt

from rnn_edu.attention import Attention

rng = np.random.default_rng(1)
query, memory = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 2, 3))
mask = np.arange(6)[:, None] < np.array([6, 3])
looked = Attention(np.eye(3), np.zeros((6, 3))).forward(query, memory, mask)[1].weights
fig, axes = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
for n, ax in enumerate(axes):
    ax.imshow(np.where(mask[:, n], looked[:, n], np.nan), vmin=0, vmax=1)
    ax.set_facecolor("0.8")
    ax.set(title=f"sentence {n}: weights", xlabel="place", ylabel="state")
plt.show()


# %% solution:attention
def attention(query, memory, mask):
    """Look at the memory, for every state of every sequence.

    query: (S, N, M). memory: (P, N, M). mask: (P, N), True where a place is there; each sequence
    has one. Returns (context, weights), context: (S, N, M), weights: (S, N, P).
    """
    ### BEGIN SOLUTION
    score = np.einsum("snm,pnm->snp", query, memory)
    score = np.where(mask.T, score, -np.inf)
    weights = np.exp(score - score.max(axis=2, keepdims=True))
    weights = weights / weights.sum(axis=2, keepdims=True)
    return np.einsum("snp,pnm->snm", weights, memory), weights
    ### END SOLUTION


# %% test:attention
checks.check("attention", attention)

# %% hidden:attention:3
# Graded on other sizes: one state, one sequence, one place, and scores in the thousands.

# %% [markdown]
# ## 2. Steer it
#
# Nobody trains this one. Twelve places stand on a clock of 24 hours: place $p$ is the hand $(\cos
# p\theta, \sin p\theta)$ with $\theta = 2\pi/24$, and the decoder's state at step $s$ is the hand
# at $s\theta$. The question is $h\,W_a$. With $W_a$ the identity each state likes its own place
# best, and hardly: the picture on the left. You want the two on the right.


# %% given:clock
def hands(count):
    """Row p is the hand of a 24-hour clock at p o'clock. Returns (count, 2)."""
    angle = 2 * np.pi / 24 * np.arange(count)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


# %%
def looks(W_a, P=12):
    """Where each of P states looks among P places, on the clock. W_a: (2, 2). Returns (P, P)."""
    h = hands(P)[:, None]
    return Attention(np.array(W_a, float), np.zeros((4, 2))).forward(h, h)[1].weights[:, 0]


fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
back, turned = np.eye(12, k=-3), np.eye(12)[::-1].copy()
back[:3] = np.nan
panels = (looks(np.eye(2)), "the identity"), (back, "step_back(3)"), (turned, "mirror(12)")
for ax, (picture, title) in zip(axes, panels, strict=True):
    ax.imshow(picture, vmin=0, vmax=1)
    ax.set_facecolor("0.8")
    ax.set(title=title, xlabel="place", ylabel="state")
plt.show()

# %% [markdown]
# `step_back(k)`: the state at step $s$ gives a weight of 0.95 or more to place $s - k$. (Before
# step $k$ there is no such place, and nothing is asked: grey.) `mirror(P)`: among $P$ places it
# gives that to place $P - 1 - s$, which is how one spells a word backwards. Two things to find out:
# in which direction to turn, and how loud the question must be, when the neighbour of the right
# place points almost the same way. `looks` is there to try things with, `hands` also in answers.


# %% solution:step_back
def step_back(k):
    """A matrix that makes each state look k places back. k: 0 to 6. Returns W_a: (2, 2)."""
    ### BEGIN SOLUTION
    # Turns every hand back by k hours. Neighbours differ by 1 - cos(theta) = 0.034 in the product;
    # 300 times that is 10, so a neighbour gets exp(-10) of the weight.
    c, s = hands(k + 1)[-1]
    return 300 * np.array([[c, -s], [s, c]])
    ### END SOLUTION


# %% solution:mirror
def mirror(P):
    """A matrix that makes P states read P places from the end. P: 1 to 12. Returns W_a: (2, 2)."""
    ### BEGIN SOLUTION
    # The hand at (P - 1) minus the state's own: a reflection, not a rotation.
    c, s = hands(P)[-1]
    return 300 * np.array([[c, s], [s, -c]])
    ### END SOLUTION


# %% test:steered
print("yours:  step_back(3) looks at", looks(step_back(3)).argmax(axis=1)[3:])
print("target: step_back(3) looks at [0 1 2 3 4 5 6 7 8]")
print("yours:  mirror(5) looks at", looks(mirror(5), 5).argmax(axis=1))
print("target: mirror(5) looks at [4 3 2 1 0]")
print(f"least weight on the right place, of yours: {looks(mirror(5), 5).max(axis=1).min():.3f}")

# %% hidden:step_back:2
# Graded for several k, 0 among them, by the weights.

# %% hidden:mirror:2
# Graded for several P by the weights.

# %% [markdown]
# ## 3. Paid twice
#
# Backwards, a place is paid for what it gave to the mean, and for how well it fitted the question.
# The loss sends `dcontext`, its gradient with respect to the context; you send on what the question
# and the memory are due. The mask need not be given: a place that was not there has the weight 0.
# (If the softmax holds you up: nudge one score, and see what the weights do that add up to 1.)


# %% solution:attention_backward
def attention_backward(dcontext, query, memory, weights):
    """The gradient of a loss, back through attention.

    dcontext: (S, N, M). query: (S, N, M). memory: (P, N, M). weights: (S, N, P), of the forward
    pass. Returns (dquery, dmemory), dquery: (S, N, M), dmemory: (P, N, M).
    """
    ### BEGIN SOLUTION
    dweights = np.einsum("snm,pnm->snp", dcontext, memory)
    mean = (weights * dweights).sum(axis=2, keepdims=True)
    dscore = weights * (dweights - mean)
    dquery = np.einsum("snp,pnm->snm", dscore, memory)
    given = np.einsum("snp,snm->pnm", weights, dcontext)
    fitted = np.einsum("snp,snm->pnm", dscore, query)
    return dquery, given + fitted
    ### END SOLUTION


# %% test:attention_backward
draw = np.random.default_rng(2)
args = [draw.normal(size=shape) for shape in ((2, 2, 3), (4, 2, 3))]
there, dcontext = np.arange(4)[:, None] < np.array([4, 2]), draw.normal(size=(2, 2, 3))
found = attention_backward(dcontext, *args, attention(*args, there)[1])
for i, name in enumerate(("dquery", "dmemory")):
    numeric = np.zeros_like(args[i])
    for place in np.ndindex(numeric.shape):
        losses = []
        for nudge in (1e-5, -1e-5):
            moved = [a.copy() for a in args]
            moved[i][place] += nudge
            losses.append((attention(*moved, there)[0] * dcontext).sum())
        numeric[place] = (losses[0] - losses[1]) / 2e-5
    print(f"{name}, first sequence. yours:\n{np.round(found[i][:, 0], 3)}")
    print(f"target (numeric, by your own attention):\n{np.round(numeric[:, 0], 3)}")

# %% hidden:dquery:2
# Graded on the first of the two gradients.

# %% hidden:dmemory:2
# Graded on the second.

# %% [markdown]
# ## 4. The detective
#
# There is a kind of bug that trains all the same: the shapes are right, the loss falls, and the
# "attention" never read the source. Somebody hands you a function `look(query, memory)` that
# returns a context and weights as yours does (no mask; all places are there). You may call it as
# often as you like, with whatever you like, and must say one of four words:
#
# | word | meaning |
# |-|-|
# | `"mixes"` | the memory of one sequence changes the context or the weights of another |
# | `"blind"` | else: whatever the memory is, the context stays the same |
# | `"by place"` | else: the context follows the memory, the weights never do |
# | `"reads"` | both follow it |


# %% given:suspects
def mean_of_all(query, memory):
    weights = np.full((*query.shape[:2], len(memory)), 1 / len(memory))
    return np.zeros_like(query) + memory.mean(axis=0), weights


def own_echo(query, memory):
    _, weights = mean_of_all(query, memory)
    return np.tanh(query), weights


# %%
first, second = np.random.default_rng(3).normal(size=(2, 6, 2, 3))
fig, axes = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
for ax, look in zip(axes, (mean_of_all, own_echo), strict=True):
    for source, style in ((first, "o-"), (second, "x--")):
        ax.plot(look(query, source)[0][:, 0, 0], style)
    ax.set(title=f"{look.__name__}: context, two memories", xlabel="state")
plt.show()


# %% solution:diagnose
def diagnose(look, query, memory):
    """What does an attention read?

    look: a function of query (S, N, M) and memory (P, N, M) that returns (context, weights), of
    shapes (S, N, M) and (S, N, P). query, memory: samples to try it on, N is 2 or more.
    Returns "mixes", "blind", "by place" or "reads".
    """
    ### BEGIN SOLUTION
    before, rng = look(query, memory), np.random.default_rng(0)
    follow = [False, False]
    for n in range(memory.shape[1]):
        changed = memory.copy()
        changed[:, n] = rng.normal(size=changed[:, n].shape)
        others = np.arange(memory.shape[1]) != n
        for i, (old, new) in enumerate(zip(before, look(query, changed), strict=True)):
            moved = ~np.isclose(old, new).all(axis=(0, 2))
            if moved[others].any():
                return "mixes"
            follow[i] |= moved[n]
    if not follow[0]:
        return "blind"
    return "reads" if follow[1] else "by place"
    ### END SOLUTION


# %% test:diagnose
def yours(query, memory):
    return attention(query, memory, np.ones(memory.shape[:2], bool))


for look, target in ((mean_of_all, "by place"), (own_echo, "blind"), (yours, "reads")):
    print(f"{look.__name__:12} yours: {diagnose(look, query, memory):10} target: {target}")

# %% hidden:diagnose:2
# Graded on suspects that keep their sequences apart.

# %% hidden:diagnose_mixed:1
# Graded on suspects that mix them, each in its own way, and on honest ones.

# %% [markdown]
# ## 5. The forger
#
# Now to the picture itself. Twelve places in the plane, a circle's size is its weight, the cross is
# the context: the mean of the circles. Whatever reads the context sees the cross and nothing else.
# Can you name three of the twelve that, weighted rightly, have the same cross for a mean?

# %%
draw = np.random.default_rng(5)
places, share = draw.normal(size=(12, 2)), draw.dirichlet(np.ones(12))
plt.figure(figsize=(4, 4))
plt.scatter(*places.T, s=1500 * share, alpha=0.5)
plt.plot(*(share @ places), "kx", ms=10, mew=2)
plt.show()

# %% [markdown]
# In the plane three will always do. In $M$ dimensions it takes $M + 1$ (Carathéodory, 1907): any
# context of $P$ places is also a context of at most $M + 1$ of them. Forge that picture. Brunner
# and others made the same point about Transformers in 2020: where there are more places than
# dimensions, the weights are not determined by what comes out.


# %% solution:forge
def forge(weights, memory):
    """Other weights for the same context, all but M + 1 of them zero.

    weights: (P,), none negative, their sum 1. memory: (P, M), P above M + 1. Returns (P,): none
    negative, their sum 1, at most M + 1 above zero, and the same context.
    """
    ### BEGIN SOLUTION
    forged = weights.copy()
    while True:
        left = np.flatnonzero(forged)
        if len(left) <= memory.shape[1] + 1:
            return forged
        # A direction that changes neither the context nor the sum, followed until a weight is 0.
        fixed = np.column_stack([memory[left], np.ones(len(left))])
        along = np.linalg.svd(fixed.T)[2][-1]
        falling = np.flatnonzero(along > 0)
        steps = forged[left][falling] / along[falling]
        forged[left] -= steps.min() * along
        forged[left[falling[steps.argmin()]]] = 0
        forged = np.maximum(forged, 0)
    ### END SOLUTION


# %% test:forge
forged = forge(share, places)
print("yours:  weights", np.round(forged, 3))
print("target: at most 3 of them above 0; above 0 are", np.sum(np.asarray(forged) > 1e-9))
print("yours:  context", np.round(forged @ places, 4), " sum", np.round(np.sum(forged), 4))
print("target: context", np.round(share @ places, 4), " sum 1.0")

# %% hidden:forge:3
# Graded on other maps and sizes, by the four conditions above.

# %% [markdown] essay:evidence:3
# ## 6. In your own words
#
# A newspaper prints the picture of an attention and writes: "The program refused the loan because
# of the word *divorced*. On this word lay 91 percent of its attention." Write to the editor, in
# four to eight sentences: what the 91 percent are, what the picture is not evidence for, and what
# one would have to do to support the sentence.
#
# | points | for |
# |-|-|
# | 1 | what the number is: a share in a mean of states, and what such a state has read |
# | 1 | why other pictures could stand behind the same answer; task 4 or 5 gives an argument |
# | 1 | an experiment that changes the input or the memory, with a control |
#
# ### BEGIN SOLUTION
# The 91 percent are a weight in a mean. What it weighs is not the word but the state of the network
# at that place, which has read the whole application up to there: the same state may carry the
# income three words earlier. The answer depends on the mean alone, and I can compute quite another
# picture with the same mean, on which that word may have nothing (with more places than
# dimensions, a handful of them is enough). The picture shows where the program took a number from,
# not why it refused. To support the sentence, strike out or replace the word in this and in many
# applications, let the program read each again, and count how often the decision changes; as a
# control, do the same to another word drawn at random, and to the one with the least weight. If
# "divorced" changes the decision far more often than those, write it.
# ### END SOLUTION
