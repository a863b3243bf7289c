import keras
from keras import layers

def outputs_of(model):
    return outputs_of(model)

def build_extractor():
    model = keras.Sequential([keras.Input((64, 64, 3)), layers.Conv2D(16, 5, strides=2, activation="relu"), layers.MaxPooling2D(2), layers.Conv2D(32, 3, activation="relu"), layers.GlobalMaxPooling2D(), layers.Dense(10)])
    return keras.Model(model.inputs, outputs_of(model))
