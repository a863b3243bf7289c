"""bad_code: the document's mistake as it stands: the dropouts are added to a model that does not exist."""

from keras.layers import Dense, Dropout
from keras.models import Sequential

xor = Sequential()
xor.add(Dense(16, input_dim=2, activation="tanh"))
model.add(Dropout(0.3))
xor.add(Dense(8, activation="relu"))
model.add(Dropout(0.3))
xor.add(Dense(2, activation="softmax"))
