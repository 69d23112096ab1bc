"""The memory bench: a matrix that keys write to and read from, under three rules."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from .base import Figure, in_range, pack, script, style

LETTERS = "ABCDEFGHIJKL"  # the keys' names
RULES = ("sum", "decay", "delta")
DRAWS, VERSIONS = 8, 4  # sets of keys to go through; values to go through at each key
MOST = 24  # writes


class Read(NamedTuple):
    """What a key finds: the value that was written to it last, what is read, how far apart."""

    wanted: np.ndarray  # (d,)
    read: np.ndarray  # (d,)
    error: float  # squared


class MemoryBench(Figure):
    """A memory S (d, d): a key k of length 1 writes a value v of length 1, and reads k S.

    rule "sum": S + k v^T, as linear attention; "decay": decay S + k v^T; "delta":
    S + beta k (v - k S)^T, which writes what is missing. A series of writes is run under all three;
    reads are compared with the value that was written last with their key. For sums of n different
    keys the expected squared error is n - 1 times the mean squared cosine of two keys, 1 / d for
    random ones.

    d: width of keys and values, 2 to 6. n_keys: 2 to 12; 2 d if None. seed: of keys and values; the
    entries of a value are +-1 / sqrt(d).
    Its state is rule, decay, beta; kind, "random" or "angles" (any two keys have the same cosine:
    so only the first d keys exist); cosine; draw, the set of keys, 0..7; chosen, the key
    that reads, 0..n_keys-1; and writes, a letter for each in order: "ABA" writes to A, to B,
    and another value to A. Letters of keys that do not exist are passed over.
    Raises ValueError naming the argument, TraitError for the state.
    Source: Widrow and Hoff, "Adaptive switching circuits", 1960; Schlag, Irie and Schmidhuber,
    "Linear transformers are secretly fast weight programmers", ICML 2021.
    """

    _esm = script("memory_bench.js")
    _css = style("memory_bench.css")

    rule = traitlets.Enum(RULES, "sum").tag(sync=True)
    decay = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    beta = traitlets.Float(1.0, min=0, max=1).tag(sync=True)
    kind = traitlets.Enum(("random", "angles"), "random").tag(sync=True)
    cosine = traitlets.Float(0.0, min=0, max=1).tag(sync=True)
    draw = traitlets.Int(0, min=0, max=DRAWS - 1).tag(sync=True)
    writes = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int().tag(sync=True)

    sizes = traitlets.List(traitlets.Int()).tag(sync=True)  # DRAWS, VERSIONS, n_keys, d
    arrays = traitlets.Bytes().tag(sync=True)  # random keys, axes, values

    def __init__(
        self,
        d: int = 4,
        *,
        n_keys: int | None = None,
        seed: int = 0,
        title: str = "A memory that is one matrix",
        **traits: Any,
    ) -> None:
        n_keys = 2 * d if n_keys is None else n_keys
        for name, value, least, most in (("d", d, 2, 6), ("n_keys", n_keys, 2, len(LETTERS))):
            if not least <= value <= most:
                raise ValueError(f"{name} must lie in {least}..{most}, got {value}")
        rng = np.random.default_rng(seed)
        keys = rng.normal(size=(DRAWS, n_keys, d))
        keys /= np.linalg.norm(keys, axis=-1, keepdims=True)
        axes = np.linalg.qr(rng.normal(size=(DRAWS, d, d)))[0]  # orthogonal to one another
        parts = ("keys", keys), ("axes", axes), ("values", _values(n_keys, d, rng))
        matrix, rows = 32 * (d + 3), 30 * (n_keys + 1)
        self.heights = 414 + (matrix + rows if d > 4 else max(matrix, rows)), 662 + matrix + rows
        super().__init__(
            sizes=[DRAWS, VERSIONS, n_keys, d],
            arrays=b"".join(pack(name, a) for name, a in parts),
            title=title,
            **traits,
        )
        seen = ("rule", "decay", "beta", "kind", "cosine", "draw", "writes")
        self.observe(self._put_into_words, seen)
        self._put_into_words()

    @traitlets.validate("writes")
    def _writes_known(self, proposal: Any) -> str:
        if (n := len(proposal["value"])) > MOST:
            raise traitlets.TraitError(f"writes must be at most {MOST}, got {n}")
        known = LETTERS[: self.sizes[2]]
        for letter in proposal["value"]:
            if letter not in known:
                raise traitlets.TraitError(f"writes must use the letters {known}, got {letter!r}")
        return proposal["value"]

    @traitlets.validate("chosen")
    def _chosen_in_range(self, proposal: Any) -> int:
        return in_range("chosen", proposal["value"], self.sizes[2])

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """The keys that exist now, (n, d), and the values they write in turn, (n_keys, 4, d)."""
        draws, versions, n_keys, d = self.sizes
        ends = np.cumsum([draws * n_keys * d, draws * d * d])
        parts = np.split(np.frombuffer(self.arrays, "<f4").astype(float), ends)
        keys, axes = parts[0].reshape(draws, n_keys, d), parts[1].reshape(draws, d, d)
        chosen = keys[self.draw]
        if self.kind == "angles":
            chosen = at_equal_angles(axes[self.draw], self.cosine)[:n_keys]
        return chosen, parts[2].reshape(n_keys, versions, d)

    def series(self) -> list[tuple[int, int]]:
        """The writes to keys that exist, in order: which key, how often it was written before."""
        exist = LETTERS[: len(self.parameters()[0])]
        letters = [letter for letter in self.writes if letter in exist]
        return [(exist.index(key), letters[:m].count(key)) for m, key in enumerate(letters)]

    def memory(self, rule: str | None = None) -> np.ndarray:
        """S (d, d) after all writes; after those of the rule in force if None."""
        rule = rule or self.rule
        keys, values = self.parameters()
        S = np.zeros((self.sizes[3],) * 2)
        for i, count in self.series():
            k, v = keys[i], values[i, count % VERSIONS]
            if rule == "delta":
                S = S + self.beta * np.outer(k, v - k @ S)
            else:
                S = (self.decay if rule == "decay" else 1) * S + np.outer(k, v)
        return S

    def reads(self, rule: str | None = None) -> dict[str, Read]:
        """What each key that was written finds, by its letter."""
        (keys, values), S = self.parameters(), self.memory(rule)
        last = {i: values[i, count % VERSIONS] for i, count in self.series()}
        return {LETTERS[i]: _read(S, keys[i], last[i]) for i in sorted(last)}

    def _put_into_words(self, _: Any = None) -> None:
        n, d = len(self.series()), self.sizes[3]
        what = f"random keys, set {self.draw}"
        expected = f"(n - 1)/d = {(n - 1) / d:.2f}"
        if self.kind == "angles":
            what = f"keys with cosine {self.cosine:.2f} between any two, set {self.draw}"
            expected = f"(n - 1) cosine^2 = {(n - 1) * self.cosine**2:.2f}"
        lines = [f"{self.title}: S {d} x {d}, {what}", "nothing is written yet"]
        if n:
            written = "".join(LETTERS[i] for i, _ in self.series())
            strength = {"decay": f" {self.decay:.2f}", "delta": f", beta = {self.beta:.2f}"}
            lines[1] = f"n = {n} writes: {written}; rule: {self.rule}{strength.get(self.rule, '')}"
            lines += [
                f"{letter}: wanted {_list(found.wanted)}; read {_list(found.read)};"
                f" squared error {found.error:z.2f}"
                for letter, found in self.reads().items()
            ]
            means = (f"{rule} {mean_error(self.reads(rule)):z.2f}" for rule in RULES)
            lines.append(f"mean: {', '.join(means)}")
            lines.append(f"expected for sums if all keys differ: {expected}")
        self.words = "\n".join(lines)


def at_equal_angles(axes: np.ndarray, cosine: float) -> np.ndarray:
    """d keys of length 1, each two with the same cosine: the axes, moved together.

    axes: (d, d), of length 1 and orthogonal to one another. Returns an array of that shape.
    """
    own = np.sqrt(1 - cosine)
    shared = (np.sqrt(own**2 + len(axes) * cosine) - own) / len(axes)
    return own * axes + shared * axes.sum(axis=0)


def mean_error(reads: dict[str, Read]) -> float:
    """The mean of the squared errors of all that was written."""
    return float(np.mean([found.error for found in reads.values()]))


def _values(n_keys: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """(n_keys, VERSIONS, d) of +-1 / sqrt(d): half of the signs turn from each to the next."""
    signs = [rng.choice([-1.0, 1.0], size=(n_keys, d))]
    turned = np.where(np.arange(d) < (d + 1) // 2, -1.0, 1.0)
    for _ in range(VERSIONS - 1):
        signs.append(signs[-1] * rng.permuted(np.tile(turned, (n_keys, 1)), axis=1))
    return np.stack(signs, axis=1) / np.sqrt(d)


def _read(S: np.ndarray, k: np.ndarray, wanted: np.ndarray) -> Read:
    return Read(wanted, k @ S, float(np.square(wanted - k @ S).sum()))


def _list(v: np.ndarray) -> str:
    return " ".join(f"{value:z.2f}" for value in v)
