"""The training monitor's Python side: what it keeps, when it looks and tells, what it leaves."""

from __future__ import annotations

import types

import nbformat
import numpy as np
import pytest

from rnn_edu import RNNCell
from rnn_edu.optim import SGD
from rnn_edu.topologies import Network
from rnn_edu.train import Minibatches, fit
from rnn_edu.widgets import monitor as module
from rnn_edu.widgets.monitor import Monitor
from tests import rerun


class Clock:
    """A time that stands still unless it is moved."""

    def __init__(self):
        self.now = 1000.0

    def perf_counter(self):
        return self.now


class Shell:
    """As much of IPython as a monitor meets: the events of cells."""

    def __init__(self):
        self.events, self.callbacks = self, []

    def register(self, event, callback):
        assert event == "post_run_cell"
        self.callbacks.append(callback)

    def unregister(self, event, callback):
        self.callbacks.remove(callback)

    def end_cell(self):
        for callback in list(self.callbacks):
            callback(None)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.delenv("RNN_EDU_STRICT", raising=False)
    return clock


@pytest.fixture
def shell(monkeypatch):
    """A shell, and what is displayed in it: (kind, words at that moment, cursor)."""
    shell, shown = Shell(), []

    def display(figure, display_id=False):
        shown.append(("display", figure.words, figure.t))
        update = lambda figure: shown.append(("update", figure.words, figure.t))  # noqa: E731
        return types.SimpleNamespace(update=update)

    monkeypatch.setattr(module, "get_ipython", lambda: shell)
    monkeypatch.setattr(module, "display", display)
    shell.shown = shown
    return shell


def train(monitor, updates, *, norm=True, model=None):
    for update in range(1, updates + 1):
        monitor(update, 3 / update, model, *([update / 2] if norm else []))


def floats(data):
    return np.frombuffer(data, "<f4")


# --- what it keeps -------------------------------------------------------------------------------


def test_it_keeps_every_update_of_a_short_training():
    monitor = Monitor(40, title="names")
    assert monitor.words == "names: no update of 40 yet"
    train(monitor, 40)
    assert (monitor.steps, monitor.stride) == (40, 1)
    np.testing.assert_allclose(floats(monitor.losses), 3 / np.arange(1, 41), rtol=1e-6)
    np.testing.assert_allclose(floats(monitor.norms), np.arange(1, 41) / 2)
    assert monitor.words == "names: 40 of 40 updates, loss 2.2 to 0.1"
    train(monitor, 3, norm=False)  # a second run starts anew
    monitor._tell()
    assert (len(floats(monitor.losses)), len(monitor.norms)) == (3, 0)


def test_it_keeps_means_of_a_long_one():
    monitor = Monitor(2500)
    for update in range(1, 2501):
        monitor(update, float(update), None)
    assert (monitor.steps, monitor.stride) == (834, 3)
    assert floats(monitor.losses)[:2].tolist() == [2, 5]
    assert floats(monitor.losses)[-1] == 2500  # the one that is left over
    assert len(monitor.static_html()) < 45_000


def test_looks_are_taken_every_so_often_and_at_the_end():
    seen = []
    monitor = Monitor(
        11, every=4, metric="accuracy", evaluate=lambda m: seen.append(m) or 0.56789, sample=str
    )
    train(monitor, 11, model="net")
    looks = [(update, 0.56789, "net") for update in (4, 8, 11)]
    assert [tuple(look) for look in monitor.looks] == looks
    assert seen == ["net"] * 3
    assert monitor.words.endswith(", accuracy 0.6 at the end")
    assert Monitor(100, evaluate=len)._every == 5


def test_fit_feeds_it():
    rng = np.random.default_rng(0)
    net = Network.init(RNNCell.init(2, 5, rng), 2, rng)
    x = rng.normal(size=(4, 30, 2))
    batches = Minibatches(x, rng.integers(2, size=30), np.full(30, 4), size=10, epochs=2)
    monitor = Monitor(len(batches), sample=lambda model: type(model).__name__)
    _, history = fit(net, batches, SGD(0.1), on_update=monitor)
    np.testing.assert_allclose(floats(monitor.losses), history.loss, rtol=1e-6)
    np.testing.assert_allclose(floats(monitor.norms), history.grad_norm, rtol=1e-6)
    assert monitor.looks[-1] == (6, None, "Network")


# --- what it costs -------------------------------------------------------------------------------


def test_it_tells_the_page_five_times_a_second(clock, monkeypatch):
    told = []
    monitor = Monitor(1000)
    monkeypatch.setattr(monitor, "_tell", lambda: told.append(clock.now))
    for update in range(1, 1001):
        monitor(update, 1.0, None)
        clock.now += 0.01  # ten seconds in all
    assert 45 <= len(told) <= 52
    assert told[-1] == pytest.approx(clock.now - 0.01)  # and at the last update


def test_slow_looks_and_messages_wait_until_they_are_one_percent(clock, monkeypatch):
    def takes(seconds):
        clock.now += seconds

    looks = []
    monitor = Monitor(1000, every=1, evaluate=lambda m: takes(0.5) or looks.append(m) or 1.0)
    monkeypatch.setattr(monitor, "_tell", lambda: takes(0.05))
    for update in range(1, 1000):
        monitor(update, 1.0, None)
        clock.now += 0.1
    spent = clock.now - 1000 - 0.1 * 999
    assert 0.01 < spent / (0.1 * 999) < 0.03  # 1 % looks after the first, 1 % messages
    monitor(1000, 1.0, "last")
    assert looks[-1] == "last"


def test_a_strict_run_takes_every_look_and_tells_nothing_before_the_end(clock, monkeypatch):
    monkeypatch.setenv("RNN_EDU_STRICT", "1")
    monitor = Monitor(100, every=10, evaluate=lambda m: setattr(clock, "now", clock.now + 9) or 1)
    train(monitor, 99)
    assert len(monitor._looks) == 9
    assert monitor.losses == b""
    monitor(100, 1.0, None)
    assert len(monitor.looks) == 10


# --- what it leaves in the notebook --------------------------------------------------------------


def test_live_it_shows_at_the_start_and_is_brought_up_to_date_when_the_cell_ends(clock, shell):
    monitor = Monitor(50)
    train(monitor, 20)  # stopped early
    assert shell.shown == [("display", "training: no update of 50 yet", 0)]
    shell.end_cell()
    assert shell.shown[1:] == [("update", "training: 20 of 50 updates, loss 3.0 to 0.1", 19)]
    shell.end_cell()
    assert len(shell.shown) == 2
    train(monitor, 1)  # in another cell it shows again
    assert shell.shown[2][0] == "display"
    assert len(shell.callbacks) == 1


def test_a_strict_run_shows_it_once_with_its_last_state(shell, monkeypatch):
    monkeypatch.setenv("RNN_EDU_STRICT", "1")
    train(Monitor(50), 50)
    assert shell.shown == []
    shell.end_cell()
    assert shell.shown == [("display", "training: 50 of 50 updates, loss 2.2 to 0.1", 49)]


def test_a_notebook_that_is_run_strictly_stores_the_last_state(tmp_path):
    code = [
        "from rnn_edu.widgets.monitor import Monitor\n"
        "monitor = Monitor(30, sample=lambda m: f'sample {m}')",
        "for update in range(1, 31):\n    monitor(update, 3 / update, update)\n'the end'",
        "monitor(1, 5.0, 1)\nmonitor(2, 4.0, 2)\n1 / 0",
    ]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in code])
    nb.cells[2].metadata.tags = ["raises-exception"]
    rerun.execute(nb, tmp_path / "nb.ipynb")
    first, trained, failed = (cell.outputs for cell in nb.cells)
    assert first == []
    assert [out.output_type for out in trained] == ["execute_result", "display_data"]
    assert trained[1].data["text/plain"] == "training: 30 of 30 updates, loss 3.0 to 0.1"
    assert "sample 30" in trained[1].data["text/html"]
    assert {out.output_type for out in failed} == {"error", "display_data"}
    assert "2 of 30" in next(out for out in failed if "data" in out).data["text/plain"]


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ((3, 1.0, None), "update must be 2, the next one, got 3"),
        ((2, np.nan, None), "loss must be finite, got nan at update 2"),
        ((2, 1.0, None, np.inf), "grad_norm must be finite, got inf at update 2"),
    ],
)
def test_errors_of_an_update(call, message):
    monitor = Monitor(3)
    monitor(1, 1.0, None)
    with pytest.raises(ValueError, match=message):
        monitor(*call)


def test_a_score_that_is_no_number_is_refused():
    monitor = Monitor(3, metric="accuracy", evaluate=lambda m: np.nan, every=2)
    monitor(1, 1.0, None)
    with pytest.raises(ValueError, match="accuracy must be finite, got nan at update 2"):
        monitor(2, 1.0, None)


def test_errors():
    monitor = Monitor(1)
    monitor(1, 1.0, None)
    with pytest.raises(ValueError, match="update must be at most total = 1, got 2"):
        monitor(2, 1.0, None)
    with pytest.raises(ValueError, match="total must be at least 1, got 0"):
        Monitor(0)
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        Monitor(5, every=0)
