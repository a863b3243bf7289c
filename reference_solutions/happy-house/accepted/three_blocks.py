"""Three blocks until height and width are small, as the statement advises."""

from keras import Input, Model, layers


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    return layers.MaxPooling2D(2)(x)


def HappyModel(input_shape):
    faces = Input(input_shape)
    x = block(block(block(faces, 8), 16), 32)
    return Model(faces, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))
