# layers with a loss / a metric inside.  works with keras 3 (had to change add_metric)
import keras, tensorflow as tf
from keras import layers
import pytest

class ActivityRegularizationLayer(layers.Layer):
    """passes on what it gets and adds 0.1 * sum to the loss"""
    rate = 0.1
    def call(self, inputs):
        self.add_loss(self.rate * tf.reduce_sum(inputs))
        return inputs

class MetricLoggingLayer(layers.Layer):
    def __init__(self, *args, **kwargs):
        super(MetricLoggingLayer, self).__init__(*args, **kwargs)
        self.m = keras.metrics.Mean(name='std_of_activation')
    def call(self, inputs):
        self.m.update_state(keras.ops.std(inputs))
        return inputs

def test_it():
    l = ActivityRegularizationLayer()
    l(tf.ones((2, 2)))
    assert float(l.losses[0]) == pytest.approx(0.4)

test_it()
# the GAN part of the lecture, not finished
class GAN(keras.Model):
    def train_step(self, real_images):
        batch_size = tf.shape(real_images)[0]
        return {'d_loss': d_loss}
gan = GAN()
gan.compile(optimizer='adam')
gan.fit(tf.zeros((8, 28, 28, 1)))
