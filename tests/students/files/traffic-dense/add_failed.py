# the quiz asks for 128 and 5, and I want a bit of dropout too
from keras.models import Sequential
from keras.layers import Dense, Flatten, Dropout

model = Sequential()
model.add(Flatten(input_shape=(32, 32, 3)))
model.add(Dense(128, activation='relu'))
model.add(Dropout(50))      # percent
model.add(Dense(5, activation='softmax'))
model.summary()
model.compile('adam', 'categorical_crossentropy', ['accuracy'])
