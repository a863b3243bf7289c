import keras
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import SGD
import keras.backend as K
def make(n, a=None):
    m = Sequential()
    m.add(Dense(128, input_dim=32, activation='relu'))
    m.add(Dense(n, activation=a))
    return m
def binary():
    m = make(1, 'sigmoid'); m.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy']); return m
def multiclass():
    m = make(10, 'softmax'); m.compile(optimizer='rmsprop', loss='categorical_crossentropy', metrics=['accuracy']); return m
def mean_pred(a, b):
    return K.mean(b)
def regression():
    m = make(1); m.compile(optimizer='rmsprop', loss='mse', metrics=[mean_pred]); return m
def momentum_sgd():
    m = make(10, 'softmax')
    m.compile(loss='categorical_crossentropy', optimizer=SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True), metrics=['accuracy'])
    return m
