"""The Happy House as a student trains it, for as many epochs as are asked for; tells what `fit` alone took."""

import os
import sys
import time

import numpy as np
from document import HappyModel

with np.load("happy.npz") as data:
    pictures, labels = data["pictures"], data["labels"]

epochs, batch_size, validation_split = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
model = HappyModel((64, 64, 3))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
start, before = time.monotonic(), os.times()
model.fit(
    pictures,
    labels,
    epochs=epochs,
    batch_size=batch_size,
    validation_split=validation_split,
    verbose=0,
)
after = os.times()
print(after.user + after.system - before.user - before.system, time.monotonic() - start)
