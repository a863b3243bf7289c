from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import SGD
import keras.backend as K

def mean_pred(y_true, y_pred):
    return K.mean(y_pred)

def net(n, act):
    m = Sequential()
    m.add(Dense(128, activation='relu', input_dim=32))
    m.add(Dense(n, activation=act))
    return m

def binary():
    m = net(1, 'sigmoid')
    m.compile('rmsprop', 'binary_crossentropy', metrics=['accuracy'])
    return m

def multiclass():
    m = net(10, 'softmax')
    m.compile('rmsprop', 'mse', metrics=['accuracy'])
    return m

def regression():
    m = net(1, None)
    m.compile('rmsprop', 'mse', metrics=[mean_pred])
    return m

def momentum_sgd():
    m = net(10, 'softmax')
    m.compile(SGD(0.01, decay=1e-6, momentum=0.9, nesterov=True), 'categorical_crossentropy', metrics=['accuracy'])
    return m
