"""A finished model called happyModel, with another optimizer and a little dropout."""

from keras import Input, Model
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D

TRAINING = {"optimizer": "nadam", "batch_size": 8, "epochs": 30}

faces = Input((64, 64, 3))
x = Conv2D(16, (5, 5), strides=2, activation="relu")(faces)
x = Dropout(0.2)(Flatten()(MaxPooling2D((2, 2))(x)))
happyModel = Model(faces, Activation("sigmoid")(Dense(1)(x)))
