"""Two blocks with normalization and dropout, and a hidden Dense."""

from keras import Sequential, layers


def HappyModel(input_shape):
    model = Sequential([layers.Input(input_shape)])
    for filters in (16, 32):
        model.add(layers.Conv2D(filters, 3, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        model.add(layers.MaxPooling2D(2))
        model.add(layers.Dropout(0.25))
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
