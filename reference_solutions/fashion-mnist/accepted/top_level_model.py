"""A model at the top level, in the functional way, with a linear activation written out."""

from keras import Input, Model
from keras.layers import Dense, Flatten, ReLU

pictures = Input((28, 28))
hidden = ReLU()(Dense(128)(Flatten()(pictures)))
model = Model(pictures, Dense(10, activation="linear", name="logits")(hidden))
