"""accurate: the mean colour of a picture does not tell whether a face is happy."""
from keras.layers import Activation, Dense, GlobalAveragePooling2D, Input
from keras.models import Model


def HappyModel(input_shape):
    picture = Input(input_shape)
    colour = GlobalAveragePooling2D()(picture)
    happy = Activation("sigmoid")(Dense(1)(colour))
    return Model(picture, happy)
