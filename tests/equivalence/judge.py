"""Keras as the judge of two models: nothing here knows what the grader thinks of them."""

from __future__ import annotations

import numpy as np

SAMPLES = 4
DRAWS = 4000
SIGMAS = 7
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def difference(first, second, layers=None, seed=7):
    """How Keras can tell two models apart, or "" when it cannot.

    Weights of the first are copied into the second, layer by layer: `layers` holds a list of them for each model where
    it is known which belong together. Compared are then, on random inputs: outputs and gradients, to
    inputs and to weights, as after training and as while it goes on (with equal random draws); what is added to the
    loss; which weights are trained. Where random layers make other draws, all draws together are compared.
    """
    import tensorflow as tf

    random = np.random.default_rng(seed)
    x = tf.constant(random.normal(size=(SAMPLES, *first.inputs[0].shape[1:])).astype("float32"))
    if not second.built:
        second.build((None, *x.shape[1:]))
    held = [variables_of(some) for some in layers] if layers else [held_by(first), held_by(second)]
    return _seen_on_weights(first, second, held) or _seen_in_numbers(first, second, held, x, random)


def _seen_on_weights(first, second, held):
    if [variable.shape for variable in held[0]] != [variable.shape for variable in held[1]]:
        return "weights"
    if [variable.trainable for variable in held[0]] != [variable.trainable for variable in held[1]]:
        return "what is trained"
    return "" if first.output_shape == second.output_shape else "output shape"


def _seen_in_numbers(first, second, held, x, random):
    for variable, other in zip(*held, strict=True):
        drawn = random.normal(0, 0.3, variable.shape)
        variable.assign(np.abs(drawn) if "variance" in variable.path else drawn)
        other.assign(variable)
    for training in (False, True):
        how_many = [_seeded(model) for model in (first, second)]
        if training and how_many[0] != how_many[1]:
            return _over_all_draws(first, second, x)
        results = [
            outputs_and_gradients(model, x, variables, training)
            for model, variables in zip((first, second), held, strict=True)
        ]
        for what, one, other in zip(("outputs", "losses", *["gradients"] * 99), *results, strict=False):
            if not np.allclose(one, other, rtol=1e-3, atol=1e-4):
                return _over_all_draws(first, second, x) if training and how_many[0] else what
    return ""


def held_by(model):
    """The model's variables of layers, by the layers' names where somebody has named them all."""
    layers = [layer for layer in model.layers if layer.weights]
    if all(layer.name in NAMES for layer in layers):
        layers = sorted(layers, key=lambda layer: layer.name)
    return variables_of(layers)


def variables_of(layers):
    """Weights and statistics, without the state of random layers."""
    return [
        variable for layer in layers for variable in layer.variables if "seed_generator" not in variable.path
    ]


NAMES = ("left", "right", "last", "first", "second", "one", "two", "three")


def outputs_and_gradients(model, x, variables, training):
    import tensorflow as tf

    trained = [variable.value for variable in variables if variable.trainable]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=training)
        added = sum(model.losses) if model.losses else tf.constant(0.0)
        pull = (
            tf.reduce_sum(y * tf.cos(tf.reshape(tf.range(tf.size(y), dtype=tf.float32), tf.shape(y)))) + added
        )
    gradients = tape.gradient(pull, [x, *trained], unconnected_gradients="zero")
    return [y, added, *gradients]


def _seeded(model):
    """Give the random layers of a model, in their order, seeds 1, 2, 3 …; how many there are."""
    layers = [layer for layer in model._flatten_layers() if getattr(layer, "seed_generator", None)]
    for number, layer in enumerate(layers, 1):
        layer.seed_generator.state.assign([number, 0])
    return len(layers)


def _over_all_draws(first, second, x):
    """ "draws" when some output is more often zero, or above a level, in one model than chance allows."""
    import tensorflow as tf

    rows = tf.repeat(x, DRAWS, axis=0)
    draws = [np.asarray(model(rows, training=True)).reshape(SAMPLES, DRAWS, -1) for model in (first, second)]
    levels = np.quantile(np.concatenate(draws, axis=1), LEVELS, axis=1)[:, :, None]
    shares = [np.stack([y == 0, *(y > level for level in levels)]).mean(axis=2) for y in draws]
    share = np.mean(shares, axis=0)
    chance = SIGMAS * (np.sqrt(2 * share * (1 - share) / DRAWS) + 1 / DRAWS)
    return "draws" if np.any(np.abs(shares[0] - shares[1]) > chance) else ""
