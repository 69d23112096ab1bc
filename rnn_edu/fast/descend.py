"""One way down for every torch network of the course."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ..ops import Array
from .parallel import overall


def descend(
    next_loss: Callable[[], Tensor],
    rates: list[tuple[Tensor, float]],
    updates: int,
    clip: float = torch.inf,
) -> Array:
    """Adam with rates that rise for a tenth of the updates and then fall: the losses, (updates,).

    next_loss: the loss of the next batch, by `parallel.mean` where several processes share it.
    rates: all parameters, each with its highest rate.
    clip: the most that the joint norm of all gradients may be.
    Source: Smith and Topin, "Super-convergence", 2019.
    """
    optimiser = torch.optim.Adam([{"params": [p], "lr": rate} for p, rate in rates])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [rate for _, rate in rates], total_steps=updates, pct_start=0.1
    )
    losses = []
    for _ in range(updates):
        loss = next_loss()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for p, _ in rates], clip)
        optimiser.step()
        schedule.step()
        losses.append(overall(loss))
    return np.array(losses)
