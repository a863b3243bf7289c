"""One number for each sample, of which Keras takes the mean; keras.ops in place of tf."""

import keras
from keras import ops


def custom_mean_squared_error(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


class CustomMSE(keras.losses.Loss):
    def __init__(self, regularization_factor=0.1):
        super().__init__()
        self.factor = regularization_factor

    def call(self, y_true, y_pred):
        return custom_mean_squared_error(y_true, y_pred) + self.factor * ops.mean(
            (0.5 - y_pred) ** 2, axis=-1
        )
