from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential

def build_model():
    model = Sequential()
    for i, f in enumerate([16, 32, 64]):
        extra = dict(input_shape=(32, 32, 3)) if i == 0 else {}
        model.add(Conv2D(filters=f, kernel_size=3, padding='same', activation='relu', **extra))
        model.add(MaxPooling2D(pool_size=2))
    model.add(Flatten())
    model.add(Dense(500, activation='relu'))
    model.add(Dense(10, activation='softmax'))
    return model
