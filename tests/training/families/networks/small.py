"""Two small blocks: a thousand parameters."""

from keras import Sequential, layers


def HappyModel(input_shape):
    model = Sequential([layers.Input(input_shape)])
    for filters in (4, 8):
        model.add(layers.Conv2D(filters, 3, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
