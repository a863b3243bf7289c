import keras
from keras import layers

sizes = [128]

def build_model():
    model = keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten()])
    for i in range(2):
        model.add(layers.Dense(sizes[i], activation="relu"))
    model.add(layers.Dense(5, activation="softmax"))
    return model
