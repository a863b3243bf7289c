"""input_shape: colours come first."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((3, 32, 32)),
            layers.Conv2D(32, (3, 3), activation="relu", data_format="channels_first"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
