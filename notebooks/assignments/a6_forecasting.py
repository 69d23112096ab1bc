# %% [markdown]
# # A6: what was known on that day
#
# Lesson 14 held a network against rivals that know no mathematics, and weighed three leaks. Here
# you build what such a contest needs: the rival, the score, the calendar, and a machine that finds
# leaks without being told where to look. Then you let a network run, and say in an abstract only
# what you have seen.
#
# After it, you can
#
# - score a forecast so that the number means something to a stranger;
# - test any forecaster as time would have tested it;
# - find out whether a column of numbers looks ahead, and build data on which looking ahead pays;
# - let a recurrent network go on from its own answers.
#
# About 100 minutes, after lesson 14. 19 points: 16 are given by checks on inputs that nobody has
# seen before, 3 by a person who reads your words. Write between the lines that say so. `numpy` is
# there when your notebook is graded, the course's own functions are not.

# %% given:imports
import numpy as np

from rnn_edu import checks

# %% [markdown]
# ## 1. A rival that costs nothing
#
# The sun once more, now a quarter of a year a step, as square roots: 1,040 numbers, eleven years
# are 44 of them. The black line breaks off at a day in 1984. Two rivals answer for the next 60
# quarters: one repeats the last number, one repeats the last eleven years. What came is in grey.
# Which of the two is nearer after one quarter, and which after forty? Say it before you look.

# %%
import matplotlib.pyplot as plt

from rnn_edu import forecast
from rnn_edu.data import load_sunspots

quarters = np.sqrt(load_sunspots().values.reshape(-1, 3).mean(axis=1))
day, ahead = 940, np.arange(940, 1000)
plt.figure(figsize=(9, 3))
plt.plot(range(840, 1000), quarters[840:1000], color="0.7", label="what came")
plt.plot(range(840, day), quarters[840:day], color="black")
for period, name in ((1, "no change"), (44, "eleven years before: the target")):
    said = forecast.seasonal_naive(quarters[None, :day], 60, period)[0]
    plt.plot(ahead, said, ".-", label=name)
plt.xlabel("quarter since 1749")
plt.ylabel("root of the sunspot number")
plt.legend(bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Write the second one. With `period=1` it is the first one too, so one function serves for both.
# The horizon may be longer than a season.


# %% solution:seasonal_naive
def seasonal_naive(past, horizon, period):
    """The last season, again and again.

    past: (N, P), oldest first. horizon: K. period: at most P. Returns the forecast: (N, K).
    """
    ### BEGIN SOLUTION
    season = past[:, -period:]
    return season[:, np.arange(horizon) % period]
    ### END SOLUTION


# %% test:seasonal_naive
checks.check("seasonal_naive", seasonal_naive)

# %% hidden:seasonal_naive:1
# Graded on other periods and horizons, a period of 1 and a single series among them.

# %% [markdown]
# ## 2. A score without a unit
#
# "Off by 1.2" says nothing to somebody who has never seen a root of a sunspot number. Hyndman and
# Koehler proposed in 2006 to divide by an error that everybody can have: that of the season, one
# period back, in the part that was there to learn from.
#
# $$\mathrm{MASE} = \frac{\operatorname{mean}_k |y_k - \hat y_k|}
# {\operatorname{mean}_t |x_t - x_{t-m}|}$$
#
# $x$ is the part to learn from, $m$ the period. Below 1: better than the season was. Keep in mind
# that $m$ is yours to choose. It will come back.


# %% solution:mase
def mase(y, forecast, train, period):
    """The mean absolute error, in units of what the season errs in training.

    y: (K,), what came. forecast: (K,). train: (T,). period: less than T. Returns a number.
    """
    ### BEGIN SOLUTION
    season = np.abs(train[period:] - train[:-period]).mean()
    return np.abs(y - forecast).mean() / season
    ### END SOLUTION


# %% test:mase
checks.check("mase", mase)

# %% hidden:mase:2
# Graded on other series and periods, a period of 1 among them.

# %% [markdown]
# ## 3. The calendar
#
# A forecaster is a function `learn(past, future)`: it is shown windows, pasts of shape $(n, P)$ and
# futures of shape $(n, K)$, and returns a function that turns pasts $(m, P)$ into forecasts
# $(m, K)$. You do not know what it does inside. You decide what it gets to see.
#
# A window's *origin* is the place of the first number of its future. `starts` are rising places in
# the series. From each start to the next (the last one only ends the last stretch): learn anew from
# all windows that are over, then forecast each origin of the stretch whose future the series still
# has. The figure is the target for a series of 18 numbers, pasts of 4, futures of 3, and the
# stretch from 10 to 14: blue windows are shown, orange ones are asked. Some are neither. Why?

# %%
windows = forecast.cut_windows(np.arange(18.0), past=4, horizon=3)
plt.figure(figsize=(8, 3.6))
for origin in windows.origin:
    is_over, is_asked = origin in windows.before(10).origin, 10 <= origin < 14
    color = "C0" if is_over else "C1" if is_asked else "0.8"
    plt.plot([origin - 4, origin - 1], [origin, origin], color=color, lw=1.5)
    plt.plot(range(origin, origin + 3), [origin] * 3, "s", color=color)
plt.axvline(9.5, color="black", lw=0.8)
plt.gca().invert_yaxis()
plt.xticks(range(18))
plt.xlabel("place in the series (line: past, squares: future)")
plt.ylabel("origin")
plt.show()


# %% solution:backtest
def backtest(series, starts, past, horizon, learn):
    """Walk through time: learn from what is over, forecast a stretch, go on.

    series: (T,). starts: rising places in it. past: P. horizon: K. learn: shown pasts (n, P) and
    futures (n, K), returns a function from pasts (m, P) to forecasts (m, K).
    Returns (said, came), (M, K) each: a row for each origin that was asked, in the order of time.
    """
    ### BEGIN SOLUTION
    origins = np.arange(past, len(series) - horizon + 1)
    before = np.stack([series[o - past : o] for o in origins])
    after = np.stack([series[o : o + horizon] for o in origins])
    said, came = [], []
    for i, start in enumerate(starts[:-1]):
        over = origins + horizon <= start
        asked = (origins >= start) & (origins < starts[i + 1])
        answer = learn(before[over], after[over])
        said.append(answer(before[asked]))
        came.append(after[asked])
    return np.concatenate(said), np.concatenate(came)
    ### END SOLUTION


# %% test:backtest
def witness(past, future):
    """No change, from somebody who says aloud what they are shown."""
    print("  shown the origins", *future[:, 0])  # of 0, 1, 2, ...: a number is its own place

    def no_change(asked):
        print("  asked after", *asked[:, -1])
        return np.repeat(asked[:, -1:], future.shape[1], axis=1)

    return no_change


print("yours:")
said, came = backtest(np.arange(10.0), [6, 8, 10], past=2, horizon=2, learn=witness)
print("  came", came.tolist())
print("target:")
print("  shown the origins 2.0 3.0 4.0\n  asked after 5.0 6.0")
print("  shown the origins 2.0 3.0 4.0 5.0 6.0\n  asked after 7.0")
print("  came [[6.0, 7.0], [7.0, 8.0], [8.0, 9.0]]")

# %% hidden:backtest_shown:2
# Graded by a learner that writes down all that it is shown: nothing that is not over, and
# everything that is.

# %% hidden:backtest:2
# Graded by what comes back, and in which order; a last stretch that the series cuts short is among
# the cases.

# %% [markdown]
# ## 4. A machine that finds leaks
#
# The calendar protects windows. It does nothing about a *column* that was computed before the cut:
# smoothed, scaled, ranked. Lesson 14 caught such a thing by its suspiciously good score. You can
# catch it without any score: number $t$ of an honest column depends on the series up to and
# including $t$, and on nothing later. So change what comes later, and look.
#
# Here are four columns to practise on.

# %% given:columns
columns = {
    "change since the step before": lambda s: np.diff(s, prepend=s[:1]),
    "mean of the last four": lambda s: np.convolve(s, np.ones(4) / 4)[: len(s)],
    "mean of five, centred": lambda s: np.convolve(s, np.ones(5) / 5, mode="same"),
    "in units of the largest": lambda s: s / s.max(),
}

# %%
t = np.arange(60)
wave, changed = 2 + np.sin(t / 5), 2 + np.sin(t / 5) + 3 * (t >= 40)
fig, axes = plt.subplots(1, 4, figsize=(12, 2.4), layout="constrained")
for ax, (name, column) in zip(axes, columns.items(), strict=True):
    ax.step(t, column(changed), color="C1", where="mid", label="series raised from 40 on")
    ax.step(t, column(wave), color="C0", where="mid", label="as it was")
    ax.axvline(39.5, color="black", lw=0.8)
    ax.set_title(name, fontsize=9)
axes[0].legend(fontsize=7)
plt.show()

# %% [markdown]
# Two of the four move left of the black line. Now without eyes. Think of leaks that a single
# change would miss: one that looks one step ahead, one that feels only numbers *higher* than all
# so far, one that feels only *lower* ones, one that looks ahead at a single place. And of honest
# columns that a hasty machine would accuse: one that begins with `nan`, one that is off in the
# fifteenth digit because it adds up in another order, one that writes into the array that it gets.


# %% solution:looks_ahead
def looks_ahead(column, series):
    """Does a column use numbers that come later?

    column: a function of a series (T,) that returns as many numbers (T,). series: (T,), a sample
    to try it on, to be left as it is. Returns True or False.
    """
    ### BEGIN SOLUTION
    first = np.array(column(series.copy()), float)
    reach = 10 * (1 + np.ptp(series))
    for t in range(1, len(series)):
        for sign in (1, -1):
            other = series.copy()
            other[t:] += sign * reach * np.linspace(1, 2, len(series) - t)
            second = np.array(column(other), float)
            if not np.allclose(first[:t], second[:t], rtol=1e-6, atol=1e-6, equal_nan=True):
                return True
    return False
    ### END SOLUTION


# %% test:looks_ahead
sample = np.random.default_rng(0).normal(size=30)
targets = False, False, True, True
for (name, column), target in zip(columns.items(), targets, strict=True):
    print(f"{name:30} yours: {looks_ahead(column, sample)!s:6} target: {target}")

# %% hidden:looks_ahead:2
# Graded on columns of these kinds, honest ones and others.

# %% hidden:looks_ahead_sly:2
# Graded on the leaks and on the honest columns that the text above warns of.

# %% [markdown]
# ## 5. Where the leak pays
#
# Another door was `train_test_split` with its shuffle. In lesson 14 a linear model gained nothing
# by it, and one that looks up the most similar past gained a lot. How much depends on the series,
# too. Below, the one nearest neighbour, asked in order and shuffled, on noise and on a wave: the
# shuffle is worth nothing on either, for opposite reasons.


# %% given:neighbour
def neighbour_errors(series):
    """(in order, shuffled): the mean absolute errors of the nearest neighbour.

    series: (200,), cut into pasts of 8 and futures of 4. Asked is every second origin of the last
    quarter. In order: the neighbour is looked for in what is over by place 150. Shuffled: in all
    windows that are not asked.
    """
    windows = np.lib.stride_tricks.sliding_window_view(series, 12)
    before, after, origin = windows[:, :8], windows[:, 8:], np.arange(8, 197)
    asked = (origin >= 150) & (origin % 2 == 0)
    errors = []
    for known in (origin < 147, ~asked):
        far = ((before[asked][:, None] - before[known]) ** 2).sum(axis=2)
        errors.append(np.abs(after[known][far.argmin(axis=1)] - after[asked]).mean())
    return tuple(errors)


# %%
for name, series in (
    ("noise", np.random.default_rng(0).normal(size=200)),
    ("a wave", np.sin(np.arange(200) / 5)),
):
    in_order, shuffled = neighbour_errors(series)
    print(f"{name:7} in order {in_order:.3f}   shuffled {shuffled:.3f}")

# %% [markdown]
# Build 200 numbers on which the shuffle flatters by a factor of five or more. One rule, so that a
# climbing line will not do: no number of the last quarter (the last 50) may lie above the largest
# or below the smallest of the 150 before it. The neighbour *could* have seen everything like it.


# %% solution:leak_pays
def leak_pays():
    """A series on which shuffled windows flatter the nearest neighbour. Returns (200,)."""
    ### BEGIN SOLUTION
    # It climbs for 150 steps and then comes down. A past that falls has no neighbour among those
    # that rose; shuffled, its neighbour is itself, one step earlier.
    return np.concatenate([np.linspace(0, 1, 150), np.linspace(0.99, 0.1, 50)])
    ### END SOLUTION


# %% test:leak_pays
made = np.asarray(leak_pays())
in_order, shuffled = neighbour_errors(made)
print(f"yours:  in order {in_order:.3f}, shuffled {shuffled:.3f}: {in_order / shuffled:.1f} times")
print("target: 5 times or more")
print("last quarter inside the range of the rest:", np.ptp(made[:150]) == np.ptp(made))

# %% hidden:leak_pays:2
# Graded by the same measurement, and by the rule.

# %% [markdown]
# ## 6. Left alone
#
# Lesson 14 fed a network its own answers by reading the whole past again for each of them. A
# recurrent network need not: its state *has* read the past. Read it once, answer, hear the answer
# as the next input, answer again:
#
# $$h \leftarrow \tanh(x\,W_{xh} + h\,W_{hh} + b_h), \qquad y = h\,W_{hy} + b_y$$
#
# The figure's network has two units. Nobody trained it: one remembers the last number, the other
# the one before, and the readout knows that on a wave $x_{t+1} = 2\cos(\omega)\,x_t - x_{t-1}$. It
# hears two turns of the wave and goes on alone. Why does it come out a little too small in the end?

# %% given:tiny
turn = 2 * np.pi / 20
tiny = {
    "W_xh": np.array([[0.1, 0.0]]),
    "W_hh": np.array([[0.0, 1.0], [0.0, 0.0]]),
    "b_h": np.zeros(2),
    "W_hy": np.array([[20 * np.cos(turn)], [-10.0]]),
    "b_y": np.zeros(1),
}

# %%
from rnn_edu import RNNCell
from rnn_edu.topologies import Network

network = Network(RNNCell(tiny["W_xh"], tiny["W_hh"], tiny["b_h"]), tiny["W_hy"], tiny["b_y"])
heard = np.sin(turn * np.arange(40))
whole = heard
for _ in range(40):  # the long way: everything again for each answer
    whole = np.append(whole, network(whole[:, None, None])[0, 0])
plt.figure(figsize=(9, 2.6))
plt.plot(range(80), np.sin(turn * np.arange(80)), color="0.8", label="the wave")
plt.plot(range(40), heard, "k.-", label="heard")
plt.plot(range(40, 80), whole[40:], "C1.-", label="alone: the target")
plt.legend(bbox_to_anchor=(1, 1))
plt.show()


# %% solution:rnn_forecast
def rnn_forecast(past, horizon, W_xh, W_hh, b_h, W_hy, b_y):
    """Read the past once, then go on from one's own answers. The first state is 0.

    past: (N, P). horizon: K. W_xh: (1, H). W_hh: (H, H). b_h: (H,). W_hy: (H, 1). b_y: (1,).
    Returns the answers: (N, K).
    """
    ### BEGIN SOLUTION
    h = np.zeros((len(past), len(W_hh)))
    for x in past.T[:, :, None]:
        h = np.tanh(x @ W_xh + h @ W_hh + b_h)
    answers = []
    for _ in range(horizon):
        y = h @ W_hy + b_y
        answers.append(y)
        h = np.tanh(y @ W_xh + h @ W_hh + b_h)
    return np.concatenate(answers, axis=1)
    ### END SOLUTION


# %% test:rnn_forecast
waves = np.sin(turn * np.arange(40) + np.array([[0.0], [1.0]]))
print("yours: ", np.round(rnn_forecast(waves, 4, **tiny), 3).tolist())
print("target: [[-0.001, 0.307, 0.584, 0.804], [0.84, 0.963, 0.989, 0.919]]")

# %% hidden:rnn_forecast:3
# Graded on other weights, several series and one, a past of one number, a horizon of one.

# %% [markdown]
# ## 7. The race
#
# Everything that you built, at work: a network of 16 units that learns to say the next quarter at
# every step, let go for eight quarters; a weighted sum of the last 44 quarters; and the two rivals
# of task 1. It learns twice, in 1934 and in 1971. Write down a guess first: how far ahead is the
# network better than the weighted sum? It takes some ten seconds. Nothing in this cell is graded;
# what you say about it is.

# %%
from types import SimpleNamespace

from rnn_edu.losses import mean_squared_error
from rnn_edu.optim import Adam
from rnn_edu.train import fit


def every_next(model, batch):
    y, cache = model.forward(batch.x, read="every")
    loss, dy = mean_squared_error(y, batch.targets)
    return loss, model.backward(dy, cache)


def recurrent(seed):
    def learn(past, future):
        rng, mean, scale = np.random.default_rng(seed), past.mean(), past.std()
        steps = (np.concatenate([past, future], axis=1).T[:, :, None] - mean) / scale
        model = Network.init(RNNCell.init(1, 16, rng), 1, rng)
        picks = [rng.choice(len(past), 32) for _ in range(200)]
        batches = [SimpleNamespace(x=steps[:-1, n], targets=steps[1:, n]) for n in picks]
        model, _ = fit(model, batches, Adam(0.01), every_next)
        cell, K = model.cell, future.shape[1]
        weights = cell.W_xh, cell.W_hh, cell.b_h, model.W_hy, model.b_y
        return lambda asked: mean + scale * rnn_forecast((asked - mean) / scale, K, *weights)

    return learn


def weighted_sum(past, future):
    def beside_one(a):
        return np.column_stack([a[:, -44:], np.ones(len(a))])

    W = np.linalg.lstsq(beside_one(past), future, rcond=None)[0]
    return lambda asked: beside_one(asked) @ W


racers = {
    "no change": lambda past, future: lambda asked: seasonal_naive(asked, 8, 1),
    "eleven years before": lambda past, future: lambda asked: seasonal_naive(asked, 8, 44),
    "weighted sum": weighted_sum,
    "network, seed 0": recurrent(0),
    "network, seed 1": recurrent(1),
}
known = quarters[:740]
print(f"{'mean error, quarters ahead:':28}" + "".join(f"{k:6}" for k in range(1, 9)))
for name, learn in racers.items():
    said, came = backtest(quarters, [740, 890, 1040], past=48, horizon=8, learn=learn)
    scores = [mase(came.ravel(), said.ravel(), known, period) for period in (1, 44)]
    print(
        f"{name:28}"
        + "".join(f"{e:6.2f}" for e in np.abs(said - came).mean(axis=0))
        + f"   MASE {scores[0]:.2f} (period 1), {scores[1]:.2f} (period 44)"
    )

# %% [markdown] essay:abstract:3
# ## 8. In your own words
#
# A friend has run the cell above and writes: "A recurrent network forecasts sunspots two years
# ahead with a MASE of 0.62, far better than the naive method, and outperforms classical
# autoregression." Write the abstract that you would sign instead, in four to eight sentences, with
# numbers from your own table.
#
# | points | for |
# |-|-|
# | 1 | all rivals are named, and how far ahead the network is better, and where it is not |
# | 1 | which error the MASE is divided by, and what the same forecasts score with the other one |
# | 1 | what such a test cannot show (count the suns and the seeds), and what you would do next |
#
# ### BEGIN SOLUTION
# On square roots of quarterly sunspot numbers I compared a recurrent network of 16 units with no
# change, with the number of eleven years before and with a weighted sum of the last 44 quarters,
# learning in 1934 and in 1971 and asking every quarter since. One and two quarters ahead the
# network's error is lower than that of the weighted sum by a hair (0.74 against 0.76, 0.92 against
# 0.96), at three they are even, and from four on it is higher: at eight 1.68 and 1.79 with two
# seeds against 1.44. There the number of eleven years before is as good as one of the two (1.80).
# Over all eight the network scores 0.62 and 0.65 in units of the seasonal error, and 1.49 and 1.54
# in units of no change over one quarter; the weighted sum scores 0.59 and 1.41, so it is ahead by
# either. Two seeds and one sun: a few hundredths may be chance. Next I would put a block bootstrap
# interval around the difference at one quarter.
# ### END SOLUTION
