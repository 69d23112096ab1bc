"""The captioner: what reaches a word, by which wire, and what training moves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from rnn_edu.decode import generate, greedy
from rnn_edu.fast.captions import Captioner, fit_captions

V, H, CHANNELS, SIDE = 7, 5, (1, 3, 4), 12


def captioner(attention: bool = True, seed: int = 0) -> Captioner:
    return Captioner.init(CHANNELS, SIDE, V, H, np.random.default_rng(seed), attention=attention)


@pytest.fixture
def pictures() -> Tensor:
    return torch.from_numpy(np.random.default_rng(1).random((3, 1, SIDE, SIDE), np.float32))


@pytest.fixture
def tokens() -> Tensor:
    return torch.from_numpy(np.random.default_rng(2).integers(V, size=(6, 3)))


def test_shapes_are_the_documented_ones(pictures, tokens):
    model = captioner()
    seen = model.see(pictures)
    memory, (h,) = model.encode(seen)
    logits, weights = model.look(seen, tokens)
    assert seen.shape == (3, 4, 3, 3)
    assert memory.shape == (9, 3, 4)
    assert h.shape == (3, H)
    assert logits.shape == model(seen, tokens).shape == (6, 3, V)
    assert weights.shape == (6, 3, 9)
    assert torch.allclose(weights.sum(2), torch.ones(6, 3))
    assert captioner(attention=False).look(seen, tokens)[1] is None


def test_a_place_of_the_memory_is_that_place_of_the_picture():
    blank = torch.zeros(1, 1, SIDE, SIDE)
    inked = blank.clone()
    inked[0, 0, 5:7, 9:11] = 1  # in the middle of the place in row 1, column 2
    model = captioner()
    apart = (model.encode(model.see(inked))[0] - model.encode(model.see(blank))[0]).abs().sum(2)
    assert apart[:, 0].argmax() == 1 * 3 + 2


def test_another_memory_moves_the_weights(pictures, tokens):
    """The bug of a much-copied course: scores from the decoder's state alone."""
    model = captioner()
    seen = model.see(pictures).detach()
    _, (h,) = model.encode(seen)
    words = torch.nn.functional.one_hot(tokens, V).float()
    memory = model.encode(seen)[0].detach()
    with torch.no_grad():
        before = model.decoder.look(words, memory, (h,))[2]
        memory[4] += 3
        after = model.decoder.look(words, memory, (h,))[2]
    assert (before - after).abs().amax(dim=(0, 2)).min() > 1e-3  # for each picture


@pytest.mark.parametrize("attention", [True, False])
def test_every_wire_is_connected(pictures, tokens, attention):
    """Each parameter gets a gradient, and a word changes later logits and no earlier ones."""
    model = captioner(attention)
    model(model.see(pictures), tokens).square().sum().backward()
    assert {n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()} == set()
    other = tokens.clone()
    other[3] = (other[3] + 1) % V
    with torch.no_grad():
        seen = model.see(pictures)
        apart = (model(seen, tokens) - model(seen, other)).abs().amax(dim=2)
    assert (apart[:3] == 0).all()
    assert (apart[3:] > 0).all()


@pytest.mark.parametrize("attention", [True, False])
def test_writing_word_by_word_is_reading_what_was_written(pictures, attention):
    model = captioner(attention)
    seen = model.see(pictures).detach()
    step, state = model.writer(seen)
    written = generate(step, state, np.ones(3, int), 8, greedy)
    fed = torch.from_numpy(np.vstack([np.ones((1, 3), int), written[:-1]]))
    with torch.no_grad():
        assert np.array_equal(model(seen, fed).argmax(2).numpy(), written)


def test_pictures_of_a_batch_do_not_mix(pictures, tokens):
    model = captioner()
    with torch.no_grad():
        together = model(model.see(pictures), tokens)
        alone = model(model.see(pictures[1:2]), tokens[:, 1:2])
    assert torch.allclose(together[:, 1:2], alone, atol=1e-6)


def test_the_decoder_is_the_numpy_one(pictures, tokens):
    model = captioner()
    with torch.no_grad():
        seen = model.see(pictures)
        memory, (h,) = model.encode(seen)
        expected = model(seen, tokens).numpy()
    words = np.eye(V, dtype=np.float32)[tokens.numpy()]
    logits, _ = model.decoder.to_numpy().forward(words, memory.numpy(), (h.numpy(),))
    assert np.allclose(logits, expected, atol=1e-5)


def test_the_start_does_not_depend_on_torchs_seed():
    torch.manual_seed(1)
    a = captioner().state_dict()
    torch.manual_seed(2)
    b = captioner().state_dict()
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("attention", [True, False])
def test_it_learns_which_picture_has_which_caption(pictures, attention):
    captions = np.array([[2, 3, 4], [3, 2, 4], [1, 5, 1], [0, 1, 0]])  # 1 ends, 0 pads
    rng = np.random.default_rng(0)
    model = Captioner.init((1, 8, 8), SIDE, V, 16, rng, attention=attention)
    model.centre(model.see(pictures).detach())  # three pictures of noise: alike but for details

    losses = fit_captions(
        model, lambda n: model.see(pictures[n]), captions, 150, rng, begin=1, size=3, lr=0.02
    )
    step, state = model.writer(model.see(pictures))
    written = generate(step, state, np.ones(3, int), 4, greedy, end=1)
    assert np.array_equal(np.where(captions == 0, 1, captions), written)
    assert losses.shape == (150,)
    assert losses[-1] < 0.1 < losses[0]


def test_padding_is_not_learned(pictures):
    captions = np.array([[2, 3, 4], [1, 1, 1]])
    padded = np.vstack([captions, np.zeros((3, 3), int)])
    losses = []
    for tokens in (captions, padded):
        model = captioner()
        losses.append(
            fit_captions(
                model,
                lambda n, model=model: model.see(pictures[n]),
                tokens,
                5,
                np.random.default_rng(0),
                begin=1,
                size=3,
            )
        )
    assert np.array_equal(*losses)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"side": 10}, ValueError, "side must be halved 2 times, got 10"),
        ({"channels": (1,)}, ValueError, "channels must be at least two, got"),
        ({"V": 0}, ValueError, "V must be an integer of at least 1, got 0"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_errors_name_the_argument(change, error, message):
    arguments = {"channels": CHANNELS, "side": SIDE, "V": V, "H": H}
    with pytest.raises(error, match=message):
        Captioner.init(**arguments | {"rng": np.random.default_rng(0)} | change)
