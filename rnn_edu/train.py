"""One training loop, in the open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from .losses import cross_entropy, mean_squared_error
from .ops import LARGEST, Array, check_array, check_integers, check_size, shuffled
from .optim import SGD, Adam, clip_by_global_norm
from .topologies import Network, Read, teacher_forced


class Batch(NamedTuple):
    """What `classify` reads."""

    x: Array  # (T, N, D)
    targets: Array  # (N,) or, where every step is read, (T, N) integers
    lengths: Array | None = None  # (N,) integers, T if None
    mask: Array | None = None  # (N,) or (T, N) booleans, True where a position counts


def classify(model: Network, batch: Batch, read: Read = "last") -> tuple[float, Network]:
    """Forward, loss, backward: the cross-entropy of a batch, and the gradient of every parameter.

    read: "last" for one target a sequence, "every" for one a step.
    Returns (loss, grads), loss in nats, grads a Network.
    """
    logits, cache = model.forward(batch.x, batch.lengths, read)
    loss, dlogits = cross_entropy(logits, batch.targets, batch.mask)
    return loss, model.backward(dlogits, cache)


def regress(model: Network, batch: Any) -> tuple[float, Network]:
    """Forward, loss, backward: the mean squared error of the answer after the last step.

    batch: has x: (T, N, D) and targets: (N, K), as `data.adding_problem` makes them.
    Returns (loss, grads), grads a Network.
    """
    y, cache = model.forward(batch.x)
    loss, dy = mean_squared_error(y, batch.targets)
    return loss, model.backward(dy, cache)


class Pairs(NamedTuple):
    """What `translate` reads."""

    x: Array  # (T, N, D)
    targets: Array  # (S, N) integers
    lengths: Array | None = None  # (N,) integers, the steps of each x; T if None
    mask: Array | None = None  # (S, N) booleans, True where a target counts


def translate(model: Any, batch: Pairs) -> tuple[float, Any]:
    """Forward, loss, backward: the cross-entropy of the right answers, each fed the one before.

    model: an EncoderDecoder or a Translator whose decoder is fed its K outputs.
    Returns (loss, grads), loss in nats, grads of the model's type.
    """
    K, dtype = len(model.decoder.b_y), model.encoder.dtype
    y = teacher_forced(batch.targets, K, dtype)
    logits, cache = model.forward(batch.x, y, batch.lengths)
    loss, dlogits = cross_entropy(logits, batch.targets, batch.mask)
    return loss, model.backward(dlogits, cache)


@dataclass(frozen=True, eq=False)
class Minibatches:
    """Every sequence once an epoch, in a new random order, cut to the longest of its batch.

    x: (T, N, D), padded. targets: (N,) integers. lengths: (N,) integers.
    size: sequences in a batch. epochs: times through the data.
    seed: what makes the order; the same one each time that this is iterated.
    """

    x: Array
    targets: Array
    lengths: Array
    size: int
    epochs: int
    seed: int = 0

    def __post_init__(self) -> None:
        T, N, _ = check_array("x", self.x, ("T", "N", "D")).shape
        targets = check_integers("targets", self.targets, LARGEST, (N,))
        lengths = check_integers("lengths", self.lengths, T + 1, (N,), least=1)
        for name, a in (("targets", targets), ("lengths", lengths)):
            object.__setattr__(self, name, a)  # lists are let in: arrays are what is cut
        check_size("size", self.size)
        check_size("epochs", self.epochs)

    def __len__(self) -> int:
        return self.epochs * -(-len(self.targets) // self.size)

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng(self.seed)
        for n in shuffled(len(self.targets), self.size, self.epochs, rng):
            x = self.x[: self.lengths[n].max(), n]
            yield Batch(x, self.targets[n], self.lengths[n])


class History(NamedTuple):
    """What happened: one number per update."""

    loss: Array  # (updates,)
    grad_norm: Array  # (updates,) before clipping


def fit(
    model: Any,
    batches: Iterable[Any],
    optimiser: SGD | Adam,
    loss_and_grads: Callable[[Any, Any], tuple[float, Any]] = classify,
    *,
    clip: float = 1.0,
    on_update: Callable[[int, float, Any, float], None] | None = None,
) -> tuple[Any, History]:
    """For each batch: loss, gradients, clip, update. A progress bar shows the loss.

    model: a cell or a dataclass of cells and arrays; it stays as it is, a trained one comes back.
    batches: anything to iterate over; it decides how long training takes.
    loss_and_grads: called as f(model, batch), returns (float, gradients of the model's type).
    clip: largest norm of all gradients together. on_update: called as
    f(update, loss, model, grad_norm), the norm before clipping.
    Returns (model, history). Raises FloatingPointError naming the update if the loss is not
    finite: the model of the update before is in the exception's `model`.
    """
    if isinstance(optimiser, type):
        name = optimiser.__name__
        raise TypeError(f"optimiser must be one like {name}(lr=0.01), got the class {name}")
    state = optimiser.init(model)
    losses, norms = [], []
    total = len(batches) if isinstance(batches, Sized) else None
    with tqdm(total=total, disable=os.environ.get("RNN_EDU_STRICT") == "1", leave=False) as bar:
        for update, batch in enumerate(batches, start=1):
            loss, grads = loss_and_grads(model, batch)
            if not np.isfinite(loss):
                error = FloatingPointError(f"the loss is {loss} at update {update}")
                error.model = model  # type: ignore[attr-defined]
                raise error
            grads, norm = clip_by_global_norm(grads, clip)
            model, state = optimiser.update(model, grads, state)
            losses.append(loss)
            norms.append(norm)
            bar.update()
            bar.set_postfix_str(f"loss {loss:.3f}", refresh=False)
            if on_update is not None:
                on_update(update, loss, model, norm)
    return model, History(np.array(losses), np.array(norms))
