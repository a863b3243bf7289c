"""Lays two networks side by side: which layer stands for which, and what became of those that stand for none.

The alignment is the best of all that keep both orders (S. Needleman, C. Wunsch: A general method applicable to the
search for similarities in the amino acid sequence of two proteins, 1970).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.domain.layers import (
    ELU,
    Activation,
    ActivityRegularization,
    Disturbing,
    Layer,
    LeakyReLU,
    PReLU,
    ReLU,
    Shape,
    Softmax,
)
from grader.domain.layers.convolution import Spatial
from grader.domain.layers.pooling import _GlobalPooling, _Pooling

_EQUAL, _ONE_KIND, _ONE_FAMILY, _OTHER = 50, 20, 10, 1
_FAMILIES = (
    (Activation, ReLU, LeakyReLU, ELU, PReLU, Softmax),
    (_Pooling, _GlobalPooling),
    (Disturbing,),
    (Spatial,),
)


@dataclass(frozen=True)
class Place:
    """A layer in its network: what it gives (no batch), and the places before it; -1 is the first input, -2 the next.

    `shares` is the first place with the same weights; `name` the student's name for it.
    """

    layer: Layer
    inputs: tuple[int, ...]
    shares: int
    shape: Shape | None = None
    name: str | None = None


@dataclass(frozen=True)
class Silent:
    """A layer of the student's that does nothing, and their name for it."""

    layer: Layer
    name: str


@dataclass(frozen=True)
class Line:
    """An asked place beside the student's, None where there is none; `kind` as in `DiffLine`.

    `silent` is the layer that stands where one is missing, and does nothing.
    """

    kind: str
    expected: int | None
    actual: int | None
    silent: Silent | None = None


def kind_of(layer: Layer) -> str:
    """What a layer is, apart from its settings; activations are told apart by their function."""
    return layer.activation if isinstance(layer, Activation) else layer.kind


def is_penalty(layer: Layer) -> bool:
    """Whether a layer changes no number: it is a setting of the layer before it, whatever it was written as."""
    return isinstance(layer, ActivityRegularization)


def likeness(one: Layer, other: Layer) -> int:
    """How well one layer stands for another."""
    if one == other:
        return _EQUAL
    if kind_of(one) == kind_of(other):
        return _ONE_KIND
    if is_penalty(one) or is_penalty(other):
        return -_EQUAL
    return _ONE_FAMILY if one_family(one, other) else _OTHER


def one_family(one: Layer, other: Layer) -> bool:
    """Whether two layers do the same kind of thing, as two activations do."""
    return any(isinstance(one, family) and isinstance(other, family) for family in _FAMILIES)


def align(expected: Sequence[Layer], actual: Sequence[Layer]) -> tuple[list[Line], int]:
    """The best alignment, and how good it is; among equally good ones the earliest pairs."""
    best = [[0] * (len(actual) + 1) for _ in range(len(expected) + 1)]
    for i in range(len(expected) - 1, -1, -1):
        for j in range(len(actual) - 1, -1, -1):
            pair = likeness(expected[i], actual[j]) + best[i + 1][j + 1]
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    lines: list[Line] = []
    i = j = 0
    while i < len(expected) or j < len(actual):
        both = i < len(expected) and j < len(actual)
        if both and best[i][j] == likeness(expected[i], actual[j]) + best[i + 1][j + 1]:
            lines.append(Line("same" if expected[i] == actual[j] else "changed", i, j))
            i, j = i + 1, j + 1
        elif i < len(expected) and best[i][j] == best[i + 1][j]:
            lines.append(Line("missing", i, None))
            i += 1
        else:
            lines.append(Line("extra", None, j))
            j += 1
    return lines, best[0][0]


def with_silent(lines: Sequence[Line], expected: Sequence[Layer], silent: Sequence[Silent]) -> list[Line]:
    """Lines whose layer is there and does nothing, told as such instead of missing."""
    spare = list(silent)
    found = []
    for line in lines:
        wanted = None if line.expected is None else expected[line.expected].kind
        meant = next((one for one in spare if one.layer.kind == wanted), None)
        if line.kind == "missing" and meant is not None:
            spare.remove(meant)
            found.append(replace(line, kind="silent", silent=meant))
        else:
            found.append(line)
    return found


def with_moves(lines: Sequence[Line], expected: Sequence[Layer], actual: Sequence[Layer]) -> list[Line]:
    """Lines that are missing at one place and too much at another, told as what they are: swapped, or moved."""
    found = list(lines)
    for lacking in [place for place, line in enumerate(found) if line.kind == "missing"]:
        wanted = expected[found[lacking].expected or 0]
        spare = [
            place
            for place, line in enumerate(found)
            if line.kind in ("extra", "own") and kind_of(actual[line.actual or 0]) == kind_of(wanted)
        ]
        if not spare:
            continue
        at = min(spare, key=lambda place: (actual[found[place].actual or 0] != wanted, abs(place - lacking)))
        between = found[min(at, lacking) + 1 : max(at, lacking)]
        if len(between) == 1 and between[0].kind in ("same", "changed"):
            _swap(found, lacking, at)
        else:
            found[lacking] = replace(found[lacking], kind="moved")
            found[at] = replace(found[at], kind="moved")
    return [line for line in found if line.expected is not None or line.actual is not None]


def _swap(lines: list[Line], lacking: int, spare: int) -> None:
    """Two neighbours in the other order: the three lines of them become two, each with both layers."""
    stays = lines[(lacking + spare) // 2]
    wanted, given = lines[lacking].expected, lines[spare].actual
    first, second = min(lacking, spare), max(lacking, spare)
    pairs = (wanted, stays.actual), (stays.expected, given)
    for place, (asked, found) in zip((first, second), pairs if lacking < spare else pairs[::-1], strict=True):
        lines[place] = Line("swapped", asked, found)
    lines[(first + second) // 2] = Line("swapped", None, None)
