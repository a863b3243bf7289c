"""The second ReLU after the pooling, dropout after Flatten, ReLU layers."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3),
            layers.ReLU(),
            layers.Conv2D(64, 3),
            layers.MaxPooling2D(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(128),
            layers.Dropout(0.5),
            layers.ReLU(),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )
