"""The canonical form of a model: two spellings of one network give one form.

The rules, and why each holds:

- An activation inside a layer is the layer, then the activation: Keras computes exactly that.
- Names, and how the input was declared, leave the form: they change no number.
- What does nothing goes: linear activations, Identity, rate-0 dropout and noise, padding by 0, 1 × 1 pooling, a
  Flatten or Reshape that changes no shape.
- Pooling with padding "same" whose windows fit exactly pads nothing, and is "valid".
- One notation for one function: ReLU() is Activation("relu"), Reshape to one axis is Flatten, axes count from the end.
- A plain ReLU after a plain ReLU is one: max(max(x, 0), 0) = max(x, 0).
- Max pooling commutes with every activation that never falls: the largest stays the largest.
- Flatten commutes with what works on each number alone (activations, dropout): it only renames places.
- Dropout commutes with ReLU and leaky ReLU: they keep zero at zero and scale with positive factors.
  It does not commute with pooling: dropping one of four numbers is not dropping their maximum.
- Operands of a sum, product, mean, maximum or minimum have no order.

Among equal orders the form has pooling, then activations, then Flatten, then dropout. `tests/equivalence` holds pairs
that Keras itself judges.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, fields, replace

from grader.domain.layers import (
    ELU,
    Activation,
    AlphaDropout,
    BatchNormalization,
    Concatenate,
    Cropping1D,
    Cropping2D,
    Disturbing,
    Dropout,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GroupNormalization,
    Identity,
    InputLayer,
    Layer,
    LayerNormalization,
    LeakyReLU,
    MaxPooling1D,
    MaxPooling2D,
    ReLU,
    Rescaling,
    Reshape,
    Shape,
    Softmax,
    SpatialDropout1D,
    SpatialDropout2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from grader.domain.layers.merging import _Merging as Merging
from grader.domain.layers.pooling import _Pooling as Pooling
from grader.domain.model_spec import ModelSpec

_MAX_POOLING = (MaxPooling1D, MaxPooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D)
_NEVER_FALLING = frozenset(
    {"relu", "relu6", "elu", "selu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "exponential"}
)
_PER_ROW = frozenset({"softmax", "log_softmax"})
_IDEMPOTENT = frozenset({"relu", "relu6"})


@dataclass(frozen=True)
class Step:
    """One computation. `inputs` are places in `CanonicalForm.steps`; `shares` is the first step with these weights."""

    layer: Layer
    trainable: bool
    shares: int
    inputs: tuple[int, ...]


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

    @property
    def digest(self) -> str:
        """Names the form: equal for equal networks."""
        text = repr([(step.layer, step.trainable, step.shares, step.inputs) for step in self.steps])
        return hashlib.sha256(f"{text}{self.outputs}".encode()).hexdigest()


@dataclass
class _Item:
    """A computation while the form is being found; `weights` names the layer object it belongs to."""

    layer: Layer
    trainable: bool
    weights: int
    inputs: list[int]
    alive: bool = True


def canonical(model: ModelSpec) -> CanonicalForm:
    """The canonical form of a model whose shapes are known to fit."""
    items, outputs = _spelled_out(model)
    _reorder_chains(items, outputs)
    return _numbered(items, outputs)


def without_start(layer: Layer) -> Layer:
    """The layer with Keras's own initializers: what an architecture is compared by."""
    usual = {f.name: f.default for f in fields(layer) if f.name.endswith("_initializer")}
    return replace(layer, **usual) if usual else layer


# --- one notation for one function ----------------------------------------------------------------------------


def _spelled_out(model: ModelSpec) -> tuple[list[_Item], list[int]]:
    items: list[_Item] = []
    result_of: list[int] = []
    for place, node in enumerate(model.nodes):
        named = model.layers[node.layer]
        shapes = tuple(model.shapes[source] for source in node.inputs)
        sources = [result_of[source] for source in node.inputs]
        for layer in _primitives(named.layer, shapes, model.shapes[place]):
            items.append(_Item(layer, named.trainable, node.layer, sources))
            sources = [len(items) - 1]
        result_of.append(sources[0])
    return items, [result_of[output] for output in model.outputs]


def _primitives(layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> list[Layer]:
    """The layers that a layer stands for, in order; none when it does nothing."""
    if isinstance(layer, InputLayer):
        return [layer]
    activation = getattr(layer, "activation", "linear")
    if isinstance(layer, Activation):
        return _activation(activation)
    if activation != "linear":
        plain = replace(layer, activation="linear")  # type: ignore[call-arg]
        return [*_primitives(plain, inputs, output), *_activation(activation)]
    if _does_nothing(layer, inputs[0], output):
        return []
    return [_one_notation(layer, inputs[0], output)]


def _activation(name: str) -> list[Layer]:
    if name == "linear":
        return []
    # Keras's own defaults of the function forms: leaky_relu falls by 0.2, elu has alpha 1.
    return [LeakyReLU(0.2)] if name == "leaky_relu" else [Activation(name)]


def _does_nothing(layer: Layer, given: Shape, output: Shape) -> bool:
    if isinstance(layer, Flatten | Reshape):
        return given == output
    if isinstance(layer, Dropout | AlphaDropout | SpatialDropout1D | SpatialDropout2D | GaussianDropout):
        return layer.rate == 0
    if isinstance(layer, GaussianNoise):
        return layer.stddev == 0
    if isinstance(layer, Rescaling):
        return layer == Rescaling(1.0)
    if isinstance(layer, ZeroPadding1D | ZeroPadding2D | Cropping1D | Cropping2D):
        return given == output
    if isinstance(layer, Pooling):
        return given == output and set(layer.pool_size) == {1}
    return isinstance(layer, Identity)


def _one_notation(layer: Layer, given: Shape, output: Shape) -> Layer:
    rank = len(given)
    if isinstance(layer, ReLU):
        return _plain_relu(layer)
    if isinstance(layer, ELU):
        return Activation("elu") if layer.alpha == 1 else layer
    if isinstance(layer, Softmax):
        return (
            Activation("softmax")
            if _from_end(layer.axis, rank) == -1
            else Softmax(_from_end(layer.axis, rank))
        )
    if isinstance(layer, Reshape):
        return Flatten() if len(output) == 1 else Reshape(output)
    if isinstance(layer, Pooling) and layer.padding == "same" and layer.fits_exactly(given):
        return replace(layer, padding="valid")
    if isinstance(layer, BatchNormalization | GroupNormalization | Concatenate):
        return replace(layer, axis=_from_end(layer.axis, rank))
    if isinstance(layer, LayerNormalization):
        return replace(layer, axis=tuple(sorted(_from_end(axis, rank) for axis in layer.axis)))
    return layer


def _plain_relu(layer: ReLU) -> Layer:
    if layer == ReLU():
        return Activation("relu")
    if layer == ReLU(max_value=6.0):
        return Activation("relu6")
    if layer == ReLU(negative_slope=layer.negative_slope):
        return LeakyReLU(layer.negative_slope)
    return layer


def _from_end(axis: int, rank: int) -> int:
    """An axis counted from the end; Keras counts the batch as axis 0."""
    return axis - (rank + 1) if axis > 0 else axis


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
    ordered = _trace_order(
        [(items[place].layer, items[place].trainable, items[place].weights) for place in segment]
    )
    for place, entry in zip(segment, ordered, strict=False):
        items[place].layer, items[place].trainable, items[place].weights = entry
    for place in segment[len(ordered) :]:
        items[place].alive = False


_Entry = tuple[Layer, bool, int]


def _trace_order(entries: list[_Entry]) -> list[_Entry]:
    """The least order among those that swapping commuting neighbours can reach (a trace's lexicographic form)."""
    left = list(entries)
    ordered: list[_Entry] = []
    while left:
        free = [
            place
            for place, (layer, _, _) in enumerate(left)
            if all(_commute(before, layer) for before, _, _ in left[:place])
        ]
        chosen = left.pop(min(free, key=lambda place: (_rank(left[place][0]), repr(left[place][0]), place)))
        repeated = ordered and ordered[-1][0] == chosen[0] and _is_activation(chosen[0], _IDEMPOTENT)
        if not repeated:
            ordered.append(chosen)
    return ordered


def _rank(layer: Layer) -> int:
    if isinstance(layer, _MAX_POOLING):
        return 0
    if isinstance(layer, Flatten):
        return 2
    return 3 if isinstance(layer, Dropout) else 1


def _commute(one: Layer, other: Layer) -> bool:
    return _swaps(one, other) or _swaps(other, one)


def _swaps(one: Layer, other: Layer) -> bool:
    if isinstance(other, _MAX_POOLING):
        return _is_activation(one, _NEVER_FALLING) or isinstance(one, LeakyReLU)
    if isinstance(other, Flatten):
        elementwise = isinstance(one, Activation) and one.activation not in _PER_ROW
        return elementwise or isinstance(one, LeakyReLU | ELU | ReLU | Dropout)
    if isinstance(other, Dropout):
        return _is_activation(one, frozenset({"relu"})) or isinstance(one, LeakyReLU)
    return False


def _is_activation(layer: Layer, names: frozenset[str]) -> bool:
    return isinstance(layer, Activation) and layer.activation in names


# --- the order of steps ---------------------------------------------------------------------------------------


def _numbered(items: list[_Item], outputs: list[int]) -> CanonicalForm:
    """Steps in the order in which the outputs need them; equal computations on equal inputs are one step."""
    digests = _digests(items)
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
            shares = (
                first_with.setdefault(item.weights, len(steps)) if _holds_weights(item.layer) else len(steps)
            )
            same[key] = len(steps)
            steps.append(Step(item.layer, item.trainable, shares, inputs))
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
    if isinstance(item.layer, Merging) and item.layer.commutes:
        return sorted(item.inputs, key=lambda source: digests[source])
    return item.inputs


def _digests(items: list[_Item]) -> list[str]:
    found: list[str] = []
    for place, item in enumerate(items):
        inside = sorted if isinstance(item.layer, Merging) and item.layer.commutes else list
        inputs = inside(found[source] for source in item.inputs)
        if not item.alive:
            found.append(found[item.inputs[0]])
            continue
        position = place if isinstance(item.layer, InputLayer) else None
        text = repr((item.layer, item.trainable, position, inputs))
        found.append(hashlib.sha256(text.encode()).hexdigest())
    return found


def _own_numbers(item: _Item, place: int) -> object:
    """What keeps two equal layers apart: their weights, or their own random draws."""
    if _holds_weights(item.layer):
        return item.weights
    random = isinstance(item.layer, Disturbing | InputLayer)
    return ("random", place) if random else None


def _holds_weights(layer: Layer) -> bool:
    return any(f.name.endswith("_initializer") for f in fields(layer))
