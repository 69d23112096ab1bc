"""Checks that name the mistake: `check("rnn_step", rnn_step)` says what is wrong, and where.

A student's function is called with fixed arguments; its answers are looked up among those of
known mistakes, which ship as numbers. What no mistake explains is located: the first wrong step
and the outputs that are off. The arguments are chosen so that no two mistakes look alike.
"""

from .exercise import names
from .judge import check
from .verdict import Verdict, Where

__all__ = ["Verdict", "Where", "check", "names"]
