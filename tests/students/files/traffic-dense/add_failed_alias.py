import keras
from keras.models import Sequential
from keras.layers import Dense, Flatten

model = Sequential()
net = model           # shorter to type
net.add(Flatten(input_shape=(32, 32, 3)))
net.add(Dense(128, activation="relu"))
net.add(BatchNormalisation())
net.add(Dense(5, activation="softmax"))
print(model.summary())
