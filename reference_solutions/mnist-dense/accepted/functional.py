"""The functional way, with activations as layers and dropout before ReLU."""

from keras import Input, Model
from keras.layers import Activation, Dense, Dropout

digits = Input((784,))
x = digits
for _ in range(2):
    x = Dense(512)(x)
    x = Dropout(0.2)(x)
    x = Activation("relu")(x)
model = Model(digits, Activation("softmax")(Dense(10)(x)))
