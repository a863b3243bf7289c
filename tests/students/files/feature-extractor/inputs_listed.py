import keras
from keras import layers

base = keras.Sequential([
    keras.Input(shape=(64, 64, 3)),
    layers.Conv2D(16, 5, strides=2, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(32, 3, activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10),
])
feature_extractor = keras.Model(inputs=base.inputs, outputs=[layer.output for layer in base.layers])
