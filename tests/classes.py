"""A course folder for tests: A1 built into it, and notebooks that students hand in."""

import copy
import json
import shutil
from pathlib import Path

from rnn_edu.grading.build import build
from rnn_edu.grading.course import Course

NAME = "a1_cell_and_loop"
SOURCE = Path(__file__).parents[1] / "notebooks" / "assignments" / f"{NAME}.py"
POINTS = 11.0  # of the checks; 3 more are given by hand
# Without the bias; costs the points of three checks, 6 in all.
STEP = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return np.tanh(x_t @ W_xh + h_prev @ W_hh)"


class Class:
    """A course with one assignment. right: the model answer. empty: what the students got."""

    def __init__(self, root):
        self.course = Course(root)
        release = build(SOURCE, self.course)
        self.empty = json.loads(release.read_text("utf-8"))
        self.right = json.loads(self.course.notebook("source", NAME).read_text("utf-8"))

    def folder(self, student):
        return self.course.root / "submitted" / student / NAME

    def hand_in(self, student, notebook=None, name=f"{NAME}.ipynb"):
        """Hand in a notebook, or the bytes of something else."""
        self.folder(student).mkdir(parents=True, exist_ok=True)
        content = self.right if notebook is None else notebook
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        path = self.folder(student) / name
        path.write_bytes(content)
        return path

    def copy_to(self, root):
        """The same course in another folder, as if it had been built there."""
        shutil.copytree(self.course.root, root, symlinks=True)
        other = copy.copy(self)
        other.course = Course(root)
        return other


def changed(notebook, **sources):
    """A copy of a notebook with other sources; keys: ids of cells."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        cell["source"] = sources.pop(cell["id"], cell["source"])
    assert not sources
    return made


def without(notebook, *beginnings):
    """A copy without the cells whose ids begin so."""
    made = copy.deepcopy(notebook)
    made["cells"] = [c for c in made["cells"] if not c["id"].startswith(beginnings)]
    return made


def added(notebook, *cells):
    """A copy with more cells at its end: (type, source) or whole cells."""
    made = copy.deepcopy(notebook)
    for cell in cells:
        if isinstance(cell, tuple):
            cell = {"cell_type": cell[0], "metadata": {}, "source": cell[1]}
        made["cells"].append(cell)
    return made


def all_marks(course):
    """Every mark in the gradebook: {(student, cell): (automatic, by hand, waits for a person)}."""
    with course.gradebook() as book:
        return {
            (submission.student.id, grade.name): (
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
            )
            for submission in book.assignment_submissions(NAME)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
