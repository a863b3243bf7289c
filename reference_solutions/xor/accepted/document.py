"""As the document prints it, with its mistake corrected: every layer is added to xor."""

from keras.layers import Dense, Dropout
from keras.models import Sequential

xor = Sequential()
xor.add(Dense(16, input_dim=2, activation="tanh"))
xor.add(Dropout(0.3))
xor.add(Dense(8, activation="relu"))
xor.add(Dropout(0.3))
xor.add(Dense(2, activation="softmax"))
