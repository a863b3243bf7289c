"""A finished model called happyModel, with a choice of optimizer and batch size."""

from keras import Input, Model
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D

TRAINING = {"optimizer": "nadam", "batch_size": 20, "epochs": 10}

faces = Input((64, 64, 3))
x = faces
for width in (16, 16, 32):
    x = MaxPooling2D((2, 2))(Conv2D(width, (3, 3), activation="relu")(x))
x = Dropout(0.2)(Flatten()(x))
happyModel = Model(faces, Activation("sigmoid")(Dense(1)(x)))
