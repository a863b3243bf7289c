"""The canonical form of a model: two spellings of one network give one form.

The rules, and why each holds:

- An activation inside a layer is the layer, then the activation: Keras computes exactly that. An activity regularizer
  inside a layer comes after both: Keras takes it of what the layer gives in the end.
- Names, and how the input was declared, leave the form: they change no number. So does `trainable` of a layer
  without weights. Nested models are opened by the guest that describes them.
- What does nothing goes: linear activations, Identity, rate-0 dropout and noise, padding by 0, 1 × 1 pooling, a
  Flatten, Reshape or Permute that changes nothing, regularizers of strength 0.
- A Flatten or Reshape after another is the last one alone, and none where the first shape comes back: the numbers
  keep their order.
- Padding "same" where the windows fit exactly pads nothing, and is "valid".
- One notation for one function: ReLU() is Activation("relu"), LeakyReLU(0) too, ELU() and celu are Activation("elu"),
  Reshape to one axis is Flatten, RepeatVector(1) is Reshape, axes count from the end, an initializer or regularizer
  has one name (VarianceScaling with He's numbers is HeNormal, L1L2(l2=…) is L2).
- A plain ReLU after a plain ReLU is one: max(max(x, 0), 0) = max(x, 0).
- Max pooling commutes with every activation that never falls: the largest stays the largest. (GELU, SiLU, Mish fall
  below zero, softmax looks at the neighbours; a mean is not the mean of what comes out: average pooling stays.)
- Flatten and Reshape commute with what works on each number alone (activations, dropout, noise, rescaling): they only
  rename places.
- Dropout commutes with ReLU, leaky ReLU and PReLU: they keep zero at zero and scale with positive factors.
  It does not commute with pooling: dropping one of four numbers is not dropping their maximum.
- Dropout of whole channels commutes with pooling too: all numbers of a window are dropped, or none.
- Operands of a sum, product, mean, maximum or minimum have no order; a sum of a sum is one sum, and so with products,
  maxima, minima and concatenations.
- The same computation on the same numbers, written twice, is one; not where each has weights, statistics, random
  draws or a penalty of its own.

Among equal orders the form has pooling, then activations, then Flatten, then dropout. At a branching point nothing
moves from one side to the other. `notation` holds the rules of single layers, `commuting` those of order;
`tests/equivalence` holds pairs that Keras itself judges.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from grader.domain.commuting import Entry, least_order
from grader.domain.layers import (
    ActivityRegularization,
    Add,
    BatchNormalization,
    Concatenate,
    Disturbing,
    InputLayer,
    Layer,
    Maximum,
    Minimum,
    Multiply,
    Shape,
)
from grader.domain.layers.merging import _Merging as Merging
from grader.domain.model_spec import ModelSpec
from grader.domain.notation import holds_weights, spelled_out

_ASSOCIATIVE = (Add, Multiply, Maximum, Minimum, Concatenate)


@dataclass(frozen=True)
class Step:
    """One computation. `inputs` are places in `CanonicalForm.steps`; `shares` is the first step with these weights.

    `node` is the node of the model that it was written as; it is no part of the form.
    """

    layer: Layer
    trainable: bool
    shares: int
    inputs: tuple[int, ...]
    node: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class CanonicalForm:
    """The network without its spelling; steps come after their inputs, in an order that the form alone decides."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    @property
    def layers(self) -> tuple[Layer, ...] | None:
        """The layers after the input when the form is one chain, else None."""
        linear = all(step.inputs == ((place - 1,) if place else ()) for place, step in enumerate(self.steps))
        own = all(step.shares == place for place, step in enumerate(self.steps))
        one_end = self.outputs == (len(self.steps) - 1,)
        return tuple(step.layer for step in self.steps[1:]) if linear and own and one_end else None

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """What every step gives, without the batch."""
        found: list[Shape] = []
        for step in self.steps:
            found.append(step.layer.output_shape(tuple(found[source] for source in step.inputs)))
        return tuple(found)

    @property
    def digest(self) -> str:
        """Names the form: equal for equal networks."""
        text = repr([(step.layer, step.trainable, step.shares, step.inputs) for step in self.steps])
        return hashlib.sha256(f"{text}{self.outputs}".encode()).hexdigest()


@dataclass
class _Item:
    """A computation while the form is being found; one that is not alive hands on its input."""

    entry: Entry
    inputs: list[int]
    alive: bool = True

    @property
    def layer(self) -> Layer:
        return self.entry.layer


def canonical(model: ModelSpec) -> CanonicalForm:
    """The canonical form of a model whose shapes are known to fit."""
    items, outputs = _spelled_out(model)
    _join_merges(items, outputs)
    _reorder_chains(items, outputs)
    return _numbered(items, outputs)


def without_start(layer: Layer) -> Layer:
    """The layer with Keras's own initializers: what an architecture is compared by."""
    usual = {f.name: f.default for f in fields(layer) if f.name.endswith("_initializer")}
    return replace(layer, **usual) if usual else layer


# --- what the model computes ----------------------------------------------------------------------------------


def _spelled_out(model: ModelSpec) -> tuple[list[_Item], list[int]]:
    """Every computation that leads to an output, once, and the places of the outputs."""
    items: list[_Item] = []
    result_of: dict[int, int] = {}
    known: dict[tuple[object, ...], int] = {}
    for place in _needed_nodes(model):
        node = model.nodes[place]
        named = model.layers[node.layer]
        sources = [result_of[source] for source in node.inputs]
        given = tuple(model.shapes[source] for source in node.inputs)
        for layer in spelled_out(named.layer, given, model.shapes[place]):
            trainable = named.trainable or not holds_weights(layer)
            entry = Entry(layer, trainable, node.layer, place, given[0] if given else ())
            item = _Item(entry, sources)
            inputs = sorted(sources) if _has_no_order(layer) else sources
            key = (layer, tuple(inputs), _own_numbers(item, len(items)))
            if key not in known:
                known[key] = len(items)
                items.append(item)
            sources = [known[key]]
        result_of[place] = sources[0]
    return items, [result_of[output] for output in model.outputs]


def _join_merges(items: list[_Item], outputs: list[int]) -> None:
    """Give a sum the operands of a sum that goes nowhere else; so with the other merges that take many at a time."""
    uses = Counter(source for item in items for source in item.inputs)
    uses.update(outputs)
    for item in items:
        operands: list[int] = []
        for source in item.inputs:
            inner = items[source]
            if uses[source] == 1 and inner.layer == item.layer and isinstance(item.layer, _ASSOCIATIVE):
                operands += inner.inputs
                inner.inputs = []  # nobody needs it any more
            else:
                operands.append(source)
        item.inputs = operands


def _needed_nodes(model: ModelSpec) -> list[int]:
    needed = {*model.inputs, *model.outputs}
    for place in range(len(model.nodes) - 1, -1, -1):
        if place in needed:
            needed.update(model.nodes[place].inputs)
    return sorted(needed)


# --- the order of layers that commute -------------------------------------------------------------------------


def _reorder_chains(items: list[_Item], outputs: list[int]) -> None:
    consumers = Counter(source for item in items for source in item.inputs)
    consumers.update(outputs)
    ends = {
        source for item in items for source in item.inputs if len(item.inputs) > 1 or consumers[source] > 1
    }
    follower = {item.inputs[0]: place for place, item in enumerate(items) if len(item.inputs) == 1}
    for place, item in enumerate(items):
        source = item.inputs[0] if len(item.inputs) == 1 else None
        continues = source is not None and consumers[source] == 1 and len(items[source].inputs) == 1
        if len(item.inputs) != 1 or continues:
            continue
        segment = [place]
        while consumers[segment[-1]] == 1 and segment[-1] in follower and segment[-1] not in ends:
            segment.append(follower[segment[-1]])
        _reorder(items, segment)


def _reorder(items: list[_Item], segment: list[int]) -> None:
    """Write the segment's layers back in the form's order; places that are no longer needed pass their input on."""
    ordered = least_order([items[place].entry for place in segment])
    for place, entry in zip(segment, ordered, strict=False):
        items[place].entry = entry
    for place in segment[len(ordered) :]:
        items[place].alive = False


# --- the order of steps ---------------------------------------------------------------------------------------


def _numbered(items: list[_Item], outputs: list[int]) -> CanonicalForm:
    """Steps in the order in which the outputs need them; equal computations on equal inputs are one step."""
    digests = _digests(items, outputs)
    steps: list[Step] = []
    place_of: dict[int, int] = {}
    same: dict[tuple[object, ...], int] = {}
    first_with: dict[int, int] = {}

    def number(item_place: int) -> int:
        item = items[item_place]
        if not item.alive:
            return place_of[item.inputs[0]]
        inputs = tuple(place_of[source] for source in _operands(item, digests))
        key: tuple[object, ...] = (item.layer, inputs, _own_numbers(item, item_place))
        if key not in same:
            entry, shares = item.entry, len(steps)
            if holds_weights(entry.layer):
                shares = first_with.setdefault(entry.weights, len(steps))
            same[key] = len(steps)
            steps.append(Step(entry.layer, entry.trainable, shares, inputs, entry.node))
        return same[key]

    for place in _needed_order(items, outputs, digests):
        place_of[place] = number(place)
    return CanonicalForm(tuple(steps), tuple(place_of[output] for output in outputs))


def _needed_order(items: list[_Item], outputs: list[int], digests: list[str]) -> list[int]:
    """Every item after its inputs; first all inputs of the model, then depth first from the outputs."""
    order = [place for place, item in enumerate(items) if isinstance(item.layer, InputLayer)]
    seen = set(order)
    stack = [(output, False) for output in reversed(outputs)]
    while stack:
        place, ready = stack.pop()
        if ready:
            order.append(place)
        elif place not in seen:
            seen.add(place)
            stack.append((place, True))
            stack.extend((source, False) for source in reversed(_operands(items[place], digests)))
    return order


def _operands(item: _Item, digests: list[str]) -> list[int]:
    if _has_no_order(item.layer):
        return sorted(
            item.inputs, key=lambda source: (digests[source], source)
        )  # one that is there twice stands together
    return item.inputs


def _digests(items: list[_Item], outputs: list[int]) -> list[str]:
    """Names every item, so that operands that look alike have one order, too.

    By what leads to it and where it goes; where that is the same by the names of its neighbours and of all who have its
    weights, again and again until no more are told apart (colour refinement: Weisfeiler & Leman 1968).
    """
    first = _digests_once(items, outputs)
    finer, distinct = first, 0
    while distinct < len(set(finer)) < sum(item.alive for item in items):
        distinct = len(set(finer))
        finer = _refined(items, finer)
    return [f"{own} {more}" for own, more in zip(first, finer, strict=True)]


def _refined(items: list[_Item], names: list[str]) -> list[str]:
    """Longer names: each with those of its operands, of its users, and of all that have its weights."""
    uses: list[list[tuple[str, int]]] = [[] for _ in items]
    weights: dict[int, list[str]] = {}
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        for position, source in enumerate(item.inputs):
            where = 0 if _has_no_order(item.layer) else position
            uses[source] += [(names[place], where)] if item.alive else uses[place]
        if item.alive and holds_weights(item.layer):
            weights.setdefault(item.entry.weights, []).append(names[place])
    found: list[str] = []
    for place, item in enumerate(items):
        inside = sorted if _has_no_order(item.layer) else list
        operands = inside(names[source] for source in item.inputs)
        kin = sorted(weights.get(item.entry.weights, ())) if holds_weights(item.layer) else []
        own = _hash((names[place], operands, sorted(uses[place]), kin))
        found.append(own if item.alive else found[item.inputs[0]])
    return found


def _digests_once(items: list[_Item], outputs: list[int]) -> list[str]:
    above = _digests_above(items)
    uses: list[list[str]] = [[] for _ in items]
    for number, output in enumerate(outputs):
        uses[output].append(f"output {number}")
    found = above[:]
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        found[place] = _hash((above[place], sorted(uses[place])))
        for position, source in enumerate(item.inputs):
            where = 0 if _has_no_order(item.layer) else position
            uses[source] += [_hash((found[place], where))] if item.alive else uses[place]
    return found


def _digests_above(items: list[_Item]) -> list[str]:
    found: list[str] = []
    for place, item in enumerate(items):
        if not item.alive:
            found.append(found[item.inputs[0]])
            continue
        inside = sorted if _has_no_order(item.layer) else list
        inputs = inside(found[source] for source in item.inputs)
        position = place if isinstance(item.layer, InputLayer) else None
        found.append(_hash((item.layer, item.entry.trainable, position, inputs)))
    return found


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


def _has_no_order(layer: Layer) -> bool:
    return isinstance(layer, Merging) and layer.commutes


def _own_numbers(item: _Item, place: int) -> object:
    """What keeps two equal layers apart: weights, statistics of what came by, random draws, a penalty of each."""
    weights = item.entry.weights if holds_weights(item.layer) else None
    own = isinstance(item.layer, Disturbing | InputLayer | BatchNormalization | ActivityRegularization)
    return (weights, place if own else None)
