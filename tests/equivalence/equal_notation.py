"""Pairs that are one architecture: one function, written in two ways."""

from __future__ import annotations

from tests.equivalence.spelling import chains, conv, dense, frozen, functional, sequential

FLAT = (6,)
LINE = (10, 3)
VOLUME = (6, 6, 6, 2)


def _deep(keras, L):
    inside = keras.Sequential([keras.Sequential([keras.Sequential([L.Conv2D(4, 3), L.ReLU()])]), L.Flatten()])
    return sequential(keras, inside, L.Dense(5))


def _named(keras, L):
    return functional(
        keras, L.Flatten(name="rows"), L.Dense(8, "relu", name="hidden"), L.Dense(5, name="logits")
    )


def _by_operation(keras, L):
    start = keras.Input((12, 12, 3))
    tensor = keras.ops.relu(L.Conv2D(4, 3)(start))
    return keras.Model(start, L.Dense(5)(L.Flatten()(tensor)))


def _by_tensorflow(keras, L):
    import tensorflow as tf

    return sequential(keras, *conv(L, activation=tf.nn.relu))


EQUAL = {
    "nested three deep": (_deep, lambda k, L: sequential(k, *conv(L, L.ReLU()))),
    "names": (_named, lambda k, L: sequential(k, *dense(L, activation="relu"))),
    "relu as an operation": (_by_operation, lambda k, L: sequential(k, *conv(L, L.ReLU()))),
    "relu as TensorFlow's function": (_by_tensorflow, lambda k, L: sequential(k, *conv(L, L.ReLU()))),
    "swish is silu": chains(lambda L: conv(L, activation="swish"), lambda L: conv(L, activation="silu")),
    "celu is elu": chains(lambda L: conv(L, activation="celu"), lambda L: conv(L, L.ELU())),
    "an ELU layer with alpha 1": chains(lambda L: dense(L, L.ELU(alpha=1.0)), lambda L: dense(L, activation="elu")),
    "an ELU of alpha 0 is relu": chains(lambda L: dense(L, L.ELU(alpha=0.0)), lambda L: dense(L, L.ReLU())),
    "ReLU up to 6 is relu6": chains(lambda L: dense(L, L.ReLU(6.0)), lambda L: dense(L, activation="relu6")),
    "a leaky relu that leaks nothing": chains(
        lambda L: dense(L, L.LeakyReLU(negative_slope=0.0)), lambda L: dense(L, L.ReLU())
    ),
    "a leaky relu that leaks everything": chains(lambda L: dense(L, L.LeakyReLU(negative_slope=1.0)), dense),
    "a ReLU with a slope is leaky": chains(
        lambda L: dense(L, L.ReLU(negative_slope=0.2)), lambda L: dense(L, L.LeakyReLU(negative_slope=0.2))
    ),
    "softmax along the last axis, counted from the front": chains(
        lambda L: (L.Conv2D(4, 3), L.Softmax(axis=3)), lambda L: (L.Conv2D(4, 3, activation="softmax"),)
    ),
    "softmax along another axis": chains(
        lambda L: (L.Conv2D(4, 3), L.Softmax(axis=1)), lambda L: (L.Conv2D(4, 3), L.Softmax(axis=-3))
    ),
    "layer normalization's axis": chains(
        lambda L: conv(L, L.LayerNormalization(axis=3)), lambda L: conv(L, L.LayerNormalization())
    ),
    "layer normalization's axes": chains(
        lambda L: conv(L, L.LayerNormalization(axis=[2, 3])), lambda L: conv(L, L.LayerNormalization(axis=[-2, -1]))
    ),
    "group normalization's axis": chains(
        lambda L: conv(L, L.GroupNormalization(2, axis=3)), lambda L: conv(L, L.GroupNormalization(groups=2))
    ),
    "a group for each channel": chains(
        lambda L: conv(L, L.GroupNormalization(-1)), lambda L: conv(L, L.GroupNormalization(4))
    ),
    "batch normalization on rows": chains(
        lambda L: dense(L, L.BatchNormalization(axis=1)), lambda L: dense(L, L.BatchNormalization())
    ),
    "a reshape of a reshape": chains(
        lambda L: (L.Reshape((6, 72)), L.Reshape((8, 54)), L.Dense(4), L.Flatten()),
        lambda L: (L.Reshape((8, -1)), L.Dense(4), L.Flatten()),
    ),
    "there and back": chains(lambda L: (L.Flatten(), L.Reshape((12, 12, 3)), *conv(L)), conv),
    "a flatten before a reshape": chains(
        lambda L: (L.Flatten(), L.Reshape((24, 6, 3)), *conv(L)), lambda L: (L.Reshape((24, 6, 3)), *conv(L))
    ),
    "repeated once": chains(
        lambda L: (L.RepeatVector(1), L.Conv1D(4, 1)), lambda L: (L.Reshape((1, 6)), L.Conv1D(4, 1)), FLAT
    ),
    "a permutation that permutes nothing": chains(lambda L: (L.Permute((1, 2, 3)), *conv(L)), conv),
    "upsampling by 1": chains(lambda L: (L.UpSampling2D(1), *conv(L)), conv),
    "padding and cropping by 0": chains(lambda L: (L.ZeroPadding2D(0), L.Cropping2D(0), *conv(L)), conv),
    "pooling one number": chains(lambda L: conv(L, L.MaxPooling2D(1), L.AveragePooling2D((1, 1))), conv),
    "noise of strength 0": chains(
        lambda L: dense(L, L.GaussianNoise(0.0), L.AlphaDropout(0.0), L.GaussianDropout(0.0)), dense
    ),
    "no channel dropped": chains(lambda L: conv(L, L.SpatialDropout2D(0.0)), conv),
    "rescaling by 1": chains(lambda L: (L.Rescaling(1.0), *conv(L)), conv),
    "no activity regularization": chains(lambda L: dense(L, L.ActivityRegularization()), dense),
    "aliases of Keras": chains(
        lambda L: (L.Convolution2D(4, 3), L.MaxPool2D(), L.GlobalAvgPool2D(), L.Dense(5)),
        lambda L: (L.Conv2D(4, 3), L.MaxPooling2D(), L.GlobalAveragePooling2D(), L.Dense(5)),
    ),
    "options by name or by place": chains(
        lambda L: (L.Conv2D(4, (3, 3), (1, 1), "valid"), L.Flatten(), L.Dense(units=5, use_bias=True)), conv
    ),
    "a 1 × 1 kernel needs no padding": chains(
        lambda L: (L.Conv2D(4, 1, padding="same"), L.Flatten()), lambda L: (L.Conv2D(4, 1), L.Flatten())
    ),
    "windows that fit need no padding": chains(
        lambda L: (L.Conv2D(4, 2, strides=2, padding="same"), L.Flatten()),
        lambda L: (L.Conv2D(4, 2, strides=2), L.Flatten()),
    ),
    "a depthwise window that fits": chains(
        lambda L: (L.DepthwiseConv2D(3, strides=3, padding="same"), L.Flatten()),
        lambda L: (L.DepthwiseConv2D(3, strides=3), L.Flatten()),
    ),
    "a causal kernel of 1": chains(
        lambda L: (L.Conv1D(4, 1, padding="causal"),), lambda L: (L.Conv1D(4, 1),), LINE
    ),
    "the activation of a depthwise convolution": chains(
        lambda L: (L.DepthwiseConv2D(3, activation="tanh"), L.Flatten()),
        lambda L: (L.DepthwiseConv2D(3), L.Activation("tanh"), L.Flatten()),
    ),
    "the activation of a separable convolution": chains(
        lambda L: (L.SeparableConv2D(4, 3, activation="relu"), L.Flatten()),
        lambda L: (L.SeparableConv2D(4, 3), L.ReLU(), L.Flatten()),
    ),
    "the activation of a transposed convolution": chains(
        lambda L: (L.Conv2DTranspose(4, 3, activation="relu"), L.Flatten()),
        lambda L: (L.Conv2DTranspose(4, 3), L.ReLU(), L.Flatten()),
    ),
    "the activation of a convolution over volumes": chains(
        lambda L: (L.Conv3D(2, 2, activation="relu"), L.Flatten()),
        lambda L: (L.Conv3D(2, 2), L.ReLU(), L.Flatten()),
        VOLUME,
    ),
    "an activity regularizer comes behind the activation": chains(
        lambda L: dense(L, activation="relu", activity_regularizer="l2"),
        lambda L: dense(L, L.ReLU(), L.ActivityRegularization(l2=0.01)),
    ),
    "a regularizer by two names": chains(
        lambda L: dense(L, kernel_regularizer="l2"), lambda L: dense(L, kernel_regularizer={
            "class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}
        })
    ),
    "an initializer by two names": chains(
        lambda L: dense(L, kernel_initializer="he_normal"), lambda L: dense(L, kernel_initializer={
            "class_name": "VarianceScaling",
            "config": {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal"},
        })
    ),
    "frozen where there is nothing to learn": chains(
        lambda L: dense(L, frozen(L.ReLU()), frozen(L.Dropout(0.5))), lambda L: dense(L, L.ReLU(), L.Dropout(0.5))
    ),
}  # fmt: skip
