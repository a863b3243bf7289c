"""Two residual blocks: what comes in is added to what two convolutions make of it."""

from keras import Input, Model, layers


def normal(x, filters):
    return layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(x))


def HappyModel(input_shape):
    faces = Input(input_shape)
    x = layers.MaxPooling2D(4)(layers.ReLU()(normal(faces, 16)))
    for _ in range(2):
        y = normal(layers.ReLU()(normal(x, 16)), 16)
        x = layers.MaxPooling2D(2)(layers.ReLU()(layers.Add()([x, y])))
    return Model(faces, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))
