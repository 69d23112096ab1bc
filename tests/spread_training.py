"""A training that the test of `rnn_edu.fast.parallel` runs in one process and under torchrun.

As a program it writes what each process saw to FOLDER/RANK.npz: `spread_training.py FOLDER`.
"""

import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from rnn_edu import GRUCell, fast
from rnn_edu.fast.descend import descend
from rnn_edu.fast.parallel import join, mean, share, spread
from rnn_edu.topologies import Network

T, D, H, K = 8, 3, 5, 4
BATCHES = [(0, 1, 2, 3, 4), (5, 6, 7), (0, 2, 4, 6), (7,), (1, 3, 5, 6, 7)]  # (7,): none for rank 1
LENGTHS = np.array([8, 1, 7, 2, 5, 8, 1, 3])


def train():
    """Losses of each update, and all parameters after the last: {name: array}."""
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(T, 8, D)), rng.integers(0, K, (T, 8))
    counts = np.arange(T)[:, None] < LENGTHS
    join(timeout=60)
    network = Network.init(GRUCell.init(D, H, rng), K, rng)
    model = spread(fast.Network.from_numpy(network))
    batches = iter(BATCHES)
    local = []

    def next_loss():
        n = share(np.array(next(batches)))
        logits = model(torch.from_numpy(x[:, n]), read="every")
        y, mask = (torch.from_numpy(a[:, n]) for a in (targets, counts))
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
        local.append(losses.detach()[mask.flatten()].sum().item() / max(1, mask.sum().item()))
        return mean(losses.view_as(mask), mask)

    losses = descend(next_loss, [(p, 0.05) for p in model.parameters()], len(BATCHES), clip=0.5)
    named = {name.removeprefix("module."): p for name, p in model.named_parameters()}
    return {"losses": losses, "local": np.array(local)} | {
        name: p.detach().numpy() for name, p in named.items()
    }


if __name__ == "__main__":
    found = train()
    np.savez(Path(sys.argv[1]) / f"{os.environ['RANK']}.npz", **found)
