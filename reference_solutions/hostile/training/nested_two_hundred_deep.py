import keras


def build_model():
    model = keras.layers.Dense(2)
    for _ in range(200):
        model = keras.Sequential([keras.layers.Input((2,)), model])
    return model
