"""Keras: a loss of your own. Complete the function and the class and hand in this file."""

import keras
import tensorflow as tf


def custom_mean_squared_error(y_true, y_pred):
    """Return the mean of the squared differences, as one number."""
    difference = y_true - y_pred
    # Something is missing before the mean.
    return tf.reduce_mean(difference)


class CustomMSE(keras.losses.Loss):
    """The squared error, and how far the predictions are from 0.5."""

    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        """Return the loss of the predictions `y_pred` where `y_true` would be right."""
        # Add the mean of the squares of 0.5 - y_pred, times the factor.
        return custom_mean_squared_error(y_true, y_pred)
