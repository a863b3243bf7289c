from keras.models import Sequential
from keras.layers import Dense, Dropout

def build_model():
    xor = Sequential()
	xor.add(Dense(16, input_dim=2, activation="tanh"))
    xor.add(Dropout(0.3))
    xor.add(Dense(8, activation="relu"))
    xor.add(Dropout(0.3))
    xor.add(Dense(2, activation="softmax"))
    return xor
