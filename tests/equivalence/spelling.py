"""How the pairs of models are written, as Keras code."""

from __future__ import annotations

PICTURE = (12, 12, 3)


def sequential(keras, *layers, shape=PICTURE):
    return keras.Sequential([keras.Input(shape), *layers])


def functional(keras, *layers, shape=PICTURE):
    tensor = start = keras.Input(shape)
    for layer in layers:
        tensor = layer(tensor)
    return keras.Model(start, tensor)


def nested(keras, L):
    inside = keras.Sequential([L.Conv2D(4, 3), L.ReLU()])
    return sequential(keras, inside, L.Flatten(), L.Dense(5, "softmax"))


def nested_functional(keras, L):
    start = keras.Input(PICTURE)
    inside = keras.Model(start, L.ReLU()(L.Conv2D(4, 3)(start)))
    outer = keras.Input(PICTURE)
    return keras.Model(outer, L.Dense(5, "softmax")(L.Flatten()(inside(outer))))


def shared(keras, L):
    start = keras.Input((6,))
    dense = L.Dense(6, "relu")
    return keras.Model(start, L.Dense(2)(dense(dense(start))))


def shared_split(keras, L):
    start = keras.Input((6,))
    dense, relu = L.Dense(6), L.ReLU()
    return keras.Model(start, L.Dense(2)(relu(dense(relu(dense(start))))))


def not_shared(keras, L):
    start = keras.Input((6,))
    return keras.Model(start, L.Dense(2)(L.Dense(6, "relu")(L.Dense(6, "relu")(start))))


def branches(keras, L, order):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu", name="left")(start), L.Dense(4, "tanh", name="right")(start)
    return keras.Model(start, L.Dense(2, name="last")(L.Add()([left, right][::order])))


def plus(keras, L):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu", name="left")(start), L.Dense(4, "tanh", name="right")(start)
    return keras.Model(start, L.Dense(2, name="last")(left + right))


def concatenated(keras, L, order):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu")(start), L.Dense(4, "tanh")(start)
    return keras.Model(start, L.Dense(2)(L.Concatenate()([left, right][::order])))


def lazy(keras, L):
    return keras.Sequential([L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax")])


def with_input_shape(keras, L):
    return keras.Sequential([L.Flatten(input_shape=PICTURE), L.Dense(8, "relu"), L.Dense(5, "softmax")])


def input_layer(keras, L):
    return keras.Sequential(
        [L.InputLayer(shape=PICTURE), L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax")]
    )


def plain(keras, L):
    return sequential(keras, L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax"))


def conv(L, *rest, **options):
    return (L.Conv2D(4, 3, **options), *rest, L.Flatten(), L.Dense(5))


def dense(L, *rest, **options):
    return (L.Flatten(), L.Dense(8, **options), *rest, L.Dense(5))


def residual(keras, L, *, source="first", merge="Add", names=("first", "second", "last")):
    """A block whose input goes around it; `source` is where the way around begins."""
    start = keras.Input((6,))
    first = L.Dense(6, "relu", name=names[0])(start)
    second = L.Dense(6, "relu", name=names[1])(first)
    around = {"first": first, "start": start, "second": second}[source]
    return keras.Model(start, L.Dense(2, name=names[2])(getattr(L, merge)()([second, around])))


def two_ways(keras, L, merge, left, right, shape=(6,), last=True):
    """Two chains from one input that a layer brings together; a Dense at the end unless `last` is false."""
    start = keras.Input(shape)
    ends = []
    for chain in (left, right):
        tensor = start
        for layer in chain:
            tensor = layer(tensor)
        ends.append(tensor)
    merged = merge(ends)
    return keras.Model(start, L.Dense(2, name="last")(merged) if last else merged)


def many(keras, L, bring_together, names=("one", "two", "three")):
    start = keras.Input((6,))
    ends = [L.Dense(4, name=name)(start) for name in names]
    return keras.Model(start, L.Dense(2, name="last")(bring_together(ends)))


def frozen(layer):
    layer.trainable = False
    return layer


def chains(first, second, shape=PICTURE):
    """A pair of Sequentials from two functions of `keras.layers` that give the layers behind the input."""
    return tuple(
        lambda k, L, layers=layers: sequential(k, *layers(L), shape=shape) for layers in (first, second)
    )
