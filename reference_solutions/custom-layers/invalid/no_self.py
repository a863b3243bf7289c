"""bad_result: call has no self."""

import keras
import tensorflow as tf
from keras import layers, ops


class ActivityRegularizationLayer(layers.Layer):
    def call(inputs):
        self.add_loss(tf.reduce_sum(inputs) * 0.1)
        return inputs


class MetricLoggingLayer(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.deviation = keras.metrics.Mean(name="std_of_activation")

    def call(self, inputs):
        self.deviation.update_state(ops.std(inputs))
        return inputs
