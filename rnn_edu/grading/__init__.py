"""Grading a class: assignments, hidden checks that run in a sandbox, and the glue to nbgrader.

`python -m rnn_edu.grading` is the teacher's command. A module of hidden checks needs only the
names below.
"""

from .cases import Case, Limits

__all__ = ["Case", "Limits"]
