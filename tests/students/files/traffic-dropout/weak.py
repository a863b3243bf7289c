# TP 3, dropout : 0.25 marche mieux chez moi que 0.5
from keras.models import *
from keras.layers import *
import notre_module
def build_model():
    m = Sequential()
    m.add(Conv2D(32, (3, 3), input_shape=(32, 32, 3)))
    m.add(MaxPooling2D((2, 2)))
    m.add(Dropout(0.25))
    m.add(Activation('relu'))
    m.add(Flatten())
    m.add(Dense(128, activation='relu'))
    m.add(Dense(5, activation='softmax'))
    return m
notre_module.montre(build_model())
