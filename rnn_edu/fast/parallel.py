"""One training loop on several processes, on one machine or more: each reads a share of a batch.

A program that uses these four runs as it is under `python` and under `torchrun`:

    join()                                  # the processes find each other
    model = spread(model)                   # the same parameters in all, gradients averaged
    n = share(n)                            # of the batch that all drew alike: what is read here
    loss = mean(losses, mask)               # over what counts in the whole batch

Where torchrun started nothing there is one process, and each does what it does for one.
Source: Li et al., "PyTorch Distributed", VLDB 2020.
"""

from __future__ import annotations

import atexit
import os
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ..ops import Array


def join(timeout: float = 600.0) -> None:
    """Wait until all processes that torchrun started are there; nothing if it started none.

    They talk by gloo where tensors lie in a CPU's memory, by nccl where in a GPU's; "cuda" is then
    the GPU of this process. timeout: seconds that a process waits for the others, here and at each
    update, before it raises.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ or _together():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group(timeout=timedelta(seconds=timeout))
    atexit.register(dist.destroy_process_group)


def spread(module: nn.Module) -> nn.Module:
    """The module with the parameters of the first process, and gradients averaged over all.

    module: on the device where it stays. Returned as it is where there is one process.
    """
    return DistributedDataParallel(module) if _together() else module


def share(n: Array) -> Array:
    """Every k-th of a batch's sequences for each of k processes; all of them for one.

    n: (N,) which sequences are in the batch, the same in all processes. Returns (M,), M at least
    N // k: 0 where a batch has fewer sequences than there are processes.
    """
    return n[dist.get_rank() :: dist.get_world_size()] if _together() else n


def mean(losses: Tensor, mask: Tensor | None = None) -> Tensor:
    """A loss whose gradient, averaged over the processes, is that of the mean over the whole batch.

    Shares differ in how many steps count, so the mean of their means is another number. This is
    k times the sum here, over the count in all k processes.
    losses: (...) of the positions in this share. mask: (...) booleans, True where one counts; all
    if None. Returns (). Raises ValueError if mask has another shape or dtype, or if nothing counts
    in any share.
    """
    if mask is None:
        mask = torch.ones_like(losses, dtype=torch.bool)
    if mask.shape != losses.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"mask must be {tuple(losses.shape)} of torch.bool, "
            f"got {tuple(mask.shape)} of {mask.dtype}"
        )
    count = mask.sum()
    if _together():
        dist.all_reduce(count)
    if not count:
        raise ValueError("mask must keep at least one position, got none")
    return losses[mask].sum() * ((dist.get_world_size() if _together() else 1) / count)


def overall(loss: Tensor) -> float:
    """The mean of what `mean` gave in each process: the loss of the whole batch.

    loss: (). Returns a number, the same in all processes.
    """
    total = loss.detach().clone()
    if _together():
        dist.all_reduce(total)
        total /= dist.get_world_size()
    return total.item()


def _together() -> bool:
    return dist.is_available() and dist.is_initialized()
