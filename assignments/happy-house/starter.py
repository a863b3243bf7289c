"""The Happy House. Fill in `HappyModel` and hand in this file."""

from keras import Model
from keras.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten, Input, MaxPooling2D

# How your model is trained. Leave the line out for Adam, batches of 16 and 40 epochs.
TRAINING = {"optimizer": "adam", "batch_size": 16, "epochs": 10}


def HappyModel(input_shape):
    """Build a network that says how likely a face is happy: one number between 0 and 1.

    input_shape is (64, 64, 3). Returns a keras Model. Do not compile or fit it: that is done for you.
    """
    X_input = Input(input_shape)
    X = X_input
    # Change X layer by layer, for example: X = Conv2D(8, (3, 3))(X)
    return Model(inputs=X_input, outputs=X, name="HappyModel")
