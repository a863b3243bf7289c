"""bad_result: a function in place of the class."""

import keras
import tensorflow as tf
from keras import layers, ops


def ActivityRegularizationLayer(inputs):
    return inputs, tf.reduce_sum(inputs) * 0.1


class MetricLoggingLayer(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.deviation = keras.metrics.Mean(name="std_of_activation")

    def call(self, inputs):
        self.deviation.update_state(ops.std(inputs))
        return inputs
