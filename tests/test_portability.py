"""The table of numerics: what it asks for, that one failure is the command's, that it resumes."""

from __future__ import annotations

import pytest

from tests import numerics, portability, rerun
from tests.portability import TESTS, THREADED, Cell, Outcome

GOOD, BAD = Outcome(3, 0, 1.4), Outcome(2, 1, 2.6, "it differs")


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """The runs that are asked for; what is in `broken` fails."""
    asked, broken = [], set()

    def run(cell: Cell) -> Outcome:
        asked.append(cell)
        return BAD if cell in broken else GOOD

    monkeypatch.setattr(portability, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(portability, "run", run)
    monkeypatch.setattr(portability, "state", lambda: "here")
    monkeypatch.setattr(portability, "STORED", tmp_path / "stored.txt")
    return asked, broken


def test_every_notebook_meets_all_kernels_and_threads():
    cells = portability.cells(short=False)
    parts = {path.stem for path in rerun.find_notebooks()} | {TESTS}
    profiles = {f"{kernels}-{n}" for kernels in numerics.KERNELS for n in (1, 2)}
    assert len(cells) == len(set(cells)) == len(parts) * len(profiles)
    assert set(cells) == {Cell(part, profile) for part in parts for profile in profiles}
    assert all(numerics.environment(cell.profile) for cell in cells)


def test_the_short_form_runs_all_on_the_oldest_kernels_and_some_on_two_threads():
    cells = portability.cells(short=True)
    assert set(cells) < set(portability.cells(short=False))
    assert {part for part, profile, _ in cells if profile == "oldest-1"} == {
        cell.part for cell in portability.cells(short=False)
    }
    assert [part for part, profile, _ in cells if profile == "oldest-2"] == list(THREADED)


def test_one_failure_fails_the_command_and_runs_again(runs, capsys):
    asked, broken = runs
    broken.add(Cell(THREADED[0], "oldest-2"))
    assert portability.main(["--short"]) == 1
    assert asked == portability.cells(short=True)
    said = capsys.readouterr().out
    assert "it differs" in said
    assert "1 FAILED 3 s" in said
    assert said.endswith(f"{len(asked) - 1} passed, 1 failed\n")
    asked.clear()
    broken.clear()
    assert portability.main(["--short"]) == 0
    assert asked == [Cell(THREADED[0], "oldest-2")]
    assert capsys.readouterr().out.endswith(" passed, 0 failed\n")


def test_cells_are_chosen_by_their_words(runs):
    assert portability.main(["-k", f"{TESTS} own"]) == 0
    assert runs[0] == [Cell(TESTS, "own-1"), Cell(TESTS, "own-2")]
    with pytest.raises(SystemExit):
        portability.main(["-k", "no such part"])


def test_a_run_without_a_test_is_none_that_passed():
    assert not Outcome(0, 0, 1.0).ok


def test_the_table_has_a_row_for_each_part():
    found = {Cell("a", "own-1"): GOOD, Cell("b", "own-1"): BAD, Cell("a", "own-2"): GOOD}
    found[Cell("b", "own-1", "numpy==2.0.2")] = GOOD
    assert list(portability.table(found)) == [
        "|  | own-1 | own-2 | own-1 numpy==2.0.2 |",
        "|-|-|-|-|",
        "| a | ok 1 s | ok 1 s |  |",
        "| b | 1 FAILED 3 s |  | ok 1 s |",
    ]


def test_another_version_is_a_column_of_its_own(runs, monkeypatch):
    installed = []
    monkeypatch.setattr(portability, "install", installed.append)
    assert portability.main(["--short", "--with", "numpy==2.0.2", "--store"]) == 0
    assert installed == ["numpy==2.0.2"]
    parts = {cell.part for cell in portability.cells(short=False)}
    assert {cell.part for cell in runs[0] if cell.version == "numpy==2.0.2"} == parts
    stored = portability.STORED.read_text(encoding="utf-8")
    assert "| oldest-1 | oldest-2 | shared-1 numpy==2.0.2 |" in stored
    assert stored.endswith(f"\n{len(runs[0])} passed, 0 failed\n")


def test_a_version_comes_before_the_environments_own(monkeypatch, tmp_path):
    monkeypatch.setattr(portability, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(portability, "ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_cells.py").write_text("def test_it(): from only_there import it")
    assert portability.run(Cell(TESTS, "own-1")).failed == 1
    folder = portability.folder_of("only_there==1")
    folder.mkdir(parents=True)
    (folder / "only_there.py").write_text("it = 1")
    assert portability.run(Cell(TESTS, "own-1", "only_there==1")).ok


def test_a_run_counts_what_pytest_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(portability, "ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "tests").mkdir()
    lines = ["import os", "def test_it(): assert os.environ['RNN_EDU_NUMERICS'] == 'own-1'"]
    (tmp_path / "tests/test_cells.py").write_text("\n".join(lines))
    good, bad = (portability.run(Cell(TESTS, profile)) for profile in ("own-1", "own-2"))
    assert good[:2] == (1, 0)
    assert bad[:2] == (0, 1)
    assert "AssertionError" in bad.said
    (tmp_path / "tests/test_cells.py").write_text("import nothing_of_that_name")
    assert portability.run(Cell(TESTS, "own-1")).failed == 1


def test_what_has_passed_runs_again_when_a_file_changes_that_it_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(portability, "ROOT", tmp_path)
    names = ["rnn_edu/fast/cells.py", "notebooks/a.ipynb", "tests/test_cells.py", "tests/rerun.py"]
    others = ["tests/test_docs.py", "tests/browser/test_kit.py", "rnn_edu/notes.md"]
    for name in names + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    for name in names + others:
        before = portability.state()
        (tmp_path / name).write_text("after")
        assert (portability.state() != before) == (name in names), name
