"""Hidden checks of A6: rivals, score, calendar, leaks, and a network left alone."""

import numpy as np

from rnn_edu import RNNCell, forecast
from rnn_edu.grading import Case, Limits
from rnn_edu.topologies import Network

LIMITS = Limits(cell_seconds=5, total_seconds=30)  # a right answer takes milliseconds


def seasonal_naive(rng):
    for N, horizon, period, label in (
        (3, 5, 4, ""),
        (2, 3, 6, "a horizon shorter than the season"),
        (2, 11, 4, "a horizon of several seasons"),
        (3, 4, 1, "a period of 1"),
        (1, 7, 5, "a single series"),
        (2, 9, 12, "a past of exactly one season"),
    ):
        past = rng.normal(size=(N, 12))
        right = forecast.seasonal_naive(past, horizon, period)
        yield Case("seasonal_naive", (past, horizon, period), right, label)


def mase(rng):
    for K, T, period, label in (
        (6, 40, 7, ""),
        (1, 20, 3, "a forecast of one number"),
        (9, 15, 1, "a period of 1"),
        (20, 12, 11, "a training part hardly longer than its period"),
    ):
        y, said, train = (rng.normal(size=n) for n in (K, K, T))
        season = np.abs(train - np.roll(train, period))[period:].mean()
        yield Case("mase", (y, said, train, period), float(np.abs(y - said).mean() / season), label)


def backtest_shown(rng):
    for series, starts, past, horizon, label in _calendars(rng):
        windows = forecast.cut_windows(series, past, horizon)
        trains = [train for train, _ in forecast.walk_forward(windows, starts)]
        right = [np.concatenate([train.past, train.future], axis=1) for train in trains]
        right = [rows[np.lexsort(rows.T[::-1])] for rows in right]  # in whichever order it came
        yield Case(shown, (series, starts, past, horizon), right, label)


def shown(student, series, starts, past, horizon):
    import numpy as np

    seen = []

    def learn(before, after):
        windows = np.concatenate([before, after], axis=1)
        seen.append(windows[np.lexsort(windows.T[::-1])])
        return lambda asked: np.zeros((len(asked), horizon))

    student.backtest(series, starts, past, horizon, learn)
    return seen


def backtest(rng):
    for series, starts, past, horizon, label in _calendars(rng):
        windows = forecast.cut_windows(series, past, horizon)
        said, came = [], []
        for turn, (_, test) in enumerate(forecast.walk_forward(windows, starts), start=1):
            said.append(10 * turn + test.past[:, -1:] - test.past[:, :1] * np.arange(horizon))
            came.append(test.future)
        right = np.concatenate(said), np.concatenate(came)
        yield Case(walk, (series, starts, past, horizon), right, label)


def walk(student, series, starts, past, horizon):
    import numpy as np

    turns = []

    def learn(before, after):
        turns.append(10 * (len(turns) + 1))
        turn = turns[-1]
        return lambda asked: turn + asked[:, -1:] - asked[:, :1] * np.arange(horizon)

    return student.backtest(series, starts, past, horizon, learn)


def looks_ahead(rng):
    yield from _columns(
        rng,
        (0, False, "a running sum"),
        (1, False, "the number of three steps before"),
        (2, False, "a slow average of all that was"),
        (3, True, "a centred mean"),
        (4, True, "less the mean of everything, over the deviation of everything"),
        (5, True, "the series turned round"),
        (6, True, "less a straight line through everything"),
    )


def looks_ahead_sly(rng):
    yield from _columns(
        rng,
        (7, True, "a column that looks one step ahead"),
        (8, True, "a column that feels only numbers higher than all so far"),
        (9, True, "a column that feels only numbers lower than all so far"),
        (10, True, "a column that looks ahead at one place only"),
        (11, False, "an honest column that begins with nan"),
        (12, False, "an honest column that adds up in another order"),
        (13, False, "an honest column that writes into its argument"),
    )


def ask(student, number, series):
    import numpy as np

    def last_averages(s):
        out = [s[0]]
        for value in s[1:]:
            out.append(0.7 * out[-1] + 0.3 * value)
        return out

    def written_over(s):
        s[1:] = s[1:] - s[:-1]
        return s

    def one_place(s):
        out = np.cumsum(s)
        out[len(s) // 2] += s[len(s) // 2 + 1]
        return out

    columns = (
        lambda s: np.cumsum(s),
        lambda s: np.concatenate([np.zeros(3), s[:-3]]),
        lambda s: np.array(last_averages(s)),
        lambda s: np.convolve(s, np.ones(3) / 3, mode="same"),
        lambda s: (s - s.mean()) / s.std(),
        lambda s: s[::-1].copy(),
        lambda s: s - np.polyval(np.polyfit(np.arange(len(s)), s, 1), np.arange(len(s))),
        lambda s: np.append(s[1:], s[-1]),
        lambda s: s - s.max(),
        lambda s: s - s.min(),
        one_place,
        lambda s: np.concatenate([np.full(4, np.nan), s[4:] - s[:-4]]),
        lambda s: s.sum() - (np.cumsum(s[::-1])[::-1] - s),
        written_over,
    )
    before = series.copy()
    said = student.looks_ahead(columns[number], series)
    return said, before, series


def leak_pays(rng):
    yield Case("leak_pays", (), _judge_series)


def rnn_forecast(rng):
    for N, P, K, label in (
        (3, 6, 5, "three series"),
        (1, 6, 5, "a single series"),
        (3, 6, 1, "a horizon of one"),
        (2, 1, 4, "a past of one number"),
    ):
        shapes = (1, 4), (4, 4), (4,), (4, 1), (1,)
        weights = [rng.normal(scale=0.7, size=shape) for shape in shapes]
        network = Network(RNNCell(*weights[:3]), *weights[3:])
        past = rng.normal(size=(N, P))
        whole = past
        for _ in range(K):
            whole = np.concatenate([whole, network(whole.T[:, :, None])], axis=1)
        yield Case("rnn_forecast", (past, K, *weights), whole[:, P:], label)


def _calendars(rng):
    """(series, starts, past, horizon, what is special)"""
    for T, starts, past, horizon, label in (
        (40, (18, 25, 33), 5, 1, "a horizon of one"),
        (40, (18, 25, 33), 5, 4, "a horizon of four"),
        (30, (14, 22, 30), 4, 3, "a last stretch that the series cuts short"),
        (25, (15, 20), 3, 2, "a single stretch"),
    ):
        yield rng.normal(size=T), starts, past, horizon, label


def _columns(rng, *asked):
    for number, ahead, label in asked:

        def judge(answer, ahead=ahead):
            said, before, after = answer
            if isinstance(said, np.ndarray):
                said = said.item()
            if said not in (True, False):
                return "looks_ahead must return True or False"
            if not np.array_equal(before, after):
                return "the series was changed"
            if said != ahead:
                return f"it {'does look' if ahead else 'does not look'} ahead, you say {bool(said)}"
            return ""

        series = rng.normal(size=int(rng.integers(20, 30)))
        series[0] = {8: 5.0, 9: -5.0}.get(number, series[0])  # the highest, the lowest so far
        yield Case(ask, (number, series), judge, label)


def _judge_series(series):
    series = np.asarray(series)
    if series.shape != (200,) or series.dtype.kind not in "iuf":
        return "leak_pays returns 200 numbers"
    series = series.astype(float)
    if not np.isfinite(series).all():
        return "some of the numbers are not finite"
    if np.ptp(series[:150]) < np.ptp(series):
        return "the last 50 numbers leave the range of the 150 before them"
    in_order, shuffled = _neighbour_errors(series)
    if in_order == 0 or in_order < 5 * shuffled:
        return f"in order {in_order:.3g}, shuffled {shuffled:.3g}: that is not five times"
    return ""


def _neighbour_errors(series, past=8, horizon=4):
    """As the assignment gives it, from windows of the package."""
    windows = forecast.cut_windows(series, past, horizon)
    asked = (windows.origin >= 150) & (windows.origin % 2 == 0)
    over = windows.origin + horizon <= 150
    errors = []
    for known in (over, ~asked):
        far = ((windows.past[asked][:, None] - windows.past[known]) ** 2).sum(axis=2)
        near = windows.future[known][far.argmin(axis=1)]
        errors.append(np.abs(near - windows.future[asked]).mean())
    return errors
