"""The network that documents 000 and 001 print: one wide block."""

from keras import Input, Model, layers


def HappyModel(input_shape):
    faces = Input(input_shape)
    x = layers.Conv2D(32, 7)(layers.ZeroPadding2D(3)(faces))
    x = layers.Activation("relu")(layers.BatchNormalization(axis=3)(x))
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return Model(faces, layers.Dense(1, activation="sigmoid")(x))
