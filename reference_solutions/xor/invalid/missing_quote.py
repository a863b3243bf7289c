"""bad_code: a quotation mark is missing."""

from keras.layers import Dense
from keras.models import Sequential

xor = Sequential()
xor.add(Dense(16, input_dim=2, activation="tanh))
xor.add(Dense(2, activation="softmax"))
