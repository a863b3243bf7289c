import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense, Dropout
xor = Sequential()
xor.add(Dense(16, input_dim=2, activation="tanh"))
xor.add(Dropout(0.3))
xor.add(Dense(8, activation="relu"))
xor.add(Dropout(0.3))
xor.add(Dense(2, activation="softmax"))
X = np.array([[0,0],[0,1],[1,0],[1,1]])
print "Predictions:"
print xor.predict(X)
