# "getting started with the sequential model", all four snippets as functions
import numpy as np
import keras
from keras import backend as K
from keras.models import Sequential
from keras.layers import Dense, Activation
from keras.optimizers import SGD

def mlp(out):
    model = Sequential([
        Dense(128, input_shape=(32,)),
        Activation('relu'),
        Dense(out),
    ])
    return model

# For a binary classification problem
def binary():
    model = mlp(1)
    model.add(Activation('sigmoid'))
    model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy'])
    return model

# For a multi-class classification problem
def multiclass():
    model = mlp(10)
    model.add(Activation('softmax'))
    model.compile(optimizer='rmsprop', loss='categorical_crossentropy', metrics=['accuracy'])
    return model

# For custom metrics
def mean_pred(y_true, y_pred):
    return K.mean(y_pred)

# For a mean squared error regression problem
def regression():
    model = mlp(1)
    model.compile('rmsprop', 'mse', [mean_pred])
    return model

def momentum_sgd():
    model = mlp(10)
    model.add(Activation('softmax'))
    sgd = SGD(lr=0.01, decay=1e-6, momentum=0.9, nesterov=True)
    model.compile(loss='categorical_crossentropy', optimizer=sgd, metrics=['accuracy'])
    return model

data = np.random.random((1000, 32))
labels = np.random.randint(2, size=(1000, 1))
m = binary()
m.fit(data, labels, nb_epoch=10, batch_size=32)
labels = np.random.randint(10, size=(1000, 1))
one_hot_labels = keras.utils.np_utils.to_categorical(labels, num_classes=10)
multiclass().fit(data, one_hot_labels, epochs=10, batch_size=32)
keras.utils.multi_gpu_model(m, gpus=8)
