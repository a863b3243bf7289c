# hyper parameter search, takes all night!!
import numpy as np
from sklearn.model_selection import GridSearchCV
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers import Dense, Dropout

def build_model(optimizer='rmsprop', dropout=0.2):
    model = Sequential()
    model.add(Dense(512, activation='relu', input_shape=(784,)))
    model.add(Dropout(dropout))
    model.add(Dense(512, activation='relu'))
    model.add(Dropout(dropout))
    model.add(Dense(10, activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer=optimizer, metrics=['accuracy'])
    return model

from keras.wrappers.scikit_learn import KerasClassifier
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 784) / 255.
model = KerasClassifier(build_fn=build_model, verbose=0)
param_grid = dict(optimizer=['sgd', 'rmsprop', 'adam'], epochs=[5, 10], batch_size=[32, 128])
grid = GridSearchCV(estimator=model, param_grid=param_grid, n_jobs=-1, cv=3)
grid_result = grid.fit(x_train, y_train)
print("Best: %f using %s" % (grid_result.best_score_, grid_result.best_params_))
means = grid_result.cv_results_['mean_test_score']
for mean, param in zip(means, grid_result.cv_results_['params']):
    print("%f with: %r" % (mean, param))
