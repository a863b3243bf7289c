"""input_shape: colours come first."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((3, 32, 32)),
            layers.Permute((2, 3, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
