"""The comparison: its stacks run in pieces, its sizes are what they say, its record is whole."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from rnn_edu.causal import CausalAttention
from rnn_edu.data import copy_baseline
from rnn_edu.fast.stack import Stack, positions
from rnn_edu.gru import GRUCell
from rnn_edu.lstm import LSTMCell
from rnn_edu.memory import DeltaCell, GatedLinearAttentionCell, LinearAttentionCell
from rnn_edu.mingru import MinGRUCell
from rnn_edu.rnn import RNNCell
from rnn_edu.weights import compare

D, K, H, T, N = 3, 5, 6, 9, 2
PAIRS = [*compare.MODELS.values(), (RNNCell, GatedLinearAttentionCell)]
PAIRS += [(LSTMCell, LinearAttentionCell)]
names = pytest.mark.parametrize("model", compare.MODELS)


def draw(kinds, seed=0):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(T, N, D)).astype(np.float32))
    return Stack.init(kinds, D, H, K, rng), x


@pytest.mark.parametrize("kinds", PAIRS, ids=lambda kinds: "+".join(k.__name__ for k in kinds))
def test_a_stack_in_pieces_is_the_stack_at_once(kinds):
    stack, x = draw(kinds)
    whole, states = stack(x)
    first, middle = stack(x[:4])
    second, last = stack(x[4:], middle)
    torch.testing.assert_close(torch.cat([first, second]), whole, rtol=0, atol=1e-5)
    for a, b in zip(stack.carried(last), stack.carried(states), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-5)
    assert first.shape == (4, N, K)


@pytest.mark.parametrize("kinds", PAIRS, ids=lambda kinds: "+".join(k.__name__ for k in kinds))
def test_every_parameter_of_a_stack_learns(kinds):
    stack, x = draw(kinds)
    stack(x)[0].square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in stack.parameters())


def test_only_attention_alone_is_told_the_place():
    """Its answer to a repeated input changes with the step; without the sines it could not."""
    stack, x = draw((CausalAttention, CausalAttention))
    repeated = x[:1].expand(T, N, D)
    assert (stack(repeated)[0][0] - stack(repeated)[0][-1]).abs().max() > 0.1
    stack.needs_positions = False
    torch.testing.assert_close(*stack(repeated)[0][[0, -1]], rtol=0, atol=1e-5)
    assert not draw((GRUCell, CausalAttention))[0].needs_positions


def test_positions_go_on_where_they_were():
    whole = positions(0, 7, 5)
    assert whole.shape == (7, 1, 5)
    torch.testing.assert_close(positions(4, 3, 5), whole[4:], rtol=0, atol=0)
    assert len(torch.unique(whole, dim=0)) == 7


def test_what_is_carried_is_what_the_next_step_reads():
    """All else in the states may be anything: the next answer stays."""
    for kinds in PAIRS:
        stack, x = draw(kinds)
        _, states = stack(x[:-1])
        spoilt = tuple(
            s if isinstance(layer, (nn.RNN, nn.GRU, nn.LSTM)) or len(s) == 1 else (s[0] + 9, *s[1:])
            for layer, s in zip(stack.layers, states, strict=True)
        )
        torch.testing.assert_close(stack(x[-1:], states)[0], stack(x[-1:], spoilt)[0])


@pytest.mark.parametrize(
    ("kinds", "numbers"),
    [
        ((GRUCell, GRUCell), 2 * H),
        ((MinGRUCell, RNNCell), 2 * H),
        ((LSTMCell, LSTMCell), 4 * H),
        ((DeltaCell, DeltaCell), 2 * H * H),
        ((CausalAttention, CausalAttention), 2 * T * 2 * H),
        ((GRUCell, CausalAttention), H + T * 2 * H),
    ],
)
def test_bytes_of_the_state(kinds, numbers):
    assert compare.state_bytes(draw(kinds)[0], T) == 4 * numbers


@names
def test_the_widest_within_the_budget(model):
    task, rng = compare.TASKS["recall"](), np.random.default_rng(0)
    H = compare.width(model, task)
    sizes = [compare.n_params(compare.MODELS[model], task.D, w, task.K, rng) for w in (H, H + 2)]
    assert sizes[0] <= compare.SETTINGS["parameters"] < sizes[1]
    twice = 2 * H * (model == "GRU + attention") or 4 * H * (model == "GRU")  # torch's second b_h
    count = sum(p.numel() for p in compare.build(model, task, 0).parameters())
    assert sizes[0] == count - twice


@pytest.mark.parametrize("name", compare.TASKS)
def test_tasks_draw_what_they_say(name):
    task = compare.TASKS[name]()
    drawn = [task.draw(np.random.default_rng(seed)) for seed in (3, 3, 4)]
    tests = task.tests()
    assert np.array_equal(drawn[0].x, drawn[1].x)
    assert not np.array_equal(drawn[0].targets, drawn[2].targets)
    for T, batch in {len(drawn[0].x): drawn[0], **tests}.items():
        assert batch.x.shape == (T, batch.targets.shape[1], task.D)
        assert batch.counts.shape == batch.targets.shape
        assert batch.targets[batch.counts].max() < task.K
        assert batch.counts[-1].all()
    again = task.tests()
    assert all(np.array_equal(tests[T].x, again[T].x) for T in tests)


def test_parity_by_hand():
    batch = compare.TASKS["parity"]().tests()[32]
    for bits, answers in zip(batch.x[:, :5].argmax(axis=2).T, batch.targets[:, :5].T, strict=True):
        assert [sum(bits[: t + 1]) % 2 for t in range(32)] == answers.tolist()


def test_scores_of_one_who_knows_and_one_who_guesses():
    class Fixed(nn.Module):
        def __init__(self, logits):
            super().__init__()
            self.logits = logits

        def forward(self, x):
            return self.logits(x), ()

    copy, text = compare.TASKS["copy"](), compare.TASKS["text"]()
    (batch,) = copy.tests().values()
    known = nn.functional.one_hot(torch.from_numpy(batch.targets), copy.K).float()
    assert compare.score(Fixed(lambda x: known), copy) == {"40": 1.0}
    evenly = compare.score(Fixed(lambda x: torch.zeros(*x.shape[:2], text.K)), text)
    assert list(evenly.values()) == pytest.approx([np.log2(text.K)] * 2)
    uniform = Fixed(lambda x: torch.tensor([0.0] * 8 + [-99.0] * 2).expand(*x.shape[:2], 10))
    loss = compare.loss_of(uniform, batch).item()
    assert loss == pytest.approx(copy_baseline(8, 24) * 40 / 8)


# --- the record ------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch, tmp_path):
    """A comparison of one task, two models and two seeds, with two updates."""
    monkeypatch.setattr(compare, "RECORD", tmp_path / "compare.json")
    monkeypatch.setattr(compare, "SEEDS", (0, 1))
    monkeypatch.setattr(compare, "SETTINGS", compare.SETTINGS | {"updates": 2, "parameters": 900})
    monkeypatch.setattr(compare, "LENGTHS", (4, 8))
    monkeypatch.setattr(compare, "TASKS", {"parity": compare.TASKS["parity"]})
    kept = {name: compare.MODELS[name] for name in ("minGRU", "attention")}
    monkeypatch.setattr(compare, "MODELS", kept)
    return monkeypatch


def test_a_record_is_made_and_read(short):
    compare.make()
    scores, made = compare.scores("parity"), compare.read()
    assert scores.shape == (2, 2, 2)
    task = compare.TASKS["parity"]()
    again = compare.score(compare.train("attention", task, 1), task)
    assert scores[1, :, 1].tolist() == pytest.approx(list(again.values()), abs=1e-4)
    assert made["sizes"]["parity, attention"]["bytes"]["8"] == compare.state_bytes(
        compare.build("attention", task, 0), 8
    )
    assert set(made["milliseconds"]["8"]) == set(compare.MODELS)
    assert compare.RECORD.parent.joinpath("compare.part").exists() is False


def test_a_record_goes_on_where_it_was_cut_off(short):
    trained = []

    def train(model, task, seed):
        trained.append((model, seed))
        if len(trained) == 3:
            raise KeyboardInterrupt
        return compare.build(model, task, seed)

    short.setattr(compare, "train", train)
    with pytest.raises(KeyboardInterrupt):
        compare.make()
    assert len(compare.read()["runs"]) == 2
    compare.make()
    assert trained == [("minGRU", 0), ("attention", 0), *2 * [("minGRU", 1)], ("attention", 1)]
    compare.make()
    assert len(trained) == 5
    short.setitem(compare.SETTINGS, "lr", 0.5)
    compare.make()
    assert len(trained) == 9


def test_the_record_that_ships_is_whole():
    made = compare.read()
    assert made["settings"] == compare.SETTINGS
    for name, make_task in compare.TASKS.items():
        scores = compare.scores(name)
        assert scores.shape[::2] == (len(compare.SEEDS), len(compare.MODELS))
        assert (scores >= 0).all()
        assert (scores <= (8 if make_task().in_bits else 1)).all()
        for model in compare.MODELS:
            assert made["sizes"][f"{name}, {model}"] == compare.sizes(model, make_task())
    assert list(made["milliseconds"]) == [str(T) for T in compare.LENGTHS]
    json.dumps(made)


def test_a_run_followed_again_gives_what_the_record_says():
    """The quickest of them; on another processor the rounding differs, and learning with it."""
    task = compare.TASKS["copy"]()
    (recorded,) = compare.scores("copy")[0, :, list(compare.MODELS).index("attention")]
    again = compare.score(compare.train("attention", task, 0), task)
    assert again["40"] == pytest.approx(recorded, abs=0.02)
