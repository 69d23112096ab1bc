"""Re-running leaves a file alone while its results hold, and says which cell failed."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import numerics, rerun

VIEW = "application/vnd.jupyter.widget-view+json"


def notebook(path: Path, *sources: str) -> Path:
    """A notebook as an editor leaves it: random ids, no outputs, metadata of its own."""
    cells = [new_markdown_cell("# A lesson"), *map(new_code_cell, sources)]
    metadata = {"widgets": {}, "language_info": {"name": "python", "version": "3.0"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def outputs(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return ["".join(o.get("text", "") for o in c.outputs) for c in cells if c.cell_type == "code"]


def test_a_file_changes_with_its_results_and_not_with_their_last_digit(tmp_path, capsys):
    value = tmp_path / "value.txt"
    path = notebook(
        tmp_path / "07_a lesson.ipynb",
        "loss = float(open('value.txt').read())\nprint('read')",
        "print(f'loss {loss:.3f}')",
        "[loss].pop();",
    )
    runs = []
    for number in ("0.5004", "0.5004", "0.5006", "0.6"):
        value.write_text(number)
        assert rerun.main([str(path)]) == 0
        runs.append((outputs(path)[1], path.read_bytes(), capsys.readouterr().out.split(": ")[1]))
    texts, files, words = zip(*runs, strict=True)
    assert texts == ("loss 0.500\n", "loss 0.500\n", "loss 0.500\n", "loss 0.600\n")
    assert files[0] == files[1] == files[2] != files[3]
    assert [word.split()[0] for word in words] == [
        "rewritten",
        "unchanged",
        "unchanged",
        "rewritten",
    ]
    value.write_text("0.7")
    assert rerun.main(["--check", str(path)]) == 1
    assert "would change" in capsys.readouterr().out
    assert path.read_bytes() == files[3]
    value.write_text("0.601")
    assert rerun.main(["--check", str(path)]) == 0


def test_a_failing_cell_is_named_and_its_file_left_alone(tmp_path, capfd):
    bad = notebook(tmp_path / "03_bad.ipynb", "x = 1", "raise ValueError('x must be (T, N, D)')")
    good = notebook(tmp_path / "04_good.ipynb", "print('runs')")
    before = bad.read_bytes()
    assert rerun.main([str(bad), str(good), str(tmp_path / "none.ipynb")]) == 1
    error = capfd.readouterr().err
    assert f"{bad}, cell 2 (03-002): ValueError: x must be (T, N, D)\n" in error
    assert "No such file" in error
    assert bad.read_bytes() == before
    assert outputs(good) == ["runs\n"]


@pytest.mark.parametrize(
    ("source", "message"),
    [("import time; time.sleep(600)", "timed out"), ("import os; os._exit(1)", "Kernel died")],
)
def test_a_cell_that_never_ends_is_named(tmp_path, monkeypatch, source, message):
    monkeypatch.setattr(numerics, "CELL_TIMEOUT", 2)
    path = notebook(tmp_path / "05_slow.ipynb", "x = 1", source)
    with pytest.raises(rerun.RerunError, match=rf"cell 2 \(05-002\)[\s\S]*{message}"):
        rerun.rerun(path)


def test_the_stored_form(tmp_path):
    error = new_output("error", ename="E", evalue="too long", traceback=["File /some/where/x.py"])
    widget = new_output("execute_result", {VIEW: {}, "text/plain": "dot"}, execution_count=9)
    cells = [
        new_markdown_cell("# A", metadata={"editable": True}),
        new_code_cell("x", outputs=[error, widget], execution_count=2, metadata={"tags": ["hide"]}),
        new_code_cell("y", metadata={"tags": [], "execution": {"iopub.status.busy": "now"}}),
    ]
    nb = new_notebook(cells=cells, metadata={"widgets": {}, "toc": {}})
    path = tmp_path / "12_a_b.ipynb"
    rerun.normalise(nb, path)
    once = rerun.serialise(nb)
    rerun.normalise(nb, path)
    assert rerun.serialise(nb) == once
    stored = json.loads(once)
    assert [cell["id"] for cell in stored["cells"]] == ["12-000", "12-001", "12-002"]
    assert [cell["metadata"] for cell in stored["cells"]] == [{}, {"tags": ["hide"]}, {}]
    assert stored["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    error, widget = stored["cells"][1]["outputs"]
    assert error["traceback"] == ["E: too long"]
    assert widget["data"] == {"text/plain": ["dot"]}
    assert widget["execution_count"] == 2
    nbformat.validate(nb)


@pytest.mark.parametrize("name", ["gallery.ipynb", "a b.ipynb", "é_x.ipynb"])
def test_any_file_name_gives_valid_ids(tmp_path, name):
    nb = new_notebook(cells=[new_markdown_cell("# A")])
    rerun.normalise(nb, tmp_path / name)
    nbformat.validate(nb)


TEXT = new_output("stream", name="stdout", text="loss 0.500")
HTML = new_output("display_data", {"text/plain": "h 0.50", "text/html": "<b>0.50</b>"})
RESULT = new_output("execute_result", {"text/plain": "0.50"}, execution_count=3)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ([], [], True),
        ([TEXT], [TEXT], True),
        ([TEXT], [{**TEXT, "text": "loss 0.501"}], True),
        ([TEXT], [{**TEXT, "text": "loss 0.502"}], False),
        ([TEXT], [{**TEXT, "name": "stderr"}], False),
        ([TEXT], [], False),
        ([TEXT], [TEXT, TEXT], False),
        ([RESULT], [{**RESULT, "execution_count": 4}], True),
        ([HTML], [{**HTML, "data": {**HTML.data, "text/plain": "h 0.51"}}], True),
        ([HTML], [{**HTML, "data": {**HTML.data, "text/html": "<b>0.51</b>"}}], False),
        ([HTML], [{**HTML, "data": {"text/plain": "h 0.50"}}], False),
        ([HTML], [{**HTML, "data": {**HTML.data, VIEW: {"model_id": "1"}}}], True),
        ([HTML], [{**HTML, "metadata": {"image/png": {"alt": "other"}}}], False),
    ],
)
def test_outputs_agree(old, new, same):
    assert rerun.agree(*(list(map(nbformat.from_dict, side)) for side in (old, new))) is same


def test_notebooks_are_found_in_order_without_copies_and_assignments(tmp_path):
    names = ("02_b.ipynb", "01_a.ipynb", "assignments/a1.ipynb", ".ipynb_checkpoints/01_a.ipynb")
    for name in names:
        file = tmp_path / "notebooks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = [
        p.relative_to(tmp_path / "notebooks").as_posix() for p in rerun.find_notebooks(tmp_path)
    ]
    assert found == ["01_a.ipynb", "02_b.ipynb"]
