"""layer_settings: the hidden layer is frozen."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="elu", trainable=False),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
