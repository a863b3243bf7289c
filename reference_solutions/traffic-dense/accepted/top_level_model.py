"""A script without a function: the model stands at the top level, compiled and all."""

from keras.layers import Dense, Flatten, InputLayer
from keras.models import Sequential

model = Sequential()
model.add(InputLayer(shape=(32, 32, 3)))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dense(5, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
