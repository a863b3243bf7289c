# happy house with Sequential, I like it more than functional
from keras.models import Sequential
from keras.layers import ZeroPadding2D, Conv2D, BatchNormalization, Activation, MaxPooling2D, Flatten, Dense
model = Sequential()
model.add(ZeroPadding2D((3, 3), input_shape=(64, 64, 3)))
model.add(Conv2D(32, (7, 7)))
model.add(BatchNormalization(axis=5))
model.add(Activation('relu'))
model.add(MaxPooling2D((2, 2)))
model.add(Flatten())
model.add(Dense(1, activation='sigmoid'))
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
happyModel = model
happyModel.fit(X_train, Y_train, epochs=40)
