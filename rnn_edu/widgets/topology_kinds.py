"""What the topology explorer knows: five ways to feed and read a loop, an example for each T."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_STEPS = 6  # of inputs, and of outputs


class Kind(NamedTuple):
    """A topology. Letters are sizes: "TND" is the shape (T, N, D); S counts outputs."""

    name: str
    task: str  # what the built-in examples do
    says: str
    feeds: str  # which steps get an input from outside: the "first" or "all" T
    reads: str  # which states are read: "all", the "last", or those "after" the T inputs
    back: bool  # whether each output is the next step's input
    shapes: dict[str, str]
    weights: dict[str, str]


_INPUT, _LOOP, _READOUT = {"W_xh": "DH"}, {"W_hh": "HH", "b_h": "H"}, {"W_hy": "HK", "b_y": "K"}
_SECOND = {"W_ys": "KH", "W_ss": "HH", "b_s": "H", "W_sy": "HK", "b_y": "K"}

KINDS = (
    Kind(
        name="one-to-one",
        task="The picture of a digit becomes its class.",
        says="No sequence, so no recurrence: with one step the state before is zero, and a W_hh"
        " would have nothing to carry. An ordinary network, here as the control.",
        feeds="first",
        reads="all",
        back=False,
        shapes={"x": "TND", "h": "TNH", "y": "TNK"},
        weights=_INPUT | {"b_h": "H"} | _READOUT,
    ),
    Kind(
        name="one-to-many",
        task="A picture becomes a caption.",
        says="One input, at the first step. From then on each output is the next step's input:"
        " the network hears what it has said.",
        feeds="first",
        reads="all",
        back=True,
        shapes={"x": "ND", "h": "TNH", "y": "TNK"},
        weights=_INPUT | {"W_yh": "KH"} | _LOOP | _READOUT,
    ),
    Kind(
        name="many-to-one",
        task="A surname becomes its language.",
        says="Every step is fed, and the last state alone is read: what the answer needs must"
        " still be in it.",
        feeds="all",
        reads="last",
        back=False,
        shapes={"x": "TND", "h": "TNH", "y": "NK"},
        weights=_INPUT | _LOOP | _READOUT,
    ),
    Kind(
        name="many-to-many, aligned",
        task="Characters of Python become tags.",
        says="Every step is fed, and every state is read at once: output t knows the inputs up"
        " to t, and none that comes later.",
        feeds="all",
        reads="all",
        back=False,
        shapes={"x": "TND", "h": "TNH", "y": "TNK"},
        weights=_INPUT | _LOOP | _READOUT,
    ),
    Kind(
        name="many-to-many, unaligned",
        task="English becomes French.",
        says="One cell reads to the end and hands its last state to a second, which writes S"
        " outputs, each fed back to it: that one state is all it has of the input.",
        feeds="all",
        reads="after",
        back=True,
        shapes={"x": "TND", "h": "TNH", "s": "SNH", "y": "SNK"},
        weights=_INPUT | _LOOP | _SECOND,
    ),
)
NAMES = tuple(kind.name for kind in KINDS)

Example = tuple[Sequence[str], Sequence[str]]  # inputs, outputs

_CAPTIONS = (
    "cat",
    "a cat",
    "a black cat",
    "a cat on grass",
    "a cat on a mat",
    "a black cat on a mat",
)
_SURNAMES = {
    "o": "Korean",
    "li": "Chinese",
    "kim": "Korean",
    "sato": "Japanese",
    "rossi": "Italian",
    "jensen": "Danish",
}
_TAGS = ("keyword", "keyword", "space", "name", "operator", "number")
_FRENCH = {
    "please": "s'il vous plaît",
    "good morning": "bonjour",
    "i am cold": "j'ai froid",
    "i do not know": "je ne sais pas",
    "where is the train station": "où est la gare",
    "where can i buy a ticket": "où puis-je acheter un billet",
}
EXAMPLES: dict[str, Sequence[Example]] = {
    "one-to-one": [(["picture of a 7"], ["7"])],
    "one-to-many": [(["picture"], caption.split()) for caption in _CAPTIONS],
    "many-to-one": [(tuple(name), [language]) for name, language in _SURNAMES.items()],
    "many-to-many, aligned": [(tuple("if x>9"[:T]), _TAGS[:T]) for T in range(1, 7)],
    "many-to-many, unaligned": [(en.split(), fr.split()) for en, fr in _FRENCH.items()],
}


def check_examples(name: str, pairs: Sequence[Example]) -> None:
    """Raises ValueError if `name` is no topology, or a pair has not as many strings as it takes."""
    if name not in NAMES:
        raise ValueError(f"examples must be for {'; '.join(NAMES)}; got {name!r}")
    for pair in pairs:
        for side, what, tokens in zip(name.split("-to-"), ("inputs", "outputs"), pair, strict=True):
            most = 1 if side == "one" else MOST_STEPS
            if not 1 <= len(tokens) <= most:
                expected = "1 of the" if most == 1 else f"1 to {most}"
                raise ValueError(
                    f"examples[{name!r}] must have {expected} {what}, got {len(tokens)}"
                )
        if name == "many-to-many, aligned" and len(pair[0]) != len(pair[1]):
            raise ValueError(
                f"examples[{name!r}] must have an output for each input,"
                f" got {len(pair[1])} for {len(pair[0])}"
            )
