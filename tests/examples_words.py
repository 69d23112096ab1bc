"""Examples, in the manner of `examples`, of what reads words, writes them, and forecasts.

Their documented shapes are not held against arrays (they say V, which no array has as a length of
its own); `test_fuzz` calls them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnn_edu import decode, embedding, forecast, ngram
from rnn_edu.bidirectional import Bidirectional, turn_around
from rnn_edu.data import words
from rnn_edu.topologies import Network

from .examples import Example, fresh
from .reference import CELLS, D, K, N, T, make_case

V, TEXTS = 9, ("a cat", "the dog sat on it", "no")
LENGTHS = np.array([2, T, 1])


def of_bidirectional() -> Iterator[Example]:
    onward, x, *_ = make_case(CELLS[1])
    made = {"onward": onward, "reverse": make_case(CELLS[1], seed=1).cell, "K": K, "rng": fresh()}
    both = Bidirectional.init(**made)
    yield Example(Bidirectional, Bidirectional, vars(both), "model")
    yield Example(Bidirectional.init, Bidirectional.init, made, "model")
    yield Example(turn_around, turn_around, {"a": x, "lengths": LENGTHS}, "")
    for read in ("last", "every"):
        given = {"x": x, "lengths": LENGTHS, "read": read}
        logits, cache = both.forward(**given)
        back = {"dlogits": logits, "cache": cache}
        to_inputs = both.backward_to_inputs
        yield Example(Bidirectional.forward, both.forward, given, ("logits", "cache"))
        yield Example(Bidirectional.backward, both.backward, back, "grads")
        yield Example(Bidirectional.backward_to_inputs, to_inputs, back, ("grads", "dx"))


def of_embedding() -> Iterator[Example]:
    cell, x, *_ = make_case(CELLS[2])
    kind, reader = embedding.Embedding, embedding.Reader
    table, one = kind.init(V, D, fresh()), reader.init(V, cell, K, fresh())
    tokens = fresh().integers(0, V, (T, N))
    made = {"V": V, "cell": cell, "K": K, "rng": fresh()}
    yield Example(kind, kind, vars(table), "embedding")
    yield Example(kind.init, kind.init, {"V": V, "D": D, "rng": fresh()}, "embedding")
    yield Example(kind.forward, table.forward, {"tokens": tokens}, "x")
    yield Example(kind.backward, table.backward, {"dx": x, "tokens": tokens}, "grads")
    yield Example(reader, reader, vars(one), "reader")
    yield Example(reader.init, reader.init, made, "reader")
    for pool in ("last", "mean"):
        given = {"tokens": tokens, "lengths": LENGTHS, "pool": pool}
        logits, cache = one.forward(**given)
        back = {"dlogits": logits, "cache": cache}
        yield Example(reader.forward, one.forward, given, ("logits", "cache"))
        yield Example(reader.backward, one.backward, back, "grads")
    batches = embedding.WordBatches
    given = {"tokens": tokens, "lengths": LENGTHS, "labels": np.arange(N), "size": 2, "epochs": 1}
    yield Example(batches, lambda **a: next(iter(batches(**a))), given, "batch")


def of_decode() -> Iterator[Example]:
    net = Network.init(make_case(CELLS[2], D=V).cell, V, fresh())
    step, state, logits = decode.as_step(net), net.cell.zero_state(N), fresh().normal(size=(N, V))
    one, tokens = net.cell.zero_state(1), fresh().integers(0, V, (T, N))
    walk = {"step": step, "state": state}
    write = {**walk, "tokens": tokens[0], "S": 2, "choose": decode.greedy, "end": 0}
    search = {"step": step, "state": one, "token": 1, "width": 2, "S": 4, "end": 0, "alpha": 0.5}
    yield from (
        Example(decode.as_step, decode.as_step, {"network": net}, "step"),
        Example(decode.probabilities, decode.probabilities, {"logits": logits}, ""),
        Example(decode.greedy, decode.greedy, {"logits": logits}, ""),
        Example(decode.sample, lambda rng: decode.sample(rng)(logits), {"rng": fresh()}, ""),
        Example(decode.generate, decode.generate, write, "tokens"),
        Example(decode.score, decode.score, {**walk, "tokens": tokens}, ("log_probs", "state")),
        Example(decode.beam_search, decode.beam_search, search, "found"),
    )
    for rule, argument in (
        (decode.temperature, {"t": 0.5}),
        (decode.top_k, {"k": 2}),
        (decode.top_p, {"p": 0.5}),
        (decode.min_p, {"p": 0.5}),
    ):
        yield Example(rule, lambda f=rule, **a: f(**a)(logits), argument, "logits")


def of_ngram() -> Iterator[Example]:
    kind, text = ngram.NGram, fresh().integers(0, V, 20)
    table = kind.count(text, 3, V)
    at_t = {"tokens": np.array([1, 2]), "state": table.zero_state(2)}
    yield from (
        Example(kind, kind, vars(table), "table"),
        Example(kind.count, kind.count, {"tokens": text, "n": 3, "V": V}, "table"),
        Example(kind.probabilities, table.probabilities, {"context": [1, 2]}, ""),
        Example(kind.score, table.score, {"tokens": text}, ""),
        Example(kind.bits, table.bits, {"tokens": text}, ""),
        Example(kind.zero_state, table.zero_state, {"N": 2}, ""),
        Example(kind.step, table.step, at_t, ("logits", "state")),
    )


def of_forecast() -> Iterator[Example]:
    series, interval = fresh().normal(size=30), forecast.bootstrap_interval
    cut, walk = forecast.cut_windows(series, 4, 3), forecast.walk_forward
    past, drawn = {"past": cut.past, "horizon": 3, "period": 2}, {"block": 2, "rng": fresh()}
    errors = {"errors": fresh().normal(size=(20, K)), "level": 0.5}
    values = {"values": series, **drawn, "level": 0.9, "draws": 20}
    walked = {"windows": cut, "starts": [10, 20, 25]}
    yield from (
        Example(forecast.Windows.before, cut.before, {"time": 9}, "windows"),
        Example(forecast.Windows.since, cut.since, {"time": 9}, "windows"),
        Example(
            forecast.cut_windows,
            forecast.cut_windows,
            {"series": series, "past": 4, "horizon": 3},
            "windows",
        ),
        Example(walk, lambda windows, starts: list(walk(windows, starts)), walked, "parts"),
        Example(forecast.seasonal_naive, forecast.seasonal_naive, past, ""),
        Example(forecast.conformal_radius, forecast.conformal_radius, errors, ""),
        Example(interval, interval, values, ("low", "high")),
    )


def of_words() -> Iterator[Example]:
    kind = words.Vocabulary
    known = kind.of(TEXTS)
    yield from (
        Example(words.split_words, words.split_words, {"text": TEXTS[0]}, ""),
        Example(kind, kind, {"words": known.words}, "vocabulary"),
        Example(kind.of, kind.of, {"texts": TEXTS, "least": 1}, "vocabulary"),
        Example(kind.encode, known.encode, {"texts": TEXTS, "end": True}, ("tokens", "lengths")),
        Example(kind.decode, known.decode, {"tokens": np.array([4, 3, 1])}, ""),
    )


EXAMPLES = [*of_bidirectional(), *of_embedding(), *of_decode(), *of_ngram()]
EXAMPLES += [*of_forecast(), *of_words()]
