"""Three wide blocks and a hidden Dense: about a million parameters."""

from keras import Sequential, layers


def HappyModel(input_shape):
    model = Sequential([layers.Input(input_shape)])
    for filters, size in ((32, 5), (64, 3), (128, 3)):
        model.add(layers.Conv2D(filters, size, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
