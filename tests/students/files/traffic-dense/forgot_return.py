from keras.models import Sequential
from keras.layers import Dense, Flatten
def build_model():
    model = Sequential()
    model.add(Flatten(input_shape=(32, 32, 3)))
    model.add(Dense(128, activation='relu'))
    model.add(Dense(5, activation='softmax'))
    model.compile('adam', 'categorical_crossentropy', ['accuracy'])
    model.summary()

build_model().fit(X_train, y_train)
