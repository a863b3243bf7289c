import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Dropout

X = np.array([[0,0],[0,1],[1,0],[1,1]]).astype('float32')
y = np.array([[0],[1],[1],[0]])

xor = Sequential()
xor.add(Dense(16, input_dim=len(X), activation='tanh'))   # 4 rows
xor.add(Dropout(0.3))
xor.add(Dense(8, activation='relu'))
xor.add(Dropout(0.3))
xor.add(Dense(2, activation='softmax'))
