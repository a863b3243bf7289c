from keras.layers import Input, Conv2D, Flatten, Dense, MaxPooling2D
from keras.models import Model

def HappyModel(input_shape):
    i = Input(input_shape)
    x = Conv2D(16, 3, activation='relu')(i)
    x = MaxPooling2D(4)(x)
    x = Flatten()(x)
    x = Dense(1, activation='sigmoid')(x)
    model = Model(i, x)
    return model, i, x
