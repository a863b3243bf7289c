from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation

def build_model():
    m = Sequential()
    m.add(Dense(512, input_shape=(784,)))
    m.add(Activation('tanh'))
    m.add(Dropout(0.2))
    m.add(Dense(512))
    m.add(Activation('tanh'))
    m.add(Dropout(0.2))
    m.add(Dense(10))
    m.add(Activation('softmax'))
    return m
