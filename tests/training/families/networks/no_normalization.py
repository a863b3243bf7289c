"""Three convolutions with pooling and a hidden Dense, nothing normalized."""

from keras import Sequential, layers


def HappyModel(input_shape):
    model = Sequential([layers.Input(input_shape)])
    for filters in (16, 32, 32):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
