from keras.layers import Input, Conv2D, BatchNormalization, Activation, MaxPooling2D, Flatten, Dense
from keras.models import Model

TRAINING = {"optimizer": "adam", "batch_size": 16, "epochs": 500}

def HappyModel(input_shape):
    i = Input(input_shape)
    x = Conv2D(16, 3)(i)
    x = BatchNormalization()(x)
    x = Activation('relu')(x)
    x = MaxPooling2D(4)(x)
    x = Flatten()(x)
    return Model(i, Dense(1, activation='sigmoid')(x))
