import keras
from keras import layers

# every layer gets relu like in class
def build_extractor():
    m = keras.Sequential([
        keras.Input((64, 64, 3)),
        layers.Conv2D(16, 5, strides=2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(10, activation="relu"),
    ])
    return keras.Model(inputs=m.inputs, outputs=[l.output for l in m.layers])
