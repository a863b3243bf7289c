from keras.models import Sequential
from keras.layers.core import Dense, Dropout

xor = Sequential()
xor.add(Dense(16, input_dim=2, activation='tanh'))
xor.add(Dropout(0.3))
xor.add(Dense(8, activation='sigmoid'))
xor.add(Dropout(0.3))
xor.add(Dense(2, activation='softmax'))
