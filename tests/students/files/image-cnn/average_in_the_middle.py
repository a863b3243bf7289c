from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense

model = Sequential()
model.add(Conv2D(16, 2, padding='same', activation='relu', input_shape=(32, 32, 3)))
model.add(MaxPooling2D(2))
model.add(Conv2D(32, 2, padding='same', activation='relu'))
model.add(AveragePooling2D(2))
model.add(Conv2D(64, 2, padding='same', activation='relu'))
model.add(MaxPooling2D(2))
model.add(Flatten())
model.add(Dense(500, activation='relu'))
model.add(Dense(10, activation='softmax'))
