"""What the training monitor costs: `python -m tests.bench monitor`

In one kernel two trainings of the same reader of surnames take turns of 20 updates, one of them
with a monitor and its messages to a page. Printed is the ratio of their times, in seconds that the
process spends, which a busy machine stretches little: the median of the rounds, and their range.
The monitor's clock stands still while the other has its turn.
Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS before the start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import nbformat
from nbclient import NotebookClient

CODE = """
import itertools, statistics, time, types
import numpy as np
from rnn_edu import RNNCell
from rnn_edu.data import encode_names, load_names
from rnn_edu.optim import Adam, clip_by_global_norm
from rnn_edu.topologies import Network
from rnn_edu.train import Minibatches, classify
from rnn_edu.widgets import Monitor, monitor as module

names = load_names()
x, lengths = encode_names(names.train.names)
held, held_lengths = encode_names(names.validation.names[:500])
start = Network.init(RNNCell.init(26, 64, np.random.default_rng(0)), 12, np.random.default_rng(0))
batches = list(Minibatches(x, names.train.labels, lengths, size=64, epochs=5))
evaluate = lambda m: np.mean(
    m.forward(held, held_lengths)[0].argmax(axis=1) == names.validation.labels[:500]
)
looks = {"evaluate": evaluate, "sample": lambda m: "abc" * 30}
away = 0.0  # seconds that passed in the turns without a monitor
module.time = types.SimpleNamespace(perf_counter=lambda: time.perf_counter() - away)


def train(monitor=None):
    model, optimiser = start, Adam(lr=0.004)
    state = optimiser.init(model)
    for update, batch in enumerate(batches, start=1):
        loss, grads = classify(model, batch)
        grads, norm = clip_by_global_norm(grads, 1.0)
        model, state = optimiser.update(model, grads, state)
        if monitor:
            monitor(update, loss, model, norm)
        yield


def ratio(**options):
    global away
    runs, spent = (train(), train(Monitor(len(batches), **options))), [0.0, 0.0]
    for turn in range(-(-len(batches) // 20)):
        for k in (0, 1) if turn % 2 else (1, 0):
            began, at = time.process_time(), time.perf_counter()
            for _ in itertools.islice(runs[k], 20):
                pass
            spent[k] += time.process_time() - began
            away += (1 - k) * (time.perf_counter() - at)
    return spent[1] / spent[0], spent[0]


def report(name, rounds=7, **options):
    ratios, seconds = zip(*(ratio(**options) for _ in range(rounds)))
    middle, least, most = statistics.median(ratios), min(ratios), max(ratios)
    print(f"{name}: {middle:.3f} [{least:.3f}, {most:.3f}] of {statistics.median(seconds):.1f} s")


print(f"{len(batches)} updates")
report("loss and gradient norm")
report("and 20 looks at 500 names and a sample", **looks)
report("and a look after every update, put off", every=1, **looks)
"""


def report(options: list[str]) -> Iterator[str]:
    """What the kernel prints."""
    os.environ["RNN_EDU_STRICT"] = "0"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    NotebookClient(nb, kernel_name="python3", timeout=600).execute()
    for output in nb.cells[0].outputs:
        if output.get("name") == "stdout":
            yield output.text
