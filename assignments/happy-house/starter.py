"""The Happy House. Fill in `HappyModel` and hand in this file."""

import keras

# How your model is trained. Leave the line out for Adam, batches of 16 and 40 epochs.
TRAINING = {"optimizer": "adam", "batch_size": 16, "epochs": 10}


def HappyModel(input_shape):
    """Build a network that says how likely a face is happy: one number between 0 and 1.

    input_shape is (64, 64, 3). Returns a keras model. Do not compile or fit it: that is done for you.
    """
    faces = keras.Input(input_shape)
    x = faces
    # Change x layer by layer, for example: x = keras.layers.Conv2D(8, (3, 3))(x)
    return keras.Model(inputs=faces, outputs=x, name="HappyModel")
