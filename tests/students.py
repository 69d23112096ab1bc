"""What a student might hand in: two right solutions, and ways to spoil one."""

import numpy as np


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def rnn_unroll(x, h0, W_xh, W_hh, b_h):
    h = [h0]
    for x_t in x:
        h.append(rnn_step(x_t, h[-1], W_xh, W_hh, b_h))
    return np.stack(h[1:])


def then(change, function=rnn_step):
    """A solution whose answer is changed."""
    return lambda *arguments: change(function(*arguments))


def raises(error):
    """A solution that fails."""

    def student(*arguments):
        raise error

    return student
