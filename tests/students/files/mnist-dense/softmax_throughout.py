from keras.models import Sequential
from keras.layers import Dense, Dropout

model = Sequential()
model.add(Dense(512, activation='softmax', input_shape=(784,)))
model.add(Dropout(0.2))
model.add(Dense(512, activation='softmax'))
model.add(Dropout(0.2))
model.add(Dense(10, activation='softmax'))
