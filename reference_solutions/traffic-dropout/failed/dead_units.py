"""accurate: a bias far below zero keeps every ReLU of the hidden layer shut."""

from keras import Sequential, initializers, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(128, activation="relu", bias_initializer=initializers.Constant(-100.0)),
            layers.Dense(5, activation="softmax"),
        ]
    )
