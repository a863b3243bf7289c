"""Keras: shapes of convolutions. Complete both functions and hand in this file."""

import keras


def downsampler():
    """Bring pictures of 250 × 250 × 3 down to 4 × 4 places, then to 10 numbers."""
    model = keras.Sequential()
    model.add(keras.Input((250, 250, 3)))
    # Add the layers here, and look at model.summary() after each pooling.
    return model


def three_convolutions():
    """Put three convolutions on grey pictures of 200 × 200."""
    model = keras.Sequential()
    model.add(keras.Input((200, 200, 1)))
    # Add the three convolutions here.
    return model
