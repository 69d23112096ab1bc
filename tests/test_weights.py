"""What ships is what its record says, and a recipe followed again gives the same bytes."""

import json
import re
import types

import numpy as np
import pytest
import torch

from rnn_edu import GRUCell, weights
from rnn_edu.topologies import Network
from rnn_edu.weights import __main__ as maker

NAMES = weights.names()


def of_seed(seed):
    rng = np.random.default_rng(seed)
    return Network.init(GRUCell.init(3, 4, rng, np.float32), 2, rng)


TOY = types.SimpleNamespace(
    SEEDS=(5, 6, 7),
    build=lambda rng: of_seed(0),
    train=of_seed,
    score=lambda model, part: {"sum": float(model.W_hy.sum()) + (part == "test")},
)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    for module in (weights, maker):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
        monkeypatch.setattr(module, "recipe", lambda name: TOY)
    return tmp_path


def test_the_network_in_the_middle_ships(toy):
    maker.make("toy")
    model, made = weights.load("toy")
    sums = [TOY.score(of_seed(seed), "validation")["sum"] for seed in TOY.SEEDS]
    assert made.shipped == TOY.SEEDS[sums.index(sorted(sums)[1])]
    assert made.seeds == TOY.SEEDS
    assert [run["sum"] for run in made.validation] == sums
    np.testing.assert_array_equal(model.W_hy, of_seed(made.shipped).W_hy)
    np.testing.assert_array_equal(model.cell.b_hn, of_seed(made.shipped).cell.b_hn)
    assert model.W_hy.dtype == np.float32


def test_the_same_recipe_gives_the_same_bytes(toy):
    maker.make("toy")
    first = (toy / "toy.npz").read_bytes()
    maker.make("toy")
    assert (toy / "toy.npz").read_bytes() == first


def test_files_that_do_not_belong_together_are_refused(toy):
    maker.make("toy")
    np.savez_compressed(toy / "toy.npz", **weights.arrays_of(of_seed(1)))
    with pytest.raises(ValueError, match=r"toy.npz must be the file that toy.json records"):
        weights.load("toy")


def test_too_many_bytes_are_refused(toy, monkeypatch):
    monkeypatch.setattr(maker, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"toy must fit 100 bytes, got \d+"):
        maker.make("toy")
    assert not list(toy.iterdir())


def test_other_arrays_are_refused():
    arrays = weights.arrays_of(of_seed(0))
    with pytest.raises(ValueError, match=r"arrays must be \{.*\}, got \{.*\}"):
        weights.with_arrays(of_seed(0), {"b_y": arrays["b_y"]})


def test_a_torch_module_travels_as_well():
    module, other = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    arrays = {name: a.copy() for name, a in weights.arrays_of(module).items()}
    assert weights.with_arrays(other, arrays) is other
    torch.testing.assert_close(other.weight, module.weight, rtol=0, atol=0)


def test_an_unknown_name_is_refused():
    with pytest.raises(
        ValueError, match=rf"name must be one of {re.escape(', '.join(NAMES))}, got"
    ):
        weights.load("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_whole_and_the_middle_seed_ships(name):
    _, made = weights.load(name)
    how = weights.recipe(name)
    assert made.seeds == tuple(how.SEEDS)
    assert len(made.seeds) >= 3
    assert len(made.validation) == len(made.test) == len(made.seconds) == len(made.seeds)
    chooses = next(iter(made.validation[0]))
    ranked = sorted(made.seeds, key=lambda s: made.validation[made.seeds.index(s)][chooses])
    assert made.shipped == ranked[len(ranked) // 2]
    size = (weights.FOLDER / f"{name}.npz").stat().st_size
    assert size < maker.MOST_BYTES
    json.dumps(made._asdict())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_network_is_worth_what_its_record_says(name):
    model, made = weights.load(name)
    scores = weights.recipe(name).score(model, "validation")
    recorded = made.validation[made.seeds.index(made.shipped)]
    assert scores == pytest.approx(recorded, abs=0.005, rel=0.01)
