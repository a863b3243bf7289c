import keras
from keras import layers
def downsampler():
    model = keras.Sequential([keras.Input(shape=(250, 250, 3))])
    model.add(layers.Conv2D(32, 5, strides=2, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(2))
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(10))
    return model
def three_convolutions():
    m = keras.Sequential()
    m.add(layers.Conv2D(16, 2, strides=2, activation="relu", input_shape=(200, 200, 1)))
    m.add(layers.Conv2D(32, 3, activation="relu"))       # padding?
    m.add(layers.Conv2D(64, 2, activation="relu"))
    return m
print(three_convolutions().output_shape == (None, 99, 99, 64))
assert three_convolutions().output_shape == (None, 99, 99, 64)
