#!/usr/bin/env python3
"""Train the XOR network.  usage: train_cli.py OUTPUT [--epochs N]"""
import argparse
import json
import pathlib
import time

import numpy
from keras import Sequential
from keras.layers import Dense, Dropout, Input


def build_model(hidden=(16, 8), rate=0.3):
    m = Sequential()
    m.add(Input((2,)))
    for n, act in zip(hidden, ("tanh", "relu")):
        m.add(Dense(n, activation=act))
        m.add(Dropout(rate))
    m.add(Dense(2, activation="softmax"))
    return m


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("output", type=pathlib.Path)
parser.add_argument("--epochs", type=int, default=500)
options = parser.parse_args()

net = build_model()
net.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
points = numpy.array([[0, 0], [0, 1], [1, 0], [1, 1]])
begin = time.time()
log = net.fit(points, numpy.eye(2)[[0, 1, 1, 0]], epochs=options.epochs, verbose=0)
options.output.write_text(json.dumps(log.history))
print(f"took {time.time() - begin:.1f} s, final {log.history['accuracy'][-1]:.0%}")
