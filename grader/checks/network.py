"""A model and what was asked for, as places in an order in which the two can be laid side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import permutations

from grader.checks.alignment import Line, Place, Silent, align, kind_of
from grader.domain.canonical import CanonicalForm, Step, canonical, without_start
from grader.domain.commuting import needed_before
from grader.domain.layers import ELU, Activation, InputLayer, Layer, LeakyReLU, ReLU, Shape, ShapeError
from grader.domain.layers.merging import _Merging as Merging
from grader.domain.model_spec import ModelSpec, chain
from grader.domain.notation import does_nothing, spelled_out

_MOST_WORK = 150_000
"""Pairs of layers that are looked at for the best order of branches; a few tenths of a second."""
_MOST_OPERANDS = 4
"""Of a sum whose orders are tried; they have 24."""

Operands = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Network:
    """Places in order, inputs before what they go into; `outputs` are places. `given` is the first input's shape."""

    places: tuple[Place, ...]
    outputs: tuple[int, ...]
    given: Shape

    @property
    def layers(self) -> list[Layer]:
        """The layer of every place."""
        return [place.layer for place in self.places]

    @property
    def is_chain(self) -> bool:
        """Whether the layers follow each other and only the last is an output."""
        linear = all(place.inputs == (number - 1,) for number, place in enumerate(self.places))
        return linear and self.outputs == (len(self.places) - 1,)


def network_of(model: ModelSpec) -> Network:
    """The model's canonical form, initializers aside, with the student's names."""
    form = canonical(model)
    return _placed(form, _order(form, _alike(form)), model)


def side_by_side(model: ModelSpec, asked: Sequence[Layer] | ModelSpec) -> tuple[Network, Network, list[Line]]:
    """What was asked for, the model, and the lines of the comparison.

    Chains stand as they are written, as far as layers that commute allow it; where one of the two branches, both stand
    in canonical order, the operands of sums and the like in the order that fits best.
    """
    wanted = asked if isinstance(asked, ModelSpec) else chain(model.input_shapes[0], *asked)
    try:
        form, asked_form = canonical(model), canonical(wanted)
    except ShapeError:
        return _by_force(model, spelled_layers([named.layer for named in wanted.layers[1:]]))
    if form.layers is None or asked_form.layers is None:
        expected = _placed(asked_form, _order(asked_form, _alike(asked_form)), wanted)
        actual = _placed(form, _best_order(form, expected), model)
    else:
        expected = _chained(_as_written(asked_form), wanted)
        actual = _chained(_following(_as_written(form), expected.layers), model)
    lines, _ = align(expected.layers, actual.layers)
    return expected, actual, lines


def silent_layers(model: ModelSpec) -> list[Silent]:
    """The layers that the canonical form leaves out because they do nothing, in their order."""
    found = []
    for place, node in enumerate(model.nodes):
        named = model.layers[node.layer]
        if node.inputs and does_nothing(named.layer, model.shapes[node.inputs[0]], model.shapes[place]):
            found.append(Silent(named.layer, named.name))
    return found


def _by_force(model: ModelSpec, asked: list[Layer]) -> tuple[Network, Network, list[Line]]:
    """A comparison with layers that do not fit the model's input: as they were asked for, without shapes."""
    places = tuple(Place(layer, (at - 1,), at) for at, layer in enumerate(asked))
    expected, actual = Network(places, (len(places) - 1,), model.input_shapes[0]), network_of(model)
    lines, _ = align(expected.layers, actual.layers)
    return expected, actual, lines


def spelled_layers(asked: Sequence[Layer]) -> list[Layer]:
    """Layers with every activation as a layer of its own, in the notation that the comparison has."""
    found: list[Layer] = []
    for layer in asked:
        if isinstance(layer, ReLU | ELU | LeakyReLU):
            found += spelled_out(layer, ((1,),), (1,))
            continue
        name = getattr(layer, "activation", "linear")
        if isinstance(layer, Activation) or name == "linear":
            found.append(layer)
        else:
            plain = replace(layer, **{f.name: "linear" for f in fields(layer) if f.name == "activation"})
            found += [plain, Activation(name)]
    return found


# --- chains ---------------------------------------------------------------------------------------------------


def _as_written(form: CanonicalForm) -> list[Step]:
    """The steps behind the input in the order of the nodes that they were written as."""
    return sorted(form.steps[1:], key=lambda step: step.node or 0)


def _following(steps: list[Step], wanted: Sequence[Layer]) -> list[Step]:
    """The steps in that one of their equal orders which follows the wanted layers, as far as it goes."""
    left, ordered = list(steps), []
    for layer in wanted:
        at = next((at for at, step in enumerate(left) if kind_of(step.layer) == kind_of(layer)), None)
        if at is not None:
            first = [*needed_before([step.layer for step in left], at), at]
            ordered += [left[place] for place in first]
            left = [step for place, step in enumerate(left) if place not in first]
    return ordered + left


def _chained(steps: list[Step], model: ModelSpec) -> Network:
    places: list[Place] = []
    shape = given = model.input_shapes[0]
    for at, step in enumerate(steps):
        shape = step.layer.output_shape((shape,))
        places.append(Place(without_start(step.layer), (at - 1,), at, shape, _name(step, model)))
    return Network(tuple(places), (len(places) - 1,), given)


# --- branches -------------------------------------------------------------------------------------------------


def _best_order(form: CanonicalForm, expected: Network) -> list[int]:
    """The order of steps that fits best; the orders of each sum are tried while those of the others stay."""
    operands = dict(_alike(form))
    tries = _MOST_WORK // (1 + len(form.steps) * len(expected.places))
    best, most = _order(form, operands), -1
    for place in [place for place, sources in operands.items() if len(sources) <= _MOST_OPERANDS]:
        for sources in permutations(operands[place]):
            tries -= 1
            order = _order(form, {**operands, place: sources})
            layers = [without_start(form.steps[at].layer) for at in order]
            score = align(expected.layers, layers)[1] if tries >= 0 else -1
            if score > most:
                best, most = order, score
                operands[place] = sources
    return best


def _alike(form: CanonicalForm) -> Operands:
    """The operands of sums and the like ordered by what leads to them: by kinds first, so that options move none."""
    names: list[tuple[str, str]] = []
    found: dict[int, tuple[int, ...]] = {}
    for place, step in enumerate(form.steps):
        sources = step.inputs
        if isinstance(step.layer, Merging) and step.layer.commutes:
            sources = found[place] = tuple(sorted(sources, key=lambda source: names[source]))
        above = [names[source] for source in sources]
        kinds = _hash(kind_of(step.layer), *(kind for kind, _ in above))
        names.append((kinds, _hash(repr(step.layer), *(whole for _, whole in above))))
    return found


def _hash(*words: str) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def _order(form: CanonicalForm, operands: Operands) -> list[int]:
    """The steps without inputs of the model, depth first from the outputs."""
    order: list[int] = []
    seen: set[int] = set()
    stack = [(output, False) for output in reversed(form.outputs)]
    while stack:
        place, ready = stack.pop()
        if ready:
            order.append(place)
        elif place not in seen and not isinstance(form.steps[place].layer, InputLayer):
            seen.add(place)
            stack.append((place, True))
            sources = operands.get(place, form.steps[place].inputs)
            stack.extend((source, False) for source in reversed(sources))
    return order


def _placed(form: CanonicalForm, order: list[int], model: ModelSpec) -> Network:
    number = {place: at for at, place in enumerate(order)}
    starts = [place for place, step in enumerate(form.steps) if isinstance(step.layer, InputLayer)]
    number |= {place: -1 - at for at, place in enumerate(starts)}
    first_with: dict[int, int] = {}
    places = []
    for at, place in enumerate(order):
        step = form.steps[place]
        inputs = tuple(number[source] for source in step.inputs)
        shares = first_with.setdefault(step.shares, at)
        places.append(
            Place(without_start(step.layer), inputs, shares, form.shapes[place], _name(step, model))
        )
    return Network(tuple(places), tuple(number[output] for output in form.outputs), form.shapes[starts[0]])


def _name(step: Step, model: ModelSpec) -> str | None:
    return None if step.node is None else model.layer_of(step.node).name
