"""Interactive figures: live in Jupyter, and without a kernel as static HTML."""

from .alignment import Alignment
from .beam import Beam, BeamNode
from .caption import Caption, Reading
from .causality import Causality
from .counts import Count
from .forecast import Forecast
from .gate_scope import GateScope
from .gradient_flow import GradientFlow
from .hidden_state import HiddenState
from .loop_player import LoopPlayer
from .memory_bench import MemoryBench
from .monitor import Monitor
from .playground import Playground
from .quiz import Question, Quiz, Reveal
from .review import ReviewReader
from .sampler import Sampler
from .scan_tree import ScanTree
from .state_atlas import StateAtlas
from .tagger import Tagger
from .topology import TopologyExplorer
from .tradeoff_map import Measure, TradeoffMap

__all__ = [
    "Alignment",
    "Beam",
    "BeamNode",
    "Caption",
    "Causality",
    "Count",
    "Forecast",
    "GateScope",
    "GradientFlow",
    "HiddenState",
    "LoopPlayer",
    "Measure",
    "MemoryBench",
    "Monitor",
    "Playground",
    "Question",
    "Quiz",
    "Reading",
    "Reveal",
    "ReviewReader",
    "Sampler",
    "ScanTree",
    "StateAtlas",
    "Tagger",
    "TopologyExplorer",
    "TradeoffMap",
]
