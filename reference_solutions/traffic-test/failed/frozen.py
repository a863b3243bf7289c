"""layer_settings: the layer that decides is frozen and cannot learn."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5, activation="softmax", kernel_initializer="zeros", trainable=False),
        ]
    )
