"""Random models that Keras can build: chains with branches, as a tree of layers that tests can rewrite.

A network is a list of pieces behind one input; a piece is a layer, or a `Fork`: ways from the same numbers that a
layer brings together again. An empty way is a connection around the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.domain.layers import (
    ELU,
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GaussianNoise,
    GlobalMaxPooling2D,
    InputLayer,
    LeakyReLU,
    Maximum,
    MaxPooling2D,
    Multiply,
    ReLU,
    Softmax,
    SpatialDropout2D,
    Subtract,
)
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import ModelSpec, NamedLayer, Node

SHAPE = (12, 12, 3)


@dataclass(frozen=True)
class Fork:
    """Ways from one place, brought together by `merge`."""

    merge: object
    ways: tuple


@dataclass(frozen=True)
class Frozen:
    """A layer that does not learn."""

    layer: object


def spec(pieces, shape=SHAPE, name="layer"):
    """The pieces as a ModelSpec."""
    layers, nodes = [NamedLayer("start", InputLayer(shape))], [Node(0)]

    def add(layer, *sources):
        trainable = not isinstance(layer, Frozen)
        layers.append(NamedLayer(f"{name}_{len(layers)}", layer if trainable else layer.layer, trainable))
        nodes.append(Node(len(layers) - 1, sources))
        return len(nodes) - 1

    def walk(chain, place):
        for piece in chain:
            if isinstance(piece, Fork):
                place = add(piece.merge, *[walk(way, place) for way in piece.ways])
            else:
                place = add(piece, place)
        return place

    end = walk(pieces, 0)
    return ModelSpec(tuple(layers), tuple(nodes), (0,), (end,))


def keras_model(model):
    """The model of a ModelSpec, built layer by layer as it is written, and its layers in that order."""
    import keras

    made, tensors = {}, []
    for node in model.nodes:
        named = model.layers[node.layer]
        if isinstance(named.layer, InputLayer):
            tensors.append(keras.Input(named.layer.shape))
            continue
        if node.layer not in made:
            options = {key: _keras(key, value) for key, value in named.layer.plain().items()}
            made[node.layer] = getattr(keras.layers, named.layer.kind)(**options)
            made[node.layer].trainable = named.trainable
        inputs = [tensors[source] for source in node.inputs]
        tensors.append(made[node.layer](inputs if len(inputs) > 1 else inputs[0]))
    return keras.Model(tensors[0], tensors[model.outputs[0]]), list(made.values())


def _keras(name, value):
    """An option as Keras takes it: lists are tuples, initializers and regularizers configurations."""
    import keras

    if isinstance(value, dict):
        family = keras.regularizers if name.endswith("_regularizer") else keras.initializers
        return getattr(family, value["class"])(**value["options"])
    return tuple(map(tuple, value)) if name == "padding" and isinstance(value, list) else value


def network(rng):
    """Pieces that fit each other and `SHAPE`, at most a dozen."""
    pieces, size = [], SHAPE[0]
    for _ in range(rng.randint(1, 4)):
        if size >= 4 and rng.random() < 0.5:
            pieces.append(rng.choice([MaxPooling2D(), MaxPooling2D(padding="same"), AveragePooling2D()]))
            size //= 2
        else:
            pieces.append(_on_pictures(rng))
        if rng.random() < 0.3:
            pieces.append(_fork(rng, lambda: Conv2D(filters=4, kernel_size=(3, 3), padding="same")))
    pieces.append(Conv2D(filters=4, kernel_size=(1, 1), activation=rng.choice(["linear", "relu", "tanh"])))
    if rng.random() < 0.5:
        pieces += [_activation(rng), MaxPooling2D()] if size >= 2 else []
    pieces.append(rng.choice([Flatten(), GlobalMaxPooling2D()]))
    for _ in range(rng.randint(0, 2)):
        pieces.append(_on_rows(rng))
        if rng.random() < 0.3:
            pieces += [Dense(4), _fork(rng, lambda: Dense(4))]
    return [*pieces, Dense(3), *rng.choice([[], [Softmax()], [Activation("sigmoid")]])]


def _activation(rng):
    names = ["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "softplus", "relu6"]
    layers = [ReLU(), LeakyReLU(0.2), ELU(0.5), ELU(1.0), ReLU(max_value=1.0), *map(Activation, names)]
    return rng.choice(layers)


def _on_pictures(rng):
    name = rng.choice(["linear", "relu", "gelu"])
    return rng.choice(
        [
            Conv2D(filters=rng.choice([3, 4]), kernel_size=(3, 3), padding="same", activation=name),
            DepthwiseConv2D(kernel_size=(3, 3), padding="same", activation=name),
            BatchNormalization(),
            Dropout(0.3),
            SpatialDropout2D(0.4),
            _activation(rng),
        ]
    )


def _on_rows(rng):
    penalty = Choice("L2", (("l2", 0.01),))
    return rng.choice(
        [
            Dense(rng.choice([4, 6]), activation=rng.choice(["linear", "relu", "elu"])),
            Dense(5, activation="relu", activity_regularizer=penalty),
            Dropout(0.5),
            GaussianNoise(0.2),
            BatchNormalization(),
            _activation(rng),
        ]
    )


def _fork(rng, layer):
    """Two or three ways of which every one keeps the shape; the first begins with a layer that fixes it."""
    merge = rng.choice([Add(), Multiply(), Maximum(), Subtract(), Concatenate()])
    ways = [(layer(), *([_activation(rng)] if rng.random() < 0.5 else [])) for _ in range(rng.choice([2, 3]))]
    if isinstance(merge, Subtract):
        ways = ways[:2]
    return Fork(merge, tuple(ways))


def places(pieces, path=()):
    """Every (path, piece): a path is a place, then for each fork the way and the place on it."""
    for place, piece in enumerate(pieces):
        yield (*path, place), piece
        if isinstance(piece, Fork):
            for number, way in enumerate(piece.ways):
                yield from places(way, (*path, place, number))


def chains(pieces, path=()):
    """Every (path, chain): the whole and the ways of all forks."""
    yield path, list(pieces)
    for place, piece in enumerate(pieces):
        if isinstance(piece, Fork):
            for number, way in enumerate(piece.ways):
                yield from chains(way, (*path, place, number))


def with_chain(pieces, path, chain):
    """The network with another chain at that path."""
    if not path:
        return list(chain)
    place, number, *rest = path
    ways = list(pieces[place].ways)
    ways[number] = tuple(with_chain(ways[number], tuple(rest), chain))
    return [*pieces[:place], replace(pieces[place], ways=tuple(ways)), *pieces[place + 1 :]]
