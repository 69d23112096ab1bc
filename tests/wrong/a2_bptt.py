"""Wrong answers to A2: (what is wrong, in which cell, a text of the model answer, what stands there
instead, the checks whose points are lost)."""

NUDGE = {"numeric_gradient"}
WEIGHTS = {"bptt_weights", "bptt_unchanged"}
INPUTS = {"bptt_inputs", "bptt_unchanged"}
BPTT = WEIGHTS | INPUTS
IN_PLACE = "dh[t] += dh_next; da = dh[t] *"
TO_TOL = "np.linalg.norm(a - n) <= tol * size"

WRONG = [
    ("one side", "numeric_gradient", "f(w - nudge)) / (2 * eps)", "f(w)) / eps", NUDGE),
    ("an eps of its own", "numeric_gradient", "dw =", "eps = 1e-5; dw =", NUDGE),
    ("matrices only", "numeric_gradient", "w.shape)", "w.shape[:2])", NUDGE),
    ("w left moved", "numeric_gradient", "return dw", "w += nudge; return dw", NUDGE),
    ("nothing comes back", "bptt", "dh[t] + dh_next", "dh[t]", BPTT),
    ("W_hh not transposed", "bptt", "W_hh.T", "W_hh", BPTT),
    ("overwritten, not added", "bptt", "dW_xh = dW_xh + ", "dW_xh = ", WEIGHTS),
    ("h for h_prev", "bptt", "h_prev.T", "h[t].T", WEIGHTS),
    ("zeros for h0", "bptt", "else h0", "else 0 * h0", WEIGHTS),
    ("the mean of the batch", "bptt", "da.sum(axis=0)", "da.mean(axis=0)", WEIGHTS),
    ("no dh0", "bptt", "dx, dh_next,", "dx, 0 * dh_next,", INPUTS),
    ("dx the wrong way round", "bptt", "dx[t] =", "dx[-1 - t] =", INPUTS),
    ("dh overwritten", "bptt", "da = (dh[t] + dh_next) *", IN_PLACE, {"bptt_unchanged"}),
    ("the largest difference", "blame", "tol * size", "tol", {"blame"}),
    ("entry by entry", "blame", TO_TOL, "np.all(abs(a - n) <= tol * (abs(a) + abs(n)))", {"blame"}),
    ("below, not at most", "blame", "<= tol", "< tol", {"blame"}),
    ("nan passes", "blame", "if not right", "if not right and not np.isnan(a).any()", {"blame"}),
    ("shapes stretched", "blame", "a.shape == n.shape and", "", {"blame"}),
    ("the state stands still", "slope_along", " + p @ W_hh", "", {"slope_along"}),
    ("read at the end alone", "slope_along", "slope +=", "slope =", {"slope_along"}),
    ("one step", "hides_transposed", "= 4, 3, 2, 5", "= 1, 3, 2, 5", {"hides_transposed"}),
    ("not symmetric", "hides_transposed", " + W_hh.T", "", {"hides_transposed"}),
    ("saturated", "hides_transposed", "return dh", "b_h += 2.5; return dh", {"hides_transposed"}),
    ("not yet still", "hides_shifted", "range(1000)", "range(3)", {"hides_shifted"}),
    ("the input moves", "hides_shifted", "[still] * T", "[still, -still] * 3", {"hides_shifted"}),
]
