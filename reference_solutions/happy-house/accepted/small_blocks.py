"""Three small blocks of convolution and pooling, trained for a few epochs."""

from keras import Sequential, layers

TRAINING = {"epochs": 12}


def happy_model(input_shape):
    model = Sequential([layers.Input(input_shape)])
    for filters in (8, 16, 32):
        model.add(layers.Conv2D(filters, (3, 3), padding="same", activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
