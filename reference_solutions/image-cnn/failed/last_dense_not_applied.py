"""classes: the last Dense is made and never applied."""

from keras import Input, Model, layers


def build_model():
    pictures = Input((32, 32, 3))
    x = pictures
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 2, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(500, activation="relu")(x)
    layers.Dense(10, activation="softmax")
    return Model(pictures, x)
