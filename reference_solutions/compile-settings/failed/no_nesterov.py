"""momentum_sgd: without Nesterov."""

import keras
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD
from keras.optimizers.schedules import InverseTimeDecay


def network(units, activation=None):
    model = Sequential()
    model.add(Dense(128, input_dim=32, activation="relu"))
    model.add(Dense(units, activation=activation))
    return model


def mean_prediction(y_true, y_pred):
    return keras.ops.mean(y_pred)


def binary():
    model = network(1, "sigmoid")
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def multiclass():
    model = network(10, "softmax")
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def regression():
    model = network(1)
    model.compile(optimizer="rmsprop", loss="mse", metrics=[mean_prediction])
    return model


def momentum_sgd():
    model = network(10, "softmax")
    rate = InverseTimeDecay(0.01, decay_steps=1, decay_rate=1e-6)
    sgd = SGD(learning_rate=rate, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
    return model
