# %% [markdown]
# # A1: one cell, and the loop around it
#
# Lesson 02 drew the loop, lesson 03 said why it is one layer and not many. Here you build it, from
# one number to a batch of sequences, and then give it a character of your own.
#
# After it, you can
#
# - write one step of a recurrent cell for a whole batch, and say the shape of every array in it;
# - put the loop around it, for any number of steps;
# - choose weights by thought alone, so that a cell remembers what you want it to remember.
#
# About 60 minutes, after lessons 02 and 03. 14 points: 11 are given by checks on inputs that nobody
# has seen before, 3 by a person who reads your words. The checks below each task compare with a few
# known answers: they tell you what is wrong, but passing them is not yet the whole mark.
#
# Write between the lines that say so. Cells that you add are yours and are kept; `numpy` is there
# when your notebook is graded, the course's own cells are not.

# %% given:imports
import numpy as np

from rnn_edu import checks

# %% [markdown]
# ## 1. A clap in a room
#
# The smallest memory is one number. At each step it hears one input and its own last value:
#
# $$h_t = \tanh(w_x\,x_t + w_h\,h_{t-1}), \qquad h_0 = 0$$
#
# Here is what one clap leaves behind in three rooms. Before you run the cell: in which of them will
# there be anything left after thirty steps?

# %%
import matplotlib.pyplot as plt

from rnn_edu import RNNCell, unroll

clap = np.zeros((30, 1, 1))
clap[0] = 1.0
for w_h in (0.5, 0.9, 1.1):
    room = RNNCell(np.ones((1, 1)), np.array([[w_h]]), np.zeros(1))
    plt.plot(range(1, 31), unroll(room, clap)[0][:, 0, 0], ".-", label=f"w_h = {w_h}")
plt.xlabel("step")
plt.ylabel("h")
plt.legend()
plt.show()

# %% [markdown]
# Write the loop. It returns every value that the memory had, not only the last.


# %% solution:echo
def echo(x, w_x, w_h):
    """A memory of one number. x: (T,). w_x, w_h: numbers. Returns h: (T,), after each step."""
    ### BEGIN SOLUTION
    h, seen = 0.0, []
    for x_t in x:
        h = np.tanh(w_x * x_t + w_h * h)
        seen.append(h)
    return np.array(seen)
    ### END SOLUTION


# %% test:echo
print("yours: ", np.round(echo(np.array([1.0, 0.0, 0.0, 0.0]), w_x=1.0, w_h=0.9), 3))
print("target: [0.762 0.595 0.49  0.414]")

# %% hidden:echo:2
# Graded on other inputs and weights, on one step only as well.

# %% [markdown]
# ## 2. One step for a whole batch
#
# Now $H$ numbers instead of one, and $N$ sequences at once, a row for each. The equation hardly
# changes: the two weights become matrices, and there is a bias.
#
# $$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$$
#
# Put the shapes below the symbols on paper first. If two of your shapes meet in a product and their
# inner sizes differ, the mistake is there and not in NumPy.


# %% solution:rnn_step
def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    """One step of the cell.

    x_t: (N, D). h_prev: (N, H). W_xh: (D, H). W_hh: (H, H). b_h: (H,). Returns h_t: (N, H).
    """
    ### BEGIN SOLUTION
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)
    ### END SOLUTION


# %% test:rnn_step
checks.check("rnn_step", rnn_step)

# %% hidden:rnn_step:3
# Graded on batches of several sizes, of one as well.

# %% [markdown]
# ## 3. The loop
#
# A sequence is time-major: `x` has the shape $(T, N, D)$, so `for x_t in x` goes through it step by
# step. Keep every state; a later lesson reads them all. The arguments must come back as they were:
# whoever calls you may want them again.


# %% solution:rnn_unroll
def rnn_unroll(x, h0, W_xh, W_hh, b_h):
    """The cell, once for each step.

    x: (T, N, D). h0: (N, H). W_xh: (D, H). W_hh: (H, H). b_h: (H,). Returns h: (T, N, H).
    """
    ### BEGIN SOLUTION
    h, states = h0, []
    for x_t in x:
        h = rnn_step(x_t, h, W_xh, W_hh, b_h)
        states.append(h)
    return np.stack(states)
    ### END SOLUTION


# %% test:rnn_unroll
checks.check("rnn_unroll", rnn_unroll)

# %% hidden:rnn_unroll:2
# Graded on sequences and batches of several sizes, of one as well.

# %% hidden:rnn_unroll_unchanged:1
# Graded by calling it twice with the same arrays, and by looking at them afterwards.

# %% [markdown]
# ## 4. A switch
#
# Nobody trains this one: you choose its three numbers. One unit,
#
# $$h_t = \tanh(w_x\,x_t + w_h\,h_{t-1} + b)$$
#
# hears a clap of $+1$ or $-1$ now and then, and silence ($x_t = 0$) between them. It must hold the
# sign of the last clap: after a clap of $+1$, $h$ stays above 0.5 until a clap of $-1$ comes, and
# then stays below -0.5, through forty silent steps if need be. The grey line is the target, and the
# room of $w_h = 0.5$ misses it. A hint that is not one: where does $h = \tanh(w_h h)$ have a
# solution other than 0?

# %%
claps = np.zeros((60, 1, 1))
claps[[0, 25, 30]] = np.array([1.0, -1.0, 1.0]).reshape(3, 1, 1)
room = RNNCell(np.ones((1, 1)), np.array([[0.5]]), np.zeros(1))
target = np.where((np.arange(60) < 25) | (np.arange(60) >= 30), 1, -1)
plt.step(range(1, 61), target, where="mid", color="0.7", label="target: the sign")
plt.plot(range(1, 61), unroll(room, claps)[0][:, 0, 0], label="w_h = 0.5")
plt.xlabel("step")
plt.legend()
plt.show()


# %% solution:switch
def switch():
    """The weights of a unit that holds the sign of the last clap. Returns (w_x, w_h, b)."""
    ### BEGIN SOLUTION
    # h = tanh(2 h) holds at 0, and at 0.957 and -0.957: there it stays. A clap has to outweigh
    # 2 * 0.957, so w_x is 3.
    return 3.0, 2.0, 0.0
    ### END SOLUTION


# %% test:switch
w_x, w_h, b = switch()
h, clap_at = 0.0, {0: 1.0, 25: -1.0, 30: 1.0}
for t in range(60):
    h = np.tanh(w_x * clap_at.get(t, 0.0) + w_h * h + b)
    if t in (0, 24, 25, 29, 30, 59):
        wanted = "h < -0.5" if 25 <= t < 30 else "h > 0.5"
        print(f"step {t + 1:2}: h = {h:+.3f}, asked for is {wanted}")

# %% hidden:switch:3
# Graded on claps at other times, two of one sign in a row among them.

# %% [markdown] essay:stack:3
# ## 5. In your own words
#
# A friend has seen a drawing of an unrolled network and says: "An RNN with 100 steps has 100 hidden
# layers, so it has 100 times as many weights, and it cannot read a sentence of 101 words." Answer
# in three to six sentences, with the sizes of one example of yours.
#
# | points | for |
# |-|-|
# | 1 | the weights are the same at each step; what differs from step to step is the state |
# | 1 | the number of weights of your example, and that $T$ is not in it |
# | 1 | what is true about the drawing: unrolled, it is a deep network with tied weights |
#
# ### BEGIN SOLUTION
# The drawing shows one layer a hundred times, not a hundred layers: at each step the same W_xh,
# W_hh and b_h are applied, to a new input and to the state that the step before left. With D = 10
# and H = 20 these are 10 * 20 + 20 * 20 + 20 = 620 numbers, for 100 words as for 101 or for 3. What
# is right: once unrolled for a given sentence it is a network 100 layers deep, whose layers are
# bound to have equal weights, and it is trained as such.
# ### END SOLUTION
