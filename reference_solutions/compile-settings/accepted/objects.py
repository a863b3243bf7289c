"""Objects in place of words, the accuracy's own classes, a metric class."""

import keras
from keras import layers, losses, metrics, optimizers


def network(*ending):
    return keras.Sequential([keras.Input((32,)), layers.Dense(128), layers.ReLU(), *ending])


class MeanPrediction(keras.metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(y_pred, sample_weight)


def binary():
    model = network(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizers.RMSprop(), losses.BinaryCrossentropy(), metrics=[metrics.BinaryAccuracy(), "mae"])
    return model


def multiclass():
    model = network(layers.Dense(10), layers.Softmax())
    model.compile(optimizers.RMSprop(0.001), losses.CategoricalCrossentropy(), metrics=[metrics.CategoricalAccuracy()])
    return model


def regression():
    model = network(layers.Dense(1))
    model.compile("RMSprop", losses.MeanSquaredError(), metrics=[MeanPrediction()])
    return model


def momentum_sgd():
    model = network(layers.Dense(10, activation="softmax"))
    rate = optimizers.schedules.InverseTimeDecay(1e-2, 1000, 1e-3)
    model.compile(optimizers.SGD(rate, 0.9, True), losses.categorical_crossentropy, metrics=["acc"])
    return model
