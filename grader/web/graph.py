"""A model drawn as boxes and lines: where each goes, as numbers for the template's SVG.

Layers stand in rows by their longest way from an input; a line that passes a row gets a place of its own there, so
that it crosses no box (K. Sugiyama, S. Tagawa, M. Toda: Methods for visual understanding of hierarchical system
structures, 1981). Within a row, places follow the average of what is above them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from grader.domain.report import LayerRow

BOX_WIDTH, BOX_HEIGHT = 220, 40
GAP_ACROSS, GAP_DOWN = 24, 26
PASSING_WIDTH = 24
MOST_LAYERS = 150
MOST_PIECES = 1000
"""Of lines; a line has one for each row that it passes, and with more of them nobody sees where any goes."""

DRAWN = 64
"""Drawings that a process keeps."""

Row = list[int]


@dataclass(frozen=True)
class Box:
    """One layer: its top left corner and what stands in it."""

    x: float
    y: float
    name: str
    kind: str
    shape: str


@dataclass(frozen=True)
class Drawing:
    """Boxes, and lines as points of an SVG polyline, in a picture of this size."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Places:
    """Boxes first, then the places where long lines pass: the row of each, and what is above it."""

    boxes: int
    rows: tuple[int, ...]
    above: tuple[tuple[int, ...], ...]

    def width(self, place: int) -> int:
        return BOX_WIDTH if place < self.boxes else PASSING_WIDTH


def draw(layers: Sequence[LayerRow]) -> Drawing | None:
    """The drawing of a model table's layers; None where there are none, or too many layers or lines to see anything."""
    return _drawn(tuple(layers)) if 0 < len(layers) <= MOST_LAYERS else None


@lru_cache(maxsize=DRAWN)
def _drawn(layers: tuple[LayerRow, ...]) -> Drawing | None:
    sources = _sources(layers)
    rows = _rows(sources)
    if _pieces(sources, rows) > MOST_PIECES:
        return None
    places = _with_passing(sources, rows)
    centres, width = _centres(places)
    boxes = tuple(
        Box(centres[place] - BOX_WIDTH / 2, _top(places.rows[place]), layer.name, layer.kind, _shape(layer))
        for place, layer in enumerate(layers)
    )
    lines = tuple(
        _line(centres, places, place, source) for place, above in enumerate(places.above) for source in above
    )
    return Drawing(width, _top(max(places.rows)) + BOX_HEIGHT, boxes, lines)


def _sources(layers: Sequence[LayerRow]) -> list[list[int]]:
    """For each layer the places of its inputs; a name that occurs again means its last use before."""
    last: dict[str, int] = {}
    found = []
    for place, layer in enumerate(layers):
        found.append([last[name] for name in layer.inputs if name in last])
        last[layer.name] = place
    return found


def _rows(sources: list[list[int]]) -> list[int]:
    """The row of each layer: below all of its inputs."""
    rows: list[int] = []
    for inputs in sources:
        rows.append(1 + max((rows[source] for source in inputs), default=-1))
    return rows


def _pieces(sources: list[list[int]], rows: list[int]) -> int:
    """How many pieces all lines have."""
    return sum(rows[place] - rows[source] for place, inputs in enumerate(sources) for source in inputs)


def _with_passing(sources: list[list[int]], rows: list[int]) -> _Places:
    rows = list(rows)
    above: list[list[int]] = [[] for _ in sources]
    for place, inputs in enumerate(sources):
        for source in inputs:
            end = source
            for row in range(rows[source] + 1, rows[place]):
                rows.append(row)
                above.append([end])
                end = len(rows) - 1
            above[place].append(end)
    return _Places(len(sources), tuple(rows), tuple(map(tuple, above)))


def _centres(places: _Places) -> tuple[list[float], float]:
    """The middle of every place, rows centred below each other, and the width of the whole."""
    rows = _ordered(places)
    widths = [sum(places.width(place) + GAP_ACROSS for place in row) - GAP_ACROSS for row in rows]
    whole = max(widths)
    centres = [0.0] * len(places.rows)
    for row, width in zip(rows, widths, strict=True):
        left = (whole - width) / 2
        for place in row:
            centres[place] = left + places.width(place) / 2
            left += places.width(place) + GAP_ACROSS
    return centres, whole


def _ordered(places: _Places) -> list[Row]:
    rows: list[Row] = [[] for _ in range(max(places.rows) + 1)]
    for place, row in enumerate(places.rows):
        rows[row].append(place)
    for upper, lower in pairwise(rows):
        seat = {place: number / len(upper) for number, place in enumerate(upper)}
        lower.sort(
            key=lambda place: _mean([seat[source] for source in places.above[place] if source in seat])
        )
    return rows


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.5


def _line(centres: list[float], places: _Places, place: int, source: int) -> str:
    """From the lower edge of what is above to the upper edge of this; a passing line goes through its row."""
    start = _top(places.rows[source]) + BOX_HEIGHT
    points = [(centres[source], start), (centres[place], _top(places.rows[place]))]
    if place >= places.boxes:
        points.append((centres[place], _top(places.rows[place]) + BOX_HEIGHT))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _top(row: int) -> float:
    return float(row * (BOX_HEIGHT + GAP_DOWN))


def _shape(layer: LayerRow) -> str:
    return " × ".join(str(size) for size in layer.output_shape[1:])
