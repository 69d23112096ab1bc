"""Hidden checks of A8: the tools of a probe project, and the question that was chosen."""

import numpy as np

from rnn_edu.grading import Case, Limits

LIMITS = Limits(cell_seconds=10, total_seconds=40)  # a right answer takes less than a second
SURNAMES = "martinez virtanen kowalski anna larsson oo bb rossi dubois nagy aalto zupancic wekesa"


def split(rng):
    for K, share, label in (
        (9, 0.3, ""),
        (8, 0.5, "half of the keys"),
        (2, 0.1, "two keys, a small share"),
        (3, 0.9, "three keys, a large share"),
    ):
        keys = rng.choice(1000, K, replace=False)
        key = rng.permutation(np.repeat(keys, rng.integers(1, 9, size=K)))
        count = min(max(round(share * K), 1), K - 1)

        def judge(drawn, key=key, count=count):
            drawn = [np.asarray(test) for test in drawn]
            if any(test.shape != key.shape or test.dtype != bool for test in drawn):
                return f"split must return {len(key)} booleans"
            for test in drawn:
                inside, outside = set(key[test].tolist()), set(key[~test].tolist())
                if inside & outside:
                    return f"{len(inside & outside)} keys are on both sides"
                if len(inside) != count:
                    return f"{len(inside)} of {len(set(key.tolist()))} keys drawn, not {count}"
            if not np.array_equal(drawn[0], drawn[-1]):
                return "the same generator draws other keys when asked again"
            if not np.any(drawn, axis=0).all():
                return "in sixty draws some key was never drawn"
            return ""

        yield Case(split_often, (key, share, int(rng.integers(2**31))), judge, label)


def split_often(student, key, share, seed):
    import numpy as np

    seeds = [*range(seed, seed + 60), seed]
    return [student.split(key, share, np.random.default_rng(s)) for s in seeds]


def read_before(rng):
    for M, S, far, label in (
        (30, 12, 0, ""),
        (30, 60, 1000, "numbers around a thousand"),
        (12, 30, 0, "more rows in the test than in the training part"),
        (1, 4, 0, "one training row"),
    ):
        train, test = far + rng.normal(size=(M, 5)), far + rng.normal(size=(S, 5))
        known = rng.permutation(np.repeat([True, False], S // 2))
        source = train[rng.integers(M, size=S)] + rng.uniform(-1e-9, 1e-9, size=(S, 5))
        test[known] = source[known]
        almost = np.flatnonzero(~known)[: S // 4]
        test[almost] = source[almost]
        test[almost, rng.integers(5, size=len(almost))] += 1e-3
        yield Case("read_before", (train, test), known, label)


def fit_probe(rng):
    for M, H, penalty, label in (
        (60, 5, 1.0, ""),
        (40, 4, 20.0, "a large penalty"),
        (12, 20, 0.5, "more units than rows"),
        (50, 1, 3.0, "one unit"),
    ):
        h = rng.normal(size=(M, H)) * rng.uniform(0.3, 3, size=H) + rng.normal(size=H)
        y = h @ rng.normal(size=H) + rng.normal(size=M) + 30
        beside_one = np.column_stack([h, np.ones(M)])
        penalised = np.sqrt(penalty) * np.eye(H, H + 1)
        right = np.linalg.lstsq(
            np.concatenate([beside_one, penalised]), np.append(y, np.zeros(H)), rcond=None
        )[0]
        yield Case("fit_probe", (h, y, penalty), (right[:H], right[H]), label)


def control(rng):
    for y, each, label in (
        (rng.normal(size=1800), 3, ""),
        ((rng.random(1800) < 0.3).astype(float), 3, "yes in three rows of ten"),
        (rng.normal(size=600), 1, "each row a kind of its own"),
    ):
        kinds = rng.choice(10000, len(y) // each, replace=False)
        kind = rng.permutation(np.repeat(kinds, each))

        def judge(tosses, y=y, kind=kind):
            tosses = [np.asarray(toss) for toss in tosses]
            if any(toss.shape != y.shape for toss in tosses):
                return f"control must return {len(y)} answers"
            first = np.unique(kind, return_index=True)[1]
            for toss in tosses:
                if not np.array_equal(toss, toss[first][np.unique(kind, return_inverse=True)[1]]):
                    return "two rows of one kind have different answers"
                if not np.isin(toss, y).all():
                    return "some answers are none of those in y"
                if abs(toss[first].mean() - y.mean()) > 5 * y.std() / np.sqrt(len(first)):
                    return "some answers come too often: draw from the rows of y"
                if abs(np.corrcoef(toss, y)[0, 1]) > 0.25:
                    return "the tosses follow the answers of their own kind"
            if np.array_equal(tosses[0], tosses[1]):
                return "another generator tosses the same"
            return ""

        yield Case(toss_twice, (y, kind, int(rng.integers(2**31))), judge, label)


def toss_twice(student, y, kind, seed):
    import numpy as np

    return [student.control(y, kind, np.random.default_rng(s)) for s in (seed, seed + 1)]


def interval(rng):
    for N, slope, label in (
        (40, 0, "rows of a name agree with each other"),
        (40, 0.4, "long names differ from short ones"),
        (25, -0.4, "names that are not numbered in order"),
    ):
        length = rng.integers(1, 12, size=N)
        name = rng.permutation(np.repeat(rng.choice(900, N, replace=False), length))
        number = np.unique(name, return_inverse=True)[1]
        count = np.bincount(number)
        values = (rng.normal(size=N) + slope * count)[number] + 0.3 * rng.normal(size=len(name))
        drawn = rng.integers(N, size=(20000, N))
        total = np.bincount(number, values)
        means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
        right, spread = np.percentile(means, [2.5, 97.5]), means.std()

        def judge(answer, right=right, spread=spread):
            answer = np.asarray(answer, float)
            if answer.shape != (2,):
                return "interval must return two numbers, low and high"
            if not np.isfinite(answer).all():
                return "an end of the interval is not finite"
            if np.abs(answer - right).max() > 0.2 * spread:
                low, high = right
                return "{:.2f} to {:.2f} came back, it is about ".format(*answer) + (
                    f"{low:.2f} to {high:.2f}"
                )
            return ""

        yield Case(four_thousand, (values, name, int(rng.integers(2**31))), judge, label)


def four_thousand(student, values, name, seed):
    import numpy as np

    return student.interval(values, name, 4000, np.random.default_rng(seed))


def take_out(rng):
    for M, H, K, label in (
        (6, 5, 1, "one direction"),
        (7, 6, 3, "three directions"),
        (1, 4, 2, "one row"),
        (5, 3, 3, "as many directions as units"),
    ):
        h, centre = rng.normal(size=(M, H)), rng.normal(size=H)
        directions = (rng.normal(size=(K, H)) + 1) * rng.uniform(0.2, 4, size=(K, 1))
        axes = np.linalg.qr(directions.T)[0]  # (H, K), perpendicular, of length 1
        right = h - (h - centre) @ axes @ axes.T
        yield Case(take_and_look, (h, directions, centre), (right, h), label)


def take_and_look(student, h, directions, centre):
    return student.take_out(h, directions, centre), h


def asked(rng):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz" + 3 * "aeinorst"))
    drawn = ["".join(rng.choice(letters, n)) for n in rng.integers(3, 12, size=120)]
    texts = [*SURNAMES.split(), *drawn]

    def judge(answers):
        late = []
        for text, (whole, *begun) in zip(texts, answers, strict=True):
            whole = np.asarray(whole, float)
            if whole.shape != (len(text),):
                return f"{text} has {len(text)} letters; its answers have the shape {whole.shape}"
            if not np.isfinite(whole).all():
                return f"some answers for {text} are not finite"
            for some in begun:
                if not np.array_equal(whole[: len(some)], some):
                    return f"after {text[: len(some)]} other answers than at that place in {text}"
            late.extend(whole[2:])
        return "" if np.ptp(late) > 0 else "the answer is always the same"

    yield Case(ask, (texts,), judge)


def ask(student, texts):
    import numpy as np

    def once(text):
        return np.asarray(student.asked(text), float)

    return [[once(text), *(once(text[: t + 1]) for t in range(len(text)))] for text in texts]
