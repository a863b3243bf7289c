"""The comparison of a model with what was asked for: one list of lines, for chains and for networks with branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from grader.checks.alignment import Line, Place, is_penalty, kind_of, with_moves, with_silent
from grader.checks.network import Network, network_of, side_by_side, silent_layers, spelled_layers
from grader.checks.pieces import pieces_in_order
from grader.domain.assignment import Strictness
from grader.domain.layers import Layer, Shape
from grader.domain.layers.merging import _Merging as Merging
from grader.domain.model_spec import ModelSpec
from grader.domain.report import DiffLine


@dataclass(frozen=True)
class Comparison:
    """Two networks and the lines that lay them side by side; places of a line are places of the networks."""

    asked: Network
    model: Network
    lines: tuple[Line, ...]
    written: ModelSpec
    pieces: bool = False

    def expected(self, line: Line) -> Place | None:
        """What was asked for on a line."""
        return None if line.expected is None else self.asked.places[line.expected]

    def actual(self, line: Line) -> Place | None:
        """What the student has on a line."""
        return None if line.actual is None else self.model.places[line.actual]

    @property
    def same_outputs(self) -> bool:
        """Whether the model gives what was asked for; known where every layer stands for one."""
        stands_for = {line.expected: line.actual for line in self.lines}
        return (
            self.pieces
            or tuple(stands_for.get(output, output) for output in self.asked.outputs) == self.model.outputs
        )

    def first_out_of_order(self) -> int | None:
        """The first line that is no matter of settings alone, or None; what makes a branch where none was asked for goes first."""
        if self.asked.is_chain and not self.model.is_chain and not self.pieces:
            for number, line in enumerate(self.lines):
                actual = self.actual(line)
                if line.kind == "extra" and actual and isinstance(actual.layer, Merging):
                    return number
        return next((number for number, line in enumerate(self.lines) if not self._in_order(line)), None)

    def first_setting(self) -> int | None:
        """The first line with another setting, or None; only where the order is right."""
        return next((at for at, line in enumerate(self.lines) if line.kind not in ("same", "own")), None)

    def _in_order(self, line: Line) -> bool:
        expected, actual = self.expected(line), self.actual(line)
        if line.kind in ("missing", "extra") and is_penalty((expected or actual).layer):  # type: ignore[union-attr]
            return True
        if line.kind == "changed" and expected and actual:
            return kind_of(expected.layer) == kind_of(actual.layer)
        return line.kind in ("same", "own")

    def before(self, line: Line) -> list[Place]:
        """What stands before a line in the student's model; nothing at the model's beginning."""
        if line.expected is None:
            return self._written_before(self.model.places[line.actual or 0])
        sources = [source for source in self.asked.places[line.expected].inputs if source >= 0]
        stands_for = {other.expected: self.actual(other) or self.expected(other) for other in self.lines}
        return [found for source in sources if (found := stands_for[source])]

    def in_written_order(self) -> list[Place]:
        """The student's places in the order of their nodes; what has no name of its own stays behind its neighbour."""
        named = [self.written.layer_of(node).name for node in range(len(self.written.nodes))]
        order, last = [], -1
        for at, place in enumerate(self.model.places):
            last = named.index(place.name) if place.name in named else last
            order.append((last, at, place))
        return [place for _, _, place in sorted(order, key=lambda each: each[:2])]

    def _written_before(self, place: Place) -> list[Place]:
        """What the student wrote before a layer; the network's own order may be another where layers commute."""
        known = {each.name: each for each in self.model.places if each.name is not None}
        named = [layer.name for layer in self.written.layers]
        if place.name not in named or place is not next(
            each for each in self.model.places if each.name == place.name
        ):
            return [self.model.places[source] for source in place.inputs if source >= 0]
        nodes = self.written.nodes
        pending = list(next(node.inputs for node in nodes if node.layer == named.index(place.name)))
        found = []
        while pending:
            node = nodes[pending.pop(0)]
            before = known.get(named[node.layer])
            if before is not None:
                found.append(before)
            else:
                pending += node.inputs  # it does nothing, and is no place of the network
        return found

    def diff(self, first: int) -> tuple[DiffLine, ...]:
        """The lines as the report has them; `first` is the line that the check is about."""
        branches = not self.pieces and not (self.asked.is_chain and self.model.is_chain)
        rows: list[dict[int | None, int]] = [
            {line.expected: row for row, line in enumerate(self.lines)},
            {line.actual: row for row, line in enumerate(self.lines)},
        ]
        found = []
        for number, line in enumerate(self.lines):
            told = self._diff_line(line)
            if number == first:
                asked, given = self.shapes_at(line)
                told = replace(told, first=True, expected_shape=_batched(asked), actual_shape=_batched(given))
            if branches:
                sides = (self.expected(line), self.actual(line))
                inputs = [_rows(place, row) for place, row in zip(sides, rows, strict=True)]
                told = replace(told, expected_inputs=inputs[0], actual_inputs=inputs[1])
            found.append(told)
        return tuple(found)

    def _diff_line(self, line: Line) -> DiffLine:
        expected, actual = self.expected(line), self.actual(line)
        option = None
        if (
            line.kind == "changed"
            and expected
            and actual
            and kind_of(expected.layer) == kind_of(actual.layer)
        ):
            option = changed_option(expected.layer, actual.layer)
        silent = line.silent
        return DiffLine(
            line.kind,
            expected.layer.notation() if expected else None,
            silent.layer.notation() if silent else actual.layer.notation() if actual else None,
            layer=silent.name if silent else actual.name if actual else None,
            option=option,
        )

    def shapes_at(self, line: Line) -> tuple[Shape | None, Shape | None]:
        """What comes out at a line, as asked for and as it is, without the batch."""
        expected, actual = self.expected(line), self.actual(line)
        standing = self.before(line)
        asked = expected.shape if expected else self._asked_before(line)
        given = actual.shape if actual else standing[0].shape if standing else self.model.given
        return asked, given

    def _asked_before(self, line: Line) -> Shape | None:
        earlier = [other.expected for other in self.lines[: self.lines.index(line)]]
        places = [place for place in earlier if place is not None]
        return self.asked.places[places[-1]].shape if places else self.asked.given


def compare(model: ModelSpec, asked: Sequence[Layer] | ModelSpec) -> Comparison:
    """Lay a model beside what was asked for, as strictly as the assignment says.

    ValueError, the author's fault, for an assignment that asks for no layers, or for pieces that are no list.
    """
    if model.strictness is Strictness.ANY:
        detail = "the part says `architecture: any`: no list of layers is asked for"
        raise ValueError(detail)
    if model.strictness is Strictness.PIECES:
        return _with_pieces(model, asked)
    wanted, network, lines = side_by_side(model, asked)
    lines = with_silent(lines, wanted.layers, silent_layers(model))
    lines = with_moves(lines, wanted.layers, network.layers)
    return Comparison(wanted, network, tuple(_with_joints(lines, wanted, network)), model)


def _with_pieces(model: ModelSpec, asked: Sequence[Layer] | ModelSpec) -> Comparison:
    if isinstance(asked, ModelSpec):
        detail = "pieces are a list of layers, not a model"
        raise TypeError(detail)
    pieces = spelled_layers(asked)
    places = tuple(Place(layer, (at - 1,), at) for at, layer in enumerate(pieces))
    wanted, network = Network(places, (len(places) - 1,), model.input_shapes[0]), network_of(model)
    lines = pieces_in_order(pieces, network)
    lines = with_silent(lines, wanted.layers, silent_layers(model))
    lines = with_moves(lines, wanted.layers, network.layers)
    return Comparison(wanted, network, tuple(lines), model, pieces=True)


def changed_option(expected: Layer, actual: Layer) -> str | None:
    """The first option in which two layers of one kind differ."""
    return next(
        (f.name for f in fields(expected) if getattr(expected, f.name) != getattr(actual, f.name, None)), None
    )


def _with_joints(lines: list[Line], asked: Network, model: Network) -> list[Line]:
    """Where every layer stands for one, the lines whose layer gets other numbers or has another's weights.

    Where layers are missing or too many, how the others are joined follows from that and is not told.
    """
    if any(line.kind not in ("same", "changed") for line in lines):
        return lines
    stands_for = {line.expected: line.actual for line in lines}
    found = []
    for line in lines:
        expected, actual = asked.places[line.expected or 0], model.places[line.actual or 0]
        inputs = [source if source < 0 else stands_for[source] for source in expected.inputs]
        no_order = isinstance(expected.layer, Merging) and expected.layer.commutes
        arranged = sorted if no_order else list
        kind = line.kind
        if arranged(inputs) != arranged(actual.inputs):  # type: ignore[type-var]
            kind = "joined"
        elif stands_for[expected.shares] != actual.shares:
            kind = "shared"
        found.append(replace(line, kind=kind))
    return found


def _rows(place: Place | None, row: dict[int | None, int]) -> tuple[int, ...] | None:
    return None if place is None else tuple(row[source] if source >= 0 else source for source in place.inputs)


def _batched(shape: Shape | None) -> tuple[int | None, ...] | None:
    return None if shape is None else (None, *shape)
