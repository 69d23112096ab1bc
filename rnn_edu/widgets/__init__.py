"""Interactive figures: live in Jupyter, and without a kernel as static HTML."""

from .gate_scope import GateScope
from .gradient_flow import GradientFlow
from .hidden_state import HiddenState
from .loop_player import LoopPlayer
from .playground import Playground
from .quiz import Question, Quiz, Reveal
from .topology import TopologyExplorer

__all__ = [
    "GateScope",
    "GradientFlow",
    "HiddenState",
    "LoopPlayer",
    "Playground",
    "Question",
    "Quiz",
    "Reveal",
    "TopologyExplorer",
]
