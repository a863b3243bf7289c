"""bad_code: BatchNormalisation is not how Keras spells it."""

from keras.layers import BatchNormalisation, Conv2D, Dense, Flatten, Input
from keras.models import Model


def HappyModel(input_shape):
    X_input = Input(input_shape)
    X = BatchNormalisation()(Conv2D(8, (3, 3))(X_input))
    return Model(inputs=X_input, outputs=Dense(1, activation="sigmoid")(Flatten()(X)))
