"""Three blocks with dropout between them, and a hidden layer before the answer."""

from keras.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
)
from keras.models import Model


def HappyModel(input_shape):
    X_input = Input(input_shape)
    X = X_input
    for number, filters in enumerate((8, 16, 32)):
        X = Conv2D(filters, (3, 3), padding="same", name=f"conv{number}")(X)
        X = BatchNormalization(axis=3, name=f"bn{number}")(X)
        X = Activation("relu")(X)
        X = MaxPooling2D((2, 2))(X)
        X = Dropout(0.2)(X)
    X = Dense(32, activation="relu")(Flatten()(X))
    X = Dense(1, activation="sigmoid")(X)
    return Model(inputs=X_input, outputs=X, name="HappyModel")
