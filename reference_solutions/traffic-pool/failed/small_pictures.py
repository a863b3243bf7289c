"""input_shape: pictures of 28 × 28."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
