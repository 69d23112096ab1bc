"""Wrong answers to A3: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

RESET = "r * (h_n + b_hn)"
RESET_BEFORE = "(r * h_prev) @ W_hh[:, -len(b_hn) :] + b_hn"
INTO_C = "dc + dh * o * (1 - np.tanh(c) ** 2)"
TO_ITSELF = "W_hh[:, 2 * H :] = np.eye(H); return W_xh"

WRONG = [
    ("i and f exchanged", "lstm_step", "a_i, a_f, a_g", "a_f, a_i, a_g", {"lstm_step"}),
    ("c without tanh", "lstm_step", "* np.tanh(c), c", "* c, c", {"lstm_step"}),
    ("the old c", "lstm_step", "np.tanh(c), c", "np.tanh(c_prev), c", {"lstm_step"}),
    ("z takes the new", "gru_step", "z) * n + z *", "z) * h_prev + z * n + 0 *", {"gru_step"}),
    ("reset before", "gru_step", RESET, RESET_BEFORE, {"gru_step"}),
    ("b_hn beside r", "gru_step", RESET, "r * h_n + b_hn", {"gru_step"}),
    ("dc dropped", "lstm_backward", "dc + dh *", "dh *", {"lstm_backward"}),
    ("h is no road to c", "lstm_backward", INTO_C, "dc", {"lstm_backward"}),
    ("the new c at f", "lstm_backward", "dc_t * c_prev", "dc_t * c", {"lstm_backward"}),
    ("a sigmoid for g", "lstm_backward", "(1 - g**2)", "g * (1 - g)", {"lstm_backward"}),
    ("nothing forgotten", "lstm_backward", "dc_t * f, x_t", "dc_t, x_t", {"lstm_backward"}),
    ("dc_prev without dh", "lstm_backward", "dc_t * f, x_t", "dc * f, x_t", {"lstm_backward"}),
    ("no way past the gates", "gru_backward", "dh * z + ", "", {"gru_backward"}),
    ("W_hh as W_xh", "gru_backward", "h_prev.T @ da_h", "h_prev.T @ da_x", {"gru_backward"}),
    ("r in hn", "gru_backward", "da_n * hn *", "da_n * r * hn *", {"gru_backward"}),
    ("b_hn as b_n", "gru_backward", "(da_n * r).sum", "da_n.sum", {"gru_backward"}),
    ("order unread", "lstm_from_onnx", "i, o, f, c =", "i, f, c, o =", {"lstm_from_onnx"}),
    ("half of the bias", "lstm_from_onnx", "W_b + R_b", "W_b", {"lstm_from_onnx"}),
    ("order unread", "gru_from_onnx", "z, r, h =", "r, z, h =", {"gru_from_onnx"}),
    ("b_hn twice", "gru_from_onnx", "np.zeros(H)", "R_b[2 * H :]", {"gru_from_onnx"}),
    ("r shut", "rnn_in_gru", "b_h, 40.0", "b_h, -40.0", {"rnn_in_gru"}),
    ("z not quite shut", "rnn_in_gru", "-40.0", "-6.0", {"rnn_in_gru"}),
    ("a gate for each unit", "one_function", "W_xh[:, :1]", "W_xh[:, :H]", {"one_function"}),
    ("each to itself", "one_function", "return W_xh", TO_ITSELF, {"one_function"}),
    (
        "r wide open",
        "one_function",
        "np.zeros(3 * H)",
        "np.repeat([40, 0, 0], H)",
        {"one_function"},
    ),
]
