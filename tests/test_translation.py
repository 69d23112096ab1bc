"""Translation word by word: padding, beams and batches change nothing; the source changes all."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_edu.data import load_emoji
from rnn_edu.data.words import END, PAD
from rnn_edu.decode import beam_search, generate, greedy
from rnn_edu.ops import one_hot
from rnn_edu.translator import writing
from rnn_edu.weights import dates, load, spanish, squeezed, translation

EMOJI = load_emoji()
MODEL, _ = load("translation")
ENGLISH, FRENCH = translation.vocabularies("fr")
STOP = FRENCH.words.index(END)
TEXTS = st.lists(st.sampled_from(ENGLISH.words[3:]), min_size=1, max_size=9).map(" ".join)


def logits_of(model, tokens, lengths, said):
    step, state, _ = writing(model, tokens, lengths)
    return step(said, state)[0]


@given(st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=25)
def test_the_company_that_a_text_keeps_changes_nothing(texts):
    """One batch pads its short texts; alone they have no padding."""
    tokens, lengths = ENGLISH.encode(texts)
    said = np.full(len(texts), 5)
    together = logits_of(MODEL, tokens, lengths, said)
    for n, text in enumerate(texts):
        alone = logits_of(MODEL, *ENGLISH.encode([text]), said[:1])
        np.testing.assert_allclose(together[n], alone[0], atol=1e-3)


@given(TEXTS, st.integers(1, 4), st.data())
@settings(max_examples=25)
def test_what_stands_in_the_padding_gets_no_weight(text, more, data):
    tokens, lengths = ENGLISH.encode([text])
    word = data.draw(st.integers(0, len(ENGLISH) - 1))
    padded = np.vstack([tokens, np.full((more, 1), word)])
    memory, state, mask = MODEL.encode(one_hot(padded, len(ENGLISH), np.float32), lengths)
    heard = one_hot(np.array([[3], [4]]), len(FRENCH), np.float32)
    _, cache = MODEL.decoder.forward(heard, memory, state, mask)
    assert (cache.attention.weights[:, :, lengths[0] :] == 0).all()
    said = np.array([4])
    np.testing.assert_allclose(
        logits_of(MODEL, padded, lengths, said), logits_of(MODEL, tokens, lengths, said), atol=1e-3
    )


@given(st.permutations(range(4)))
@settings(max_examples=10)
def test_a_row_of_a_beam_takes_its_memory_along(order):
    tokens, lengths = ENGLISH.encode(EMOJI.test.names["en"][:4])
    step, state, first = writing(MODEL, tokens, lengths)
    logits, state = step(first, state)
    said = logits.argmax(axis=1)
    after = step(said, state)[0]
    moved = step(said[order], tuple(s[order] for s in state))[0]
    np.testing.assert_allclose(moved, after[order], atol=1e-4)


def test_a_beam_of_one_says_what_greedy_says():
    for name in EMOJI.test.names["en"][::20]:
        step, state, first = writing(MODEL, *ENGLISH.encode([name]))
        said = generate(step, state, first, 20, greedy, STOP)[:, 0]
        best = beam_search(step, state, first[0], 1, 20, STOP).hypotheses[0]
        assert best.tokens == tuple(said[: len(best.tokens)])
        assert best.finished


def test_the_first_word_hears_nothing():
    """As in training: `topologies.teacher_forced` starts with zeros."""
    tokens, lengths = ENGLISH.encode(["woman cook"])
    step, state, first = writing(MODEL, tokens, lengths)
    memory, own, mask = MODEL.encode(one_hot(tokens, len(ENGLISH), np.float32), lengths)
    nothing = np.zeros((1, len(FRENCH)), np.float32)
    expected, _, _ = MODEL.decoder.step(nothing, own, memory, mask)
    np.testing.assert_array_equal(step(first, state)[0], expected)


def test_another_source_gives_another_translation():
    """The bug of an "attention" that never read the encoder: here each source says what is said."""
    names = EMOJI.test.names
    assert translation.judge(translation.translate(MODEL, names["en"]), names["fr"])["exact"] > 0.9
    others = names["en"][1:] + names["en"][:1]
    assert translation.judge(translation.translate(MODEL, others), names["fr"])["exact"] < 0.05
    looks = MODEL.decoder.attention
    blind = replace(looks, W_c=np.vstack([0 * looks.W_a, looks.W_c[translation.H :]]))
    without = replace(MODEL, decoder=replace(MODEL.decoder, attention=blind))
    said = translation.translate(without, names["en"])
    assert translation.judge(said, names["fr"])["exact"] < 0.2


def test_all_three_languages_learn_from_the_same_names():
    assert translation.vocabularies("es")[0] == ENGLISH
    for build, attends in ((spanish.build, True), (squeezed.build, False)):
        model = build(np.random.default_rng(0))
        assert (model.decoder.attention is not None) == attends
        assert len(ENGLISH) == model.encoder.D
    assert len(spanish.build(np.random.default_rng(0)).decoder.b_y) != len(FRENCH)


def test_every_pair_comes_once_an_epoch_and_padding_does_not_count():
    texts = EMOJI.train.names
    sources = ENGLISH.encode(texts["en"][:150])
    targets = FRENCH.encode(texts["fr"][:150], end=True)
    batches = list(
        translation.minibatches(sources, targets, len(ENGLISH), 2, np.random.default_rng(0))
    )
    assert [b.x.shape[1] for b in batches] == [64, 64, 22] * 2
    for epoch in (batches[:3], batches[3:]):
        seen = sorted(tuple(column) for b in epoch for column in read(b))
        assert seen == sorted(tuple(FRENCH.decode(column)) for column in targets[0].T)
    for b in batches:
        assert b.x.shape[0] == b.lengths.max()
        assert (b.targets[b.mask] != FRENCH.words.index(PAD)).all()
        assert (b.targets[~b.mask] == FRENCH.words.index(PAD)).all()


def read(batch):
    return (FRENCH.decode(column) for column in batch.targets.T)


def test_scores_are_those_of_words():
    perfect = translation.judge(["femme avec ballon , homme"], ["Femme avec ballon, homme"])
    assert perfect["exact"] == 1
    assert perfect["bleu"] == pytest.approx(100)
    half = translation.judge(
        ["deux femmes qui marche", "homme"], ["Deux femmes qui marchent", "homme"]
    )
    assert half["exact"] == 0.5
    assert half["bleu"] < half["chrf"] < 100


def test_dates_are_read_whatever_their_company():
    model, _ = load("dates")
    texts = ["10.4.1981", "terça-feira, 19 de março de 1991", "Jun 13, 2010"]
    iso = ["1981-04-10", "1991-03-19", "2010-06-13"]
    assert dates.to_iso(model, texts) == iso
    assert [dates.to_iso(model, [text])[0] for text in texts] == iso
