# %% [markdown]
# # A2: the blame, and a judge for it
#
# Lesson 05 walked back through a loop and entered what each weight owes to each step. You write
# that walk for everything that the loop has read, and then the judges that decide whether it is
# right. In the last task you change sides: you hide a mistake from them.
#
# After it, you can
#
# - write the backward pass of a recurrent layer, its inputs and its first state included;
# - judge a gradient with a nudge, and without one;
# - say what a passed gradient check has shown, and what it cannot have shown.
#
# About 90 minutes, after lesson 05. 18 points: 15 are given by checks on inputs that nobody has
# seen before, 3 by a person who reads your words. Write between the lines that say so. `numpy` is
# there when your notebook is graded, the course's own cells are not.

# %% given:imports
import numpy as np

from rnn_edu import checks

# %% [markdown]
# ## 1. The judge who knows no calculus
#
# Nudge one number up, look at the loss; nudge it down, look again:
#
# $$\frac{\partial f}{\partial w_k} \approx \frac{f(w + \varepsilon e_k) - f(w - \varepsilon e_k)}
# {2\,\varepsilon}$$
#
# where $e_k$ is 1 at place $k$ and 0 elsewhere. Below, a judge who goes to both sides looks at a
# loop of forty steps, beside one who goes to one side only. Both curves fall and rise again. Before
# you run it: which half of a curve is the judge's doing, which is the computer's, and in which do
# the two judges differ?

# %%
import matplotlib.pyplot as plt

from rnn_edu import RNNCell, unroll, unroll_backward
from rnn_edu.gradcheck import check_grads

rng = np.random.default_rng(0)
cell, x = RNNCell.init(2, 4, rng), rng.normal(size=(40, 3, 2))


def loss(cell):
    return unroll(cell, x)[0].sum()


def one_side(eps, slope):
    moved = RNNCell(cell.W_xh, cell.W_hh, cell.b_h + eps * np.eye(4)[0])
    seen = (loss(moved) - loss(cell)) / eps
    return abs(seen - slope) / (abs(seen) + abs(slope))


h, _, caches = unroll(cell, x)
derived, _, _ = unroll_backward(cell, np.ones_like(h), caches)
sizes = 10.0 ** np.arange(-13, 0)
both_sides = [check_grads(loss, cell, derived, eps=e, tol=1) for e in sizes]
plt.loglog(sizes, both_sides, "o-", label="both sides: the target")
plt.loglog(sizes, [one_side(e, derived.b_h[0]) for e in sizes], "s--", label="one side")
plt.legend()
plt.xlabel("eps")
plt.ylabel("relative error")
plt.show()

# %% [markdown]
# Build the judge. `f` takes an array of the shape of `w` and returns a number; `w` may have any
# number of axes, and is for you to read: whoever handed it over finds it as it was.


# %% solution:numeric_gradient
def numeric_gradient(f, w, eps):
    """The slope of f in each number of w, by a nudge to both sides.

    f: a function of an array like w, returns a number. w: an array of floats of any shape.
    eps: a number, the size of the nudge. Returns an array of w's shape.
    """
    ### BEGIN SOLUTION
    dw = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        nudge = np.zeros_like(w)
        nudge[k] = eps
        dw[k] = (f(w + nudge) - f(w - nudge)) / (2 * eps)
    return dw
    ### END SOLUTION


# %% test:numeric_gradient
checks.check("numeric_gradient", numeric_gradient)

# %% hidden:numeric_gradient:2
# Graded on arrays of one, two and three axes, with nudges of several sizes; w must come back as it
# was.

# %% [markdown]
# ## 2. All the way back
#
# The layer is the one of A1, $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$. You are handed
# `dh`, which holds for each state what reaches it from the loss *directly*. Lesson 05 stopped at
# the weights. Whoever stacks two layers needs more: what the layer below is to blame for (`dx`),
# and the state before the first step (`dh0`).
#
# The target, for ten steps of two sequences. The loss reads the fourth state of one and the ninth
# of the other. Which bars must be exactly zero? Say it before you look.

# %%
cell, x = RNNCell.init(2, 6, rng), rng.normal(size=(10, 2, 2))
h, _, caches = unroll(cell, x)
dh = np.zeros_like(h)
dh[3, 0], dh[8, 1] = 1.0, 1.0
blamed = np.linalg.norm(unroll_backward(cell, dh, caches)[1], axis=2)
plt.bar(np.arange(1, 11) - 0.2, blamed[:, 0], 0.4, label="read at step 4")
plt.bar(np.arange(1, 11) + 0.2, blamed[:, 1], 0.4, label="read at step 9")
plt.xlabel("step")
plt.ylabel("length of dx")
plt.legend()
plt.show()


# %% solution:bptt
def bptt(dh, x, h0, h, W_xh, W_hh):
    """The gradients of everything that the loop has read.

    dh: (T, N, H), from the loss to each state directly. x: (T, N, D). h0: (N, H).
    h: (T, N, H), the state after each step. W_xh: (D, H). W_hh: (H, H).
    Returns (dx, dh0, dW_xh, dW_hh, db_h): (T, N, D), (N, H), (D, H), (H, H), (H,).
    """
    ### BEGIN SOLUTION
    dx, dW_xh, dW_hh, db_h = np.zeros_like(x), 0, 0, 0
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        h_prev = h[t - 1] if t > 0 else h0
        da = (dh[t] + dh_next) * (1 - h[t] ** 2)
        dx[t] = da @ W_xh.T
        dW_xh = dW_xh + x[t].T @ da
        dW_hh = dW_hh + h_prev.T @ da
        db_h = db_h + da.sum(axis=0)
        dh_next = da @ W_hh.T
    return dx, dh_next, dW_xh, dW_hh, db_h
    ### END SOLUTION


# %% test:bptt
checks.check("bptt", bptt)

# %% hidden:bptt_weights:2
# Graded: dW_xh, dW_hh and db_h, for sequences and batches of several sizes, of one as well.

# %% hidden:bptt_inputs:2
# Graded: dx and dh0, likewise.

# %% hidden:bptt_unchanged:1
# Graded by calling it twice with the same arrays, and by looking at them afterwards.

# %% [markdown]
# ## 3. Whom to blame
#
# Two lists of gradients lie on the table, one derived and one nudged. They never agree to the last
# digit. Which differences are rounding, and which a mistake? Measure them as lesson 05 did, by
#
# $$\frac{\lVert a - n \rVert}{\lVert a \rVert + \lVert n \rVert}$$
#
# for each array as a whole, and blame those where it is above the tolerance. Here are three
# verdicts that should surprise you if you would rather have looked at the largest difference:

# %%
for name, a, n in (
    ("a bias that hardly matters", 3e-9, -3e-9),
    ("the sum of a long text", 81_000.0, 81_000.004),
    ("one that is not used", 0.0, 0.0),
):
    error = abs(a - n) / ((abs(a) + abs(n)) or 1)
    print(f"{name:27} difference {abs(a - n):.0e}   {'wrong' if error > 1e-6 else 'right'}")

# %% [markdown]
# Two rules more. What is not a number is wrong, however it is compared. And an array of another
# shape is wrong, even if NumPy would stretch it until it fits.


# %% solution:blame
def blame(derived, nudged, tol):
    """The names of the gradients that are wrong, in the order of `derived`.

    derived, nudged: two dicts with the same names, of arrays of any shapes. tol: a number.
    Returns a list of names.
    """
    ### BEGIN SOLUTION
    wrong = []
    for name, a in derived.items():
        n = nudged[name]
        size = np.linalg.norm(a) + np.linalg.norm(n)
        right = a.shape == n.shape and np.linalg.norm(a - n) <= tol * size  # False for nan
        if not right:
            wrong.append(name)
    return wrong
    ### END SOLUTION


# %% test:blame
derived = {"dW": np.array([[1.0, 2.0]]), "db": np.array([3e-9]), "dh0": np.array([np.nan, 1.0])}
nudged = {"dW": np.array([[1.0, 2.0000001]]), "db": np.array([-3e-9]), "dh0": np.array([1.0, 1.0])}
print("yours: ", blame(derived, nudged, tol=1e-6))
print("target: ['db', 'dh0']")

# %% hidden:blame:2
# Graded on gradients of every size from 1e-9 to 1e9, and on both rules.

# %% [markdown]
# Now the two judges can sit over task 2. Every array is random, no two sizes are equal, and the
# loss is every state times a random number. An empty list is what you want to see.

# %%
T, N, D, H = 5, 3, 2, 4
arrays = {"x": (T, N, D), "h0": (N, H), "W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
arrays = {name: rng.normal(scale=0.7, size=shape) for name, shape in arrays.items()}
R = rng.normal(size=(T, N, H))


def awkward(**changed):
    a = arrays | changed
    return (unroll(RNNCell(a["W_xh"], a["W_hh"], a["b_h"]), a["x"], (a["h0"],))[0] * R).sum()


layer = RNNCell(arrays["W_xh"], arrays["W_hh"], arrays["b_h"])
h, _, caches = unroll(layer, arrays["x"], (arrays["h0"],))
try:
    mine = bptt(R, arrays["x"], arrays["h0"], h, arrays["W_xh"], arrays["W_hh"])
    by_hand = {
        name: numeric_gradient(lambda w, name=name: awkward(**{name: w}), w, 1e-5)
        for name, w in arrays.items()
    }
    print("blamed:", blame(dict(zip(arrays, mine, strict=True)), by_hand, tol=1e-7))
except NotImplementedError:
    print("Tasks 1 to 3 first.")

# %% [markdown]
# ## 4. A judge without a nudge
#
# A nudge is never small enough and never large enough: lesson 05, and the figure of task 1. But
# the slope along *one* direction can be had exactly. Let $W_{hh}$ set out in the direction $V$, of
# its own shape, at speed 1. Every state will move, each with a velocity $p_t$. A state moves for
# two reasons: the weights that made it are moving, and so is the state that it was made from.
# Nothing moves before the first step, so $p_0 = 0$. Work out the rest with the product rule; you
# go *forward*, and carry $p_t$ from step to step beside the states.
#
# What this judge says must agree with `bptt` to rounding: the slope of the loss along $V$ is also
# the sum of all entries of $dW_{hh} \odot V$. The target is the dashed line.

# %%
V = rng.normal(size=(H, H))
dW_hh = unroll_backward(layer, R, caches)[0].W_hh
s = np.linspace(-0.5, 0.5, 41)
plt.plot(s, [awkward(W_hh=arrays["W_hh"] + s_k * V) for s_k in s], label="loss at W_hh + s V")
plt.plot(s, awkward() + s * (dW_hh * V).sum(), "k--", label="target: its slope at s = 0")
plt.xlabel("s")
plt.legend()
plt.show()


# %% solution:slope_along
def slope_along(V, dh, h0, h, W_hh):
    """How fast the loss changes while W_hh moves in the direction V; computed forward.

    V: (H, H). dh: (T, N, H), from the loss to each state directly. h0: (N, H).
    h: (T, N, H), the state after each step. W_hh: (H, H). Returns a number.
    """
    ### BEGIN SOLUTION
    p, slope = np.zeros_like(h0), 0.0
    for t in range(len(h)):
        h_prev = h[t - 1] if t > 0 else h0
        p = (h_prev @ V + p @ W_hh) * (1 - h[t] ** 2)
        slope += (dh[t] * p).sum()
    return slope
    ### END SOLUTION


# %% test:slope_along
print("yours: ", slope_along(V, R, arrays["h0"], h, arrays["W_hh"]))
print("target:", (dW_hh * V).sum())

# %% hidden:slope_along:3
# Graded in other directions, for sequences and batches of several sizes, of one as well.

# %% [markdown]
# ## 5. Change sides
#
# Lesson 05 hid three mistakes from the check by taking one step only, and a fourth by making all
# numbers tiny. That is cheap, and everybody's test has more steps than one. Hide them where nobody
# looks for them: at least 4 steps, 2 sequences, 2 inputs and 3 units, every number between 0.05 and
# 3 in size (with either sign), and a gradient that does come back through time: leaving `dh_next`
# out must change $dW_{hh}$ by more than a hundredth.
#
# The two mistakes:
#
# - **transposed**: $da_t W_{hh}$ goes back in place of $da_t W_{hh}^\top$, in a layer whose states
#   were computed rightly;
# - **shifted**: $dW_{hh}$ is summed with $h_t$ in place of $h_{t-1}$. Of the five mistakes of
#   lesson 05 it alone learned nothing.
#
# On an honest case, the one of task 3, both are caught. You write a case for each, on which that
# one comes below the grey line; what becomes of the other there does not matter.


# %%
def off(a, n):
    return np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))


def seen(dh, x, h0, W_xh, W_hh, b_h):
    """How far each mistake moves the gradients that it can move, on this case."""
    cell = RNNCell(W_xh, W_hh, b_h)
    caches = unroll(cell, x, (h0,))[2]
    right, dx, (dh0,) = unroll_backward(cell, dh, caches)
    grads, dx_t, (dh0_t,) = unroll_backward(RNNCell(W_xh, W_hh.T.copy(), b_h), dh, caches)
    shifted = unroll_backward(cell, dh, caches._replace(h_prev=caches.h))[0]
    cut = unroll_backward(RNNCell(W_xh, 0 * W_hh, b_h), dh, caches)[0]
    pairs = (grads.W_xh, right.W_xh), (grads.W_hh, right.W_hh), (dx_t, dx), (dh0_t, dh0)
    return {
        "transposed": max(off(a, n) for a, n in pairs),
        "shifted": off(shifted.W_hh, right.W_hh),
        "dh_next left out": off(cut.W_hh, right.W_hh),
    }


def report(dh, x, h0, W_xh, W_hh, b_h):
    """The same in words, with the sizes of the case."""
    numbers = np.abs(np.concatenate([a.ravel() for a in (dh, x, h0, W_xh, W_hh, b_h)]))
    (T, N, H), D = dh.shape, len(W_xh)
    print(f"T={T} N={N} D={D} H={H}, sizes from {numbers.min():.3f} to {numbers.max():.3f}")
    for name, error in seen(dh, x, h0, W_xh, W_hh, b_h).items():
        print(f"{name:16} {error:.1e}")


faults = seen(R, *arrays.values())
plt.barh(list(faults), list(faults.values()))
plt.xscale("log")
plt.xlim(1e-17, 1)
plt.axvline(1e-6, color="0.6")
plt.xlabel("relative error; the grey line is your target")
plt.show()


# %% solution:hides_transposed
def hides_transposed():
    """A case on which the transposed mistake passes.

    Returns (dh, x, h0, W_xh, W_hh, b_h): (T, N, H), (T, N, D), (N, H), (D, H), (H, H), (H,).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(1)
    T, N, D, H = 4, 3, 2, 5
    shapes = (T, N, H), (T, N, D), (N, H), (D, H), (H, H), (H,)
    dh, x, h0, W_xh, W_hh, b_h = (rng.uniform(0.1, 0.5, shape) for shape in shapes)
    W_hh = (W_hh + W_hh.T) / 2  # its own transpose
    return dh, x, h0, W_xh, W_hh, b_h
    ### END SOLUTION


# %% test:hides_transposed
report(*hides_transposed())
print("target: sizes from 0.05 to 3, transposed below 1e-06, dh_next left out above 1e-02")

# %% hidden:hides_transposed:1
# Graded by the rules above: sizes, numbers, and both mistakes tried on your case.


# %% solution:hides_shifted
def hides_shifted():
    """A case on which the shifted mistake passes.

    Returns (dh, x, h0, W_xh, W_hh, b_h): (T, N, H), (T, N, D), (N, H), (D, H), (H, H), (H,).
    """
    ### BEGIN SOLUTION
    # h_t and h_{t-1} are the same where nothing moves: the same input at each step, and a first
    # state that the step maps to itself.
    rng = np.random.default_rng(1)
    T, N, D, H = 6, 3, 2, 4
    W_xh, W_hh, b_h, dh = (rng.uniform(0.1, 0.3, s) for s in ((D, H), (H, H), (H,), (T, N, H)))
    still = rng.uniform(0.5, 1.0, (N, D))
    h0 = np.zeros((N, H))
    for _ in range(1000):
        h0 = np.tanh(still @ W_xh + h0 @ W_hh + b_h)
    return dh, np.stack([still] * T), h0, W_xh, W_hh, b_h
    ### END SOLUTION


# %% test:hides_shifted
report(*hides_shifted())
print("target: sizes from 0.05 to 3, shifted below 1e-06, dh_next left out above 1e-02")

# %% hidden:hides_shifted:2
# Graded by the rules above, likewise.

# %% [markdown] essay:innocent:3
# ## 6. In your own words
#
# A friend's gradient check reports a relative error of 0.0003 and stops, since the limit is
# 0.0000001. "So my backward pass is wrong." It may be, and it may be innocent. Answer in four to
# eight sentences.
#
# | points | for |
# |-|-|
# | 1 | one way in which the *judge* makes an error of that size, and why it does |
# | 1 | a second one, of another kind |
# | 1 | an experiment that tells a wrong backward pass from these, and what it shows in each case |
#
# ### BEGIN SOLUTION
# If the check is run in float32, the two losses are rounded to seven digits, and their difference,
# divided by a small nudge, keeps only three or four of them. If the nudge is large, the loss bends
# on the way, and the error that is left grows with the square of the nudge. (Also good: a loss
# that draws new random numbers at each call, as dropout does; a kink, as of relu, within the
# nudge.) The experiment is to change the nudge, in float64: an error of bending falls a
# hundredfold when eps is ten times smaller, an error of rounding grows tenfold. A mistake in the
# backward pass stays: 0.0003 at each eps from 1e-4 to 1e-6.
# ### END SOLUTION
