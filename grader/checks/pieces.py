"""Looks for pieces of a network along one way through it: in the asked order, with other layers between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from grader.checks.alignment import Line, kind_of
from grader.checks.network import Network
from grader.domain.canonical import without_start
from grader.domain.commuting import needed_before
from grader.domain.layers import Layer, Shape, ShapeError
from grader.domain.notation import spelled_out

Fits = Callable[[Layer, Layer], bool]


@dataclass(frozen=True)
class _Way:
    """How far one gets at the end of a stretch: the pieces found (their numbers), and the lines so far."""

    found: int
    lines: tuple[Line, ...]


def pieces_in_order(pieces: Sequence[Layer], network: Network) -> list[Line]:
    """The pieces beside the way through the network that has most of them, the network's own layers between.

    Settings decide where all pieces are there with the asked ones, else kinds do. A piece that is nowhere behind the
    one before it is missing; the ones after it are looked for all the same.
    """
    by_kind = _search(pieces, network, lambda piece, layer: kind_of(piece) == kind_of(layer))
    missing = {line.expected for line in by_kind if line.kind == "missing"}
    exact = _search(pieces, network, lambda piece, layer: piece == layer, missing)
    return by_kind if {line.expected for line in exact if line.kind == "missing"} - missing else exact


def _search(
    pieces: Sequence[Layer], network: Network, fits: Fits, left_out: Collection[int | None] = ()
) -> list[Line]:
    missing = [number for number in range(len(pieces)) if number in left_out]
    wanted = [number for number in range(len(pieces)) if number not in left_out]
    while True:
        way = _best_way([pieces[number] for number in wanted], network, fits)
        if way.found == len(wanted):
            break
        missing.append(wanted.pop(way.found))
    numbered = [
        line if line.expected is None else replace(line, expected=wanted[line.expected]) for line in way.lines
    ]
    return _with_missing(numbered, sorted(missing))


def _with_missing(lines: list[Line], missing: list[int]) -> list[Line]:
    """Each missing piece directly behind the piece before it."""
    for number in missing:
        before = [at for at, line in enumerate(lines) if line.expected is not None and line.expected < number]
        lines.insert(before[-1] + 1 if before else 0, Line("missing", number, None))
    return lines


def _best_way(pieces: list[Layer], network: Network, fits: Fits) -> _Way:
    ends: dict[int, _Way] = {}
    for stretch in _stretches(network):
        before = [ends[source] for source in network.places[stretch[0]].inputs if source >= 0]
        start = max(before, key=lambda way: way.found, default=_Way(0, ()))
        ends[stretch[-1]] = _along(pieces, network, stretch, start, fits)
    found = (ends[output] for output in network.outputs if output in ends)
    return max(found, key=lambda way: way.found, default=_Way(0, ()))


def _stretches(network: Network) -> list[list[int]]:
    """The network cut where it branches or comes together; a stretch is a chain of places."""
    uses = Counter(source for place in network.places for source in place.inputs)
    uses.update(network.outputs)
    found: list[list[int]] = []
    end_of: dict[int, list[int]] = {}
    for at, place in enumerate(network.places):
        alone = len(place.inputs) == 1 and place.inputs[0] in end_of and uses[place.inputs[0]] == 1
        stretch = end_of.pop(place.inputs[0]) if alone else []
        if not alone:
            found.append(stretch)
        stretch.append(at)
        end_of[at] = stretch
    return found


def _along(pieces: list[Layer], network: Network, stretch: list[int], start: _Way, fits: Fits) -> _Way:
    """Take the pieces one by one, each as early as it can stand; what has to come before it is the network's own."""
    left, lines, number = list(stretch), list(start.lines), start.found
    while number < len(pieces):
        at = next((at for at in left if _is(pieces[number], network, at, fits)), None)
        if at is None:
            break
        layers = [network.places[other].layer for other in left]
        first = [*(left[place] for place in needed_before(layers, left.index(at))), at]
        left = [other for other in left if other not in first]
        lines += [Line("own", None, other) for other in first[:-1]]
        same = _on(pieces[number], _given(network, at)) == network.places[at].layer
        lines.append(Line("same" if same else "changed", number, at))
        number += 1
    return _Way(number, (*lines, *(Line("own", None, at) for at in left)))


def _is(piece: Layer, network: Network, at: int, fits: Fits) -> bool:
    found = _on(piece, _given(network, at))
    return found is not None and fits(found, network.places[at].layer)


def _given(network: Network, at: int) -> tuple[Shape, ...]:
    shapes = [place.shape or () for place in network.places]
    return tuple(shapes[source] if source >= 0 else network.given for source in network.places[at].inputs)


def _on(piece: Layer, given: tuple[Shape, ...]) -> Layer | None:
    """The piece in its one notation on these shapes; None where it cannot stand or does nothing."""
    try:
        found = spelled_out(piece, given, piece.output_shape(given))
    except (ShapeError, IndexError):
        return None
    return without_start(found[0]) if found else None
