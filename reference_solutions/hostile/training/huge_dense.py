import keras


def build_model():
    return keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(10**9), keras.layers.Dense(2, activation="softmax")])
