from keras.models import Sequential
from keras.layers import Dense, Flatten
from utils import conv_block

model = Sequential()
for filters in (16, 32, 64):
    conv_block(model, filters)
model.add(Flatten())
model.add(Dense(500, activation='relu'))
model.add(Dense(10, activation='softmax'))
