from tensorflow import keras
from tensorflow.keras import layers

def downsampler():
    model = keras.Sequential()
    model.add(keras.Input(shape=(250, 250, 3)))
    model.add(layers.Conv2D(32, 5, strides=2, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling(2))
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(10))
    return model

def three_convolutions():
    model = keras.Sequential()
    model.add(layers.Conv2D(16, 2, padding="same", activation="relu", input_shape=(200, 200, 1)))
    model.add(layers.Conv2D(32, 3, strides=2, padding="valid", activation="relu"))
    model.add(layers.Conv2D(64, 2, activation="relu"))
    return model
