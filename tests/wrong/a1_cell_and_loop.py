"""Wrong answers to A1: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

STEP = {"rnn_step", "rnn_unroll", "rnn_unroll_unchanged"}
LOOP = {"rnn_unroll", "rnn_unroll_unchanged"}

WRONG = [
    ("h starts at 1", "echo", "0.0, []", "1.0, []", {"echo"}),
    ("the last value alone", "echo", "np.array(seen)", "np.array(seen[-1:])", {"echo"}),
    ("tanh of the input alone", "echo", "w_x * x_t + w_h * h", "w_x * x_t", {"echo"}),
    ("no tanh", "echo", "np.tanh", "", {"echo"}),
    ("no bias", "rnn_step", " + b_h", "", STEP),
    ("W_hh transposed", "rnn_step", "h_prev @ W_hh", "h_prev @ W_hh.T", STEP),
    ("no tanh", "rnn_step", "np.tanh", "", STEP),
    ("no recurrence", "rnn_step", "h_prev @ W_hh + ", "", STEP),
    ("the first row alone", "rnn_step", "b_h)", "b_h)[0]", STEP),
    ("each step from h0", "rnn_unroll", "x_t, h, ", "x_t, h0, ", LOOP),
    ("the last state alone", "rnn_unroll", "np.stack(states)", "h", LOOP),
    ("read backwards", "rnn_unroll", "in x:", "in x[::-1]:", LOOP),
    ("batch first", "rnn_unroll", "np.stack(states)", "np.stack(states, 1)", LOOP),
    ("h0 in front", "rnn_unroll", "h0, []", "h0, [h0]", LOOP),
    ("h0 overwritten", "rnn_unroll", "return np", "h0[:] = h; return np", {"rnn_unroll_unchanged"}),
    ("x overwritten", "rnn_unroll", "return np", "x *= 0; return np", {"rnn_unroll_unchanged"}),
    ("forgets", "switch", "3.0, 2.0, 0.0", "3.0, 0.9, 0.0", {"switch"}),
    ("cannot be flipped", "switch", "3.0, 2.0, 0.0", "1.0, 3.0, 0.0", {"switch"}),
    ("one sign only", "switch", "3.0, 2.0, 0.0", "3.0, 2.0, 1.5", {"switch"}),
    ("two numbers", "switch", "3.0, 2.0, 0.0", "3.0, 2.0", {"switch"}),
    ("not numbers", "switch", "3.0, 2.0, 0.0", "'3', '2', '0'", {"switch"}),
]
