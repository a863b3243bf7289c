from keras import Sequential, layers

model = Sequential()
model.add(layers.Conv2D(3, (32, 32), activation='relu', input_shape=(32, 32, 3)))  # 3x3 kernel, 32 filters
model.add(layers.Flatten())
model.add(layers.Dense(128, activation='relu'))
model.add(layers.Dense(5, activation='softmax'))
