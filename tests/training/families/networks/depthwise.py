"""Separable convolutions, each with a normalization."""

from keras import Input, Model, layers


def HappyModel(input_shape):
    faces = Input(input_shape)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(16, 3, strides=2, padding="same")(faces)))
    for filters in (32, 64):
        x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x))
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1)(layers.ReLU()(x)))
        x = layers.MaxPooling2D(2)(layers.ReLU()(x))
    return Model(faces, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))
