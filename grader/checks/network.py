"""A model and what was asked for, as places in an order in which the two can be laid side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from itertools import permutations

from grader.checks.alignment import Line, Place, Silent, align, kind_of, one_family
from grader.domain.canonical import CanonicalForm, Step, canonical, without_start
from grader.domain.commuting import commute, needed_before
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

    Chains stand as the student wrote them, and branches in the order in which they were written: of the equal orders of
    what was asked for, the one that fits best is laid beside them.
    """
    wanted = asked if isinstance(asked, ModelSpec) else chain(model.input_shapes[0], *asked)
    try:
        form, asked_form = canonical(model), canonical(wanted)
    except ShapeError:
        return _by_force(model, spelled_layers([named.layer for named in wanted.layers[1:]]))
    if form.layers is None or asked_form.layers is None:
        return _branches_beside(form, asked_form, model, wanted)
    return _chains_beside(form, asked_form, model, wanted)


def _chains_beside(
    form: CanonicalForm, asked_form: CanonicalForm, model: ModelSpec, wanted: ModelSpec
) -> tuple[Network, Network, list[Line]]:
    """The student's own order if it fits as well as any other: a wrong layer may keep others from where they could be."""
    own, asked = _as_written(form), _as_written(asked_form)
    tries = [(asked, own), *((_following(asked, own, way), own) for way in _Way)]
    tries += [(asked, _following(own, asked, way)) for way in _Way]
    chosen, steps = max(tries, key=lambda each: align(*map(_layers, each))[1])
    lines, _ = align(_layers(chosen), _layers(steps))
    extra = {at: line.actual for at, line in enumerate(lines) if line.expected is None}
    spare = {at: kind_of(steps[actual].layer) for at, actual in extra.items() if actual is not None}
    for number, line in enumerate(lines):
        if line.expected is None or line.actual is not None:
            continue
        beside = [spare.get(number + away) for away in (-2, -1, 1, 2)]
        # What is beside it has changed places with its neighbour, and stays there.
        if kind_of(chosen[line.expected].layer) not in beside:
            chosen = _as_early_as_asked(chosen, line.expected, asked)
    expected, actual = _chained(chosen, wanted), _chained(steps, model)
    return expected, actual, align(expected.layers, actual.layers)[0]


def _branches_beside(
    form: CanonicalForm, asked_form: CanonicalForm, model: ModelSpec, wanted: ModelSpec
) -> tuple[Network, Network, list[Line]]:
    """Branches as they were written, where what was asked for can be laid beside them; else in an order of their own."""
    written = _placed(form, _order(form, _by_writing(form)), model)
    asked = _placed(asked_form, _order(asked_form, _alike(asked_form)), wanted)
    pairs = [
        (_placed(asked_form, _best_order(asked_form, written), wanted), written),
        (asked, _placed(form, _best_order(form, asked), model)),
    ]
    aligned = [(*pair, *align(pair[0].layers, pair[1].layers)) for pair in pairs]
    expected, actual, lines, _ = max(aligned, key=lambda each: each[3])
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


def _layers(steps: Sequence[Step]) -> list[Layer]:
    return [without_start(step.layer) for step in steps]


class _Way(Enum):
    """What becomes of a layer that the other network has not: it stays early, or goes late, or another stands for it."""

    EARLY = 0
    LATE = 1
    STAND_IN = 2


def _following(steps: list[Step], others: list[Step], way: _Way) -> list[Step]:
    """The steps in that one of their equal orders which follows other ones, as far as it goes."""
    left, ordered = list(steps), []
    wanted = [step.layer for step in others]
    for number, layer in enumerate(wanted):
        kinds = [kind_of(step.layer) for step in left]
        at = kinds.index(kind_of(layer)) if kind_of(layer) in kinds else None
        if way is _Way.STAND_IN and left and one_family(left[0].layer, layer):
            at = 0  # as in ReLU, Dropout for ELU, Dropout: the first two layers commute, ELU and Dropout do not
        if at is None:
            continue
        layers = [step.layer for step in left]
        first = {*needed_before(layers, at), at}
        if way is _Way.EARLY:
            first |= _nowhere_else(layers[:at], kinds, [kind_of(each) for each in wanted[number:]], first)
        ordered += [left[place] for place in sorted(first)]
        left = [step for place, step in enumerate(left) if place not in first]
    return ordered + left


def _as_early_as_asked(steps: list[Step], at: int, asked: list[Step]) -> list[Step]:
    """The steps with one of them moved forward, past what commutes with it and was asked for after it."""
    found = list(steps)
    while (
        at
        and asked.index(found[at]) < asked.index(found[at - 1])
        and commute(found[at].layer, found[at - 1].layer)
    ):
        found[at - 1], found[at] = found[at], found[at - 1]
        at -= 1
    return found


def _nowhere_else(layers: list[Layer], kinds: list[str], wanted: list[str], taken: set[int]) -> set[int]:
    """The places of layers that are not wanted later, and that need nothing that is."""
    found = set(taken)
    for place, layer in enumerate(layers):
        spare = kinds.count(kind_of(layer)) > wanted.count(kind_of(layer))
        if spare and set(needed_before(layers, place)) <= found:
            found.add(place)
    return found


def _chained(steps: list[Step], model: ModelSpec) -> Network:
    places: list[Place] = []
    shape = given = model.input_shapes[0]
    for at, step in enumerate(steps):
        shape = step.layer.output_shape((shape,))
        places.append(Place(without_start(step.layer), (at - 1,), at, shape, _name(step, model)))
    return Network(tuple(places), (len(places) - 1,), given)


# --- branches -------------------------------------------------------------------------------------------------


def _best_order(form: CanonicalForm, other: Network) -> list[int]:
    """The order of steps that fits another network best; the orders of each sum are tried while those of the others stay."""
    tries = _MOST_WORK // (1 + len(form.steps) * len(other.places))

    def score(order: list[int]) -> int:
        return align([without_start(form.steps[at].layer) for at in order], other.layers)[1]

    starts: list[Operands] = [_alike(form), _by_writing(form)]
    fittest = max(starts, key=lambda start: score(_order(form, start)))
    operands = dict(fittest)
    best = _order(form, operands)
    most = score(best)
    for place in [place for place, sources in operands.items() if len(sources) <= _MOST_OPERANDS]:
        for sources in permutations(operands[place]):
            tries -= 1
            order = _order(form, {**operands, place: sources})
            fits = score(order) if tries >= 0 else -1
            if fits > most:
                best, most = order, fits
                operands[place] = sources
    return best


def _by_writing(form: CanonicalForm) -> dict[int, tuple[int, ...]]:
    """The operands of sums and the like in the order in which a student wrote them."""
    found = {}
    for place, step in enumerate(form.steps):
        if isinstance(step.layer, Merging) and step.layer.commutes:
            found[place] = tuple(sorted(step.inputs, key=lambda source: form.steps[source].node or 0))
    return found


def _alike(form: CanonicalForm) -> dict[int, tuple[int, ...]]:
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
