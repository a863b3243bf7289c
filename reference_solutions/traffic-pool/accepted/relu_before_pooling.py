"""ReLU before the pooling, strides spelled out."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Conv2D(32, (3, 3)),
            layers.Activation("relu"),
            layers.MaxPool2D(2, strides=2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5),
            layers.Activation("softmax"),
        ]
    )
