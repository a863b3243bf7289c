from keras import Sequential
from keras.layers import Conv2D, Flatten, Dense

def build_model():
    return Sequential([
        Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)),
        Dense(128, activation='relu'),
        Flatten(),
        Dense(5, activation='softmax'),
    ])
