# %% [markdown]
# # A3: two cells, and one function or two
#
# Lessons 09 and 10 took the LSTM and the GRU apart and went through them forward. You go back
# through both, by hand. Then comes the question of lesson 10, when two programs are one function,
# with the weights in your hands: you read them from a foreign file, you turn one cell into another,
# and you find out where two equations that are not the same agree.
#
# After it, you can
#
# - derive the backward pass of a gated cell, a road at a time;
# - load weights that somebody else has written, and prove that you read them rightly;
# - set gates so that a cell does what you say, and name what no gate can do.
#
# About 100 minutes, after lessons 09 and 10. 18 points: 15 are given by checks on inputs that
# nobody has seen before, 3 by a person who reads your words. Write between the lines that say so.
# `numpy` is there when your notebook is graded; the course's own cells and torch are not.

# %% given:imports
import numpy as np

from rnn_edu import checks


def sigmoid(a):
    """Between 0 and 1; written with tanh, it does not overflow."""
    return (1 + np.tanh(a / 2)) / 2


# %% [markdown]
# ## 1. Forward, from memory
#
# $$i, f, o = \sigma(x_t W_{x\cdot} + h_{t-1} W_{h\cdot} + b_\cdot) \qquad
# g = \tanh(x_t W_{xg} + h_{t-1} W_{hg} + b_g)$$
# $$c_t = f \odot c_{t-1} + i \odot g \qquad h_t = o \odot \tanh(c_t)$$
#
# and the GRU, with a bias $b_{hn}$ that stands beside the rest, inside of what $r$ scales:
#
# $$r, z = \sigma(x_t W_{x\cdot} + h_{t-1} W_{h\cdot} + b_\cdot) \qquad
# n = \tanh(x_t W_{xn} + b_n + r \odot (h_{t-1} W_{hn} + b_{hn}))$$
# $$h_t = (1 - z) \odot n + z \odot h_{t-1}$$
#
# The blocks stand side by side, in the order i, f, g, o and r, z, n. Here is what one unit of each
# makes of three pulses. Which of the three curves can leave the band from -1 to 1, and why can the
# others not?

# %%
import matplotlib.pyplot as plt

from rnn_edu import GRUCell, LSTMCell, RNNCell, record, unroll, unroll_backward

pulses = np.zeros((40, 1, 1))
pulses[[3, 8, 24]] = 1.0
lstm = LSTMCell(np.array([[9.0, 0, 3, 0]]), np.zeros((1, 4)), np.array([-5.0, 4, 0, 3]))
gru = GRUCell(np.array([[0.0, -9, 3]]), np.zeros((1, 3)), np.array([0.0, 4, 0]), np.zeros(1))
seen = record(lstm, pulses)
plt.vlines([4, 9, 25], -0.1, 2, color="0.85", linewidth=5)
plt.plot(range(1, 41), seen["c"][:, 0, 0], label="LSTM: c")
plt.plot(range(1, 41), seen["h"][:, 0, 0], "--", label="LSTM: h")
plt.plot(range(1, 41), record(gru, pulses).h[:, 0, 0], ":", label="GRU: h")
plt.xlabel("step")
plt.legend()
plt.show()


# %% solution:lstm_step
def lstm_step(x_t, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of an LSTM, gates in the order i, f, g, o.

    x_t: (N, D). h_prev, c_prev: (N, H). W_xh: (D, 4H). W_hh: (H, 4H). b_h: (4H,).
    Returns (h, c), each (N, H).
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(x_t @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    c = sigmoid(a_f) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c), c
    ### END SOLUTION


# %% test:lstm_step
checks.check("lstm_step", lstm_step)

# %% hidden:lstm_step:1
# Graded on batches of several sizes, of one as well.


# %% solution:gru_step
def gru_step(x_t, h_prev, W_xh, W_hh, b_h, b_hn):
    """One step of a GRU, gates in the order r, z, n; r scales h_prev W_hn + b_hn.

    x_t: (N, D). h_prev: (N, H). W_xh: (D, 3H). W_hh: (H, 3H). b_h: (3H,). b_hn: (H,).
    Returns h: (N, H).
    """
    ### BEGIN SOLUTION
    x_r, x_z, x_n = np.split(x_t @ W_xh + b_h, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_hn))
    return (1 - z) * n + z * h_prev
    ### END SOLUTION


# %% test:gru_step
checks.check("gru_step", gru_step)

# %% hidden:gru_step:1
# Graded likewise.

# %% [markdown]
# ## 2. Back through the LSTM
#
# Take a sheet of paper and draw the step as a graph: $h_{t-1}$, $c_{t-1}$ and $x_t$ on the left,
# four sums, four gates, $c_t$ and $h_t$ on the right. Two gradients come in: `dh` at $h_t$, and
# `dc` at $c_t$, from the step after. Three questions to ask of the drawing before you write:
#
# - By how many roads does $c_t$ reach the loss?
# - What does a product hand to each of its two factors?
# - The slope of $\sigma$ at a gate $i$ is $i\,(1 - i)$. What is the slope at $g$?
#
# The target is what an LSTM with open forget gates sends back from the last of thirty steps. Which
# of the two lines is nearly level, `dh` or `dc`, and why not the other?

# %%
rng = np.random.default_rng(0)
cell = LSTMCell.init(2, 8, rng)
cell.b_h[8:16] = 4.0  # the forget gates, open
_, _, caches = unroll(cell, rng.normal(size=(30, 1, 2)))
state, lengths = (np.ones((1, 8)), np.zeros((1, 8))), []
for t in reversed(range(30)):
    _, _, state = cell.step_backward(state, type(caches)(*(a[t] for a in caches)))
    lengths.append([np.linalg.norm(a) for a in state])
for name, line, dash in zip(("dh", "dc"), np.array(lengths).T, ("-", "--"), strict=True):
    plt.semilogy(range(29, -1, -1), line, dash, label=name)
plt.xlabel("step at which it arrives")
plt.ylabel("length")
plt.legend()
plt.show()


# %% solution:lstm_backward
def lstm_backward(dh, dc, x_t, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """One step of an LSTM, backwards.

    dh, dc: (N, H), what reaches h_t and c_t from the loss and from the step after.
    x_t: (N, D). h_prev, c_prev: (N, H), before the step. i, f, g, o, c: (N, H), of the step.
    W_xh: (D, 4H). W_hh: (H, 4H).
    Returns (dx_t, dh_prev, dc_prev, dW_xh, dW_hh, db_h):
    (N, D), (N, H), (N, H), (D, 4H), (H, 4H), (4H,).
    """
    ### BEGIN SOLUTION
    dc_t = dc + dh * o * (1 - np.tanh(c) ** 2)
    da_i = dc_t * g * i * (1 - i)
    da_f = dc_t * c_prev * f * (1 - f)
    da_g = dc_t * i * (1 - g**2)
    da_o = dh * np.tanh(c) * o * (1 - o)
    da = np.hstack([da_i, da_f, da_g, da_o])
    return da @ W_xh.T, da @ W_hh.T, dc_t * f, x_t.T @ da, h_prev.T @ da, da.sum(axis=0)
    ### END SOLUTION


# %% test:lstm_backward
checks.check("lstm_backward", lstm_backward)

# %% hidden:lstm_backward:3
# Graded on batches of several sizes, of one as well, and where only dc comes in.

# %% [markdown]
# ## 3. Back through the GRU
#
# One gradient comes in and the step has fewer gates, and yet it is easier to get wrong. $h_{t-1}$
# is read in three places. Find all three before you write. One of them lies behind $r$: what the
# input adds to the candidate and what the state adds to it no longer get the same gradient, so
# `W_xh` and `W_hh` need two different rows of blocks.
#
# You are handed `hn`, which is $h_{t-1} W_{hn} + b_{hn}$, before $r$ scales it. The target: how
# much arrives at the first of thirty steps if nothing changes but the bias of $z$. Which way does
# it go?

# %%
biases, arrives = np.arange(-4, 9), []
for b_z in biases:
    cell = GRUCell.init(2, 8, np.random.default_rng(0))
    cell.b_h[8:16] = b_z
    h, _, caches = unroll(cell, np.random.default_rng(1).normal(size=(30, 1, 2)))
    last = (np.ones((1, 8)),)
    arrives.append(np.linalg.norm(unroll_backward(cell, 0 * h, caches, last)[2][0]) / np.sqrt(8))
plt.semilogy(biases, arrives, "o-")
plt.xlabel("bias of z")
plt.ylabel("share of dh that arrives")
plt.show()


# %% solution:gru_backward
def gru_backward(dh, x_t, h_prev, r, z, n, hn, W_xh, W_hh):
    """One step of a GRU, backwards.

    dh: (N, H), what reaches h_t. x_t: (N, D). h_prev: (N, H), before the step.
    r, z, n, hn: (N, H), of the step. W_xh: (D, 3H). W_hh: (H, 3H).
    Returns (dx_t, dh_prev, dW_xh, dW_hh, db_h, db_hn):
    (N, D), (N, H), (D, 3H), (H, 3H), (3H,), (H,).
    """
    ### BEGIN SOLUTION
    da_n = dh * (1 - z) * (1 - n**2)
    da_r = da_n * hn * r * (1 - r)
    da_z = dh * (h_prev - n) * z * (1 - z)
    da_x = np.hstack([da_r, da_z, da_n])
    da_h = np.hstack([da_r, da_z, da_n * r])
    dh_prev = dh * z + da_h @ W_hh.T
    sums = da_x.sum(axis=0), (da_n * r).sum(axis=0)
    return da_x @ W_xh.T, dh_prev, x_t.T @ da_x, h_prev.T @ da_h, *sums
    ### END SOLUTION


# %% test:gru_backward
checks.check("gru_backward", gru_backward)

# %% hidden:gru_backward:3
# Graded on batches of several sizes, of one as well.

# %% [markdown]
# A derivation is an opinion, lesson 05 said. Here is yours beside torch's, over twelve steps: the
# same weights, the same inputs, the same gradients coming in. In float64 the differences should be
# below 1e-10. One of 1e-3 would be a mistake that training hides.

# %%
import torch

from rnn_edu.fast import to_torch

for kind, backward, held, seen in (
    (LSTMCell, lstm_backward, 2, "h_prev c_prev i f g o c"),
    (GRUCell, gru_backward, 1, "h_prev r z n hn"),
):
    cell = kind.init(3, 5, rng)
    x, dh = rng.normal(size=(12, 2, 3)), rng.normal(size=(12, 2, 5))
    module, x_ = to_torch(cell), torch.from_numpy(x).requires_grad_()
    module(x_)[0].backward(torch.from_numpy(dh))
    theirs = [p.grad.numpy().T for p in module.parameters()]
    caches = unroll(cell, x)[2]
    step = [getattr(caches, name) for name in seen.split()]
    state, mine = [np.zeros((2, 5))] * held, [0, 0, 0]
    try:
        for t in reversed(range(12)):
            state[0] = state[0] + dh[t]
            out = backward(*state, x[t], *(a[t] for a in step), cell.W_xh, cell.W_hh)
            state = list(out[1 : 1 + held])
            mine = [m + dw for m, dw in zip(mine, out[1 + held : 4 + held], strict=True)]
    except NotImplementedError:
        print(f"{kind.__name__}: its backward pass first.")
        continue
    for name, a, b in zip(("dW_xh", "dW_hh", "db_h"), mine, theirs[:3], strict=True):
        print(f"{kind.__name__} {name:6} {np.abs(a - b).max() / np.abs(b).max():.0e}")

# %% [markdown]
# ## 4. Weights from another house
#
# ONNX is a format in which one program hands a trained network to another. Its standard says that
# the blocks of an LSTM stand in the order i, o, f, c, those of a GRU in the order z, r, h, that a
# row of `W` belongs to a unit, and that there is a first axis for the directions, here of size 1
# (onnx.ai, operators LSTM and GRU). A GRU comes with a switch, `linear_before_reset`, for the two
# equations of lesson 10; PyTorch writes 1, which is ours. In code:


# %%
def onnx_lstm(x, W, R, B):
    """x: (T, N, D). W: (1, 4H, D). R: (1, 4H, H). B: (1, 8H). Returns h: (T, N, H)."""
    W, R, (W_b, R_b) = W[0], R[0], np.split(B[0], 2)
    h = c = np.zeros((x.shape[1], R.shape[1]))
    states = []
    for x_t in x:
        a_i, a_o, a_f, a_c = np.split(x_t @ W.T + h @ R.T + W_b + R_b, 4, axis=1)
        c = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_c)
        h = sigmoid(a_o) * np.tanh(c)
        states.append(h)
    return np.stack(states)


def onnx_gru(x, W, R, B):
    """With linear_before_reset = 1. W: (1, 3H, D). R: (1, 3H, H). B: (1, 6H)."""
    W, R, (W_b, R_b) = W[0], R[0], np.split(B[0], 2)
    h, states = np.zeros((x.shape[1], R.shape[1])), []
    for x_t in x:
        (x_z, x_r, x_h), (h_z, h_r, h_h) = (
            np.split(a, 3, axis=1) for a in (x_t @ W.T + W_b, h @ R.T + R_b)
        )
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        h = (1 - z) * np.tanh(x_h + r * h_h) + z * h
        states.append(h)
    return np.stack(states)


x = rng.normal(size=(20, 1, 2))
file = [rng.normal(scale=0.8, size=shape) for shape in ((1, 16, 2), (1, 16, 4), (1, 32))]
W, R, B = file
careless = LSTMCell(W[0].T.copy(), R[0].T.copy(), B[0, :16] + B[0, 16:])
plt.plot(onnx_lstm(x, *file)[:, 0, 0], color="0.6", linewidth=4, label="target: as it was trained")
plt.plot(unroll(careless, x)[0][:, 0, 0], "--", label="the shapes fit, so it was loaded")
plt.xlabel("step")
plt.ylabel("h of the first unit")
plt.legend()
plt.show()

# %% [markdown]
# The dashed line raised no error. Write the two readers, so that `LSTMCell` and `GRUCell` of this
# course, which are your own two steps, compute what was trained. Take care with the biases: ONNX
# has two for everything, and in one place of one of the cells it matters which is which.


# %% solution:lstm_from_onnx
def lstm_from_onnx(W, R, B):
    """An LSTM's weights as ours, from those of an ONNX file.

    W: (1, 4H, D). R: (1, 4H, H). B: (1, 8H), first all of W's, then all of R's.
    Returns (W_xh, W_hh, b_h): (D, 4H), (H, 4H), (4H,), gates in the order i, f, g, o.
    """

    ### BEGIN SOLUTION
    def ours(a):
        i, o, f, c = np.split(a, 4)
        return np.concatenate([i, f, c, o])

    W_b, R_b = np.split(B[0], 2)
    return ours(W[0]).T, ours(R[0]).T, ours(W_b + R_b)
    ### END SOLUTION


# %% test:lstm_from_onnx
W = np.array([[1.0], [2.0], [3.0], [4.0]])[None]
print("yours: ", *lstm_from_onnx(W, W + 4, np.arange(10.0, 90.0, 10)[None]))
print("target: [[1. 3. 4. 2.]] [[5. 7. 8. 6.]] [ 60. 100. 120.  80.]")
read = LSTMCell(*(a.copy() for a in lstm_from_onnx(*file)))
gap = np.abs(unroll(read, x)[0] - onnx_lstm(x, *file)).max()
print(f"largest difference over twenty steps, yours: {gap:.0e}   target: below 1e-14")

# %% hidden:lstm_from_onnx:1
# Graded on files of other sizes.


# %% solution:gru_from_onnx
def gru_from_onnx(W, R, B):
    """A GRU's weights as ours, from those of an ONNX file with linear_before_reset = 1.

    W: (1, 3H, D). R: (1, 3H, H). B: (1, 6H), first all of W's, then all of R's.
    Returns (W_xh, W_hh, b_h, b_hn): (D, 3H), (H, 3H), (3H,), (H,), gates in the order r, z, n.
    """

    ### BEGIN SOLUTION
    def ours(a):
        z, r, h = np.split(a, 3)
        return np.concatenate([r, z, h])

    W_b, R_b = (ours(b) for b in np.split(B[0], 2))
    H = len(W_b) // 3
    b_h = W_b + np.concatenate([R_b[: 2 * H], np.zeros(H)])
    return ours(W[0]).T, ours(R[0]).T, b_h, R_b[2 * H :]
    ### END SOLUTION


# %% test:gru_from_onnx
W = np.array([[1.0], [2.0], [3.0]])[None]
print("yours: ", *gru_from_onnx(W, W + 3, np.arange(10.0, 70.0, 10)[None]))
print("target: [[2. 1. 3.]] [[5. 4. 6.]] [70. 50. 30.] [60.]")
file = [rng.normal(scale=0.8, size=shape) for shape in ((1, 12, 2), (1, 12, 4), (1, 24))]
read = GRUCell(*(a.copy() for a in gru_from_onnx(*file)))
gap = np.abs(unroll(read, x)[0] - onnx_gru(x, *file)).max()
print(f"largest difference over twenty steps, yours: {gap:.0e}   target: below 1e-14")

# %% hidden:gru_from_onnx:2
# Graded on files of other sizes.

# %% [markdown]
# ## 5. One cell as another
#
# Somebody has trained the plain cell $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$, and your
# machine has a fast GRU and nothing else. Give the GRU weights with which it *is* that cell, to
# the sixth digit, for any inputs and any number of steps. You choose what the two gates do; nothing
# is trained. The target is the grey line.

# %%
plain = RNNCell(*(rng.normal(scale=0.6, size=shape) for shape in ((2, 4), (4, 4), (4,))))
x = rng.normal(size=(30, 1, 2))
zeros = np.zeros((2, 4)), np.zeros((4, 4)), np.zeros(4)
half_open = GRUCell(*(np.hstack([0 * w, 0 * w, w]) for w in vars(plain).values()), zeros[2])
plt.plot(unroll(plain, x)[0][:, 0, 0], color="0.6", linewidth=4, label="target: the plain cell")
plt.plot(unroll(half_open, x)[0][:, 0, 0], "--", label="a GRU whose gates stand at 1/2")
plt.xlabel("step")
plt.ylabel("h of the first unit")
plt.legend()
plt.show()


# %% solution:rnn_in_gru
def rnn_in_gru(W_xh, W_hh, b_h):
    """The weights of a GRU that computes what a plain cell does.

    W_xh: (D, H). W_hh: (H, H). b_h: (H,), of the plain cell.
    Returns (W_xh, W_hh, b_h, b_hn) of the GRU: (D, 3H), (H, 3H), (3H,), (H,), in the order r, z, n.
    """
    ### BEGIN SOLUTION
    # r at 1: the candidate hears all of the state. z at 0: nothing is kept beside the candidate.
    open_, shut = np.full_like(b_h, 40.0), np.full_like(b_h, -40.0)
    gates_x, gates_h = (np.zeros((len(w), 2 * len(b_h))) for w in (W_xh, W_hh))
    biases = np.concatenate([open_, shut, b_h])
    return np.hstack([gates_x, W_xh]), np.hstack([gates_h, W_hh]), biases, np.zeros_like(b_h)
    ### END SOLUTION


# %% test:rnn_in_gru
twin = GRUCell(*rnn_in_gru(plain.W_xh, plain.W_hh, plain.b_h))
gap = np.abs(unroll(twin, x)[0] - unroll(plain, x)[0]).max()
print(f"largest difference over thirty steps, yours: {gap:.0e}   target: below 1e-06")

# %% hidden:rnn_in_gru:2
# Graded on other plain cells and on long sequences.

# %% [markdown]
# ## 6. Where two equations agree
#
# Lesson 10 had two GRUs of one name. One scales what is heard, $r \odot (h\,W_{hn} + b_{hn})$, the
# other what is said, $(r \odot h)\,W_{hn} + b_{hn}$. They are two equations, and the lesson names
# one kind of weights with which they agree all the same: every unit connected to itself alone.
#
# There is another kind. Find it: at least 3 units and 2 inputs, all numbers of `W_xh` and `W_hh`
# between 0.05 and 3 in size, the biases as you like. And $r$ must do something: opening it wide
# must change some state by more than 0.01. On honest weights the two part like this:


# %%
def said_scaled(gru, x):
    """The states of the other GRU, with the same weights: r scales the state before the product."""
    h, states = np.zeros((x.shape[1], gru.H)), []
    W_xn, W_hn, b_n = (a[..., 2 * gru.H :] for a in (gru.W_xh, gru.W_hh, gru.b_h))
    for x_t in x:
        gates = gru.step(x_t, (h,))[1]
        n = np.tanh(x_t @ W_xn + b_n + (gates.r * h) @ W_hn + gru.b_hn)
        h = (1 - gates.z) * n + gates.z * h
        states.append(h)
    return np.stack(states)


honest = GRUCell(*(rng.normal(size=shape) for shape in ((2, 12), (4, 12), (12,), (4,))))
plt.plot(unroll(honest, x)[0][:, 0, 0], label="heard scaled")
plt.plot(said_scaled(honest, x)[:, 0, 0], "--", label="said scaled")
plt.legend()
plt.xlabel("step")
plt.ylabel("h of the first unit")
plt.show()


# %% solution:one_function
def one_function():
    """Weights with which the two GRUs agree.

    Returns (W_xh, W_hh, b_h, b_hn): (D, 3H), (H, 3H), (3H,), (H,), in the order r, z, n.
    """
    ### BEGIN SOLUTION
    # One reset gate for all units: then r is one number per sequence, and a number may be
    # multiplied before a matrix product or after it. Only b_hn would tell the two apart.
    rng, H = np.random.default_rng(0), 3
    W_xh, W_hh = rng.uniform(0.2, 1.0, (2, 3 * H)), rng.uniform(0.2, 1.0, (H, 3 * H))
    W_xh[:, :H], W_hh[:, :H] = W_xh[:, :1], W_hh[:, :1]
    return W_xh, W_hh, np.zeros(3 * H), np.zeros(H)
    ### END SOLUTION


# %% test:one_function
gru = GRUCell(*one_function())
r_open = GRUCell(gru.W_xh, gru.W_hh, gru.b_h + np.repeat([40.0, 0, 0], gru.H), gru.b_hn)
heard, wide = (unroll(cell, x)[0] for cell in (gru, r_open))
print(f"the two differ by {np.abs(heard - said_scaled(gru, x)).max():.0e}   target: below 1e-06")
print(f"opening r wide changes {np.abs(heard - wide).max():.2f}   target: above 0.01")

# %% hidden:one_function:2
# Graded by the rules above, on other inputs.

# %% [markdown] essay:lstm_as_rnn:3
# ## 7. In your own words
#
# In task 5 a GRU was turned into a plain cell. Can an LSTM be? Try it on paper: set its three
# gates, and look at what $h_t$ is then. Answer in four to eight sentences.
#
# | points | for |
# |-|-|
# | 1 | how each of the three gates would have to stand, and why |
# | 1 | what comes out instead of $\tanh(a)$, with the numbers for one $a$ of your choice |
# | 1 | why no setting of the gates can mend that, or for which states the two agree nearly |
#
# ### BEGIN SOLUTION
# The forget gate must be shut, since the plain cell keeps nothing beside what it hears; the input
# gate must be open, to let all of the candidate in, and the output gate open, to show all of it.
# Then c_t = g = tanh(a), and h_t = tanh(c_t) = tanh(tanh(a)): the candidate is squashed twice. For
# a = 1 that is 0.642 where the plain cell says 0.762. A gate only multiplies by something between
# 0 and 1, so it can make this smaller, never larger; with the forget gate shut, c is at most 1 and
# h at most tanh(1) = 0.762, while the plain cell goes up to 1. Where all numbers are small, tanh is
# nearly a straight line, and the two nearly agree.
# ### END SOLUTION
