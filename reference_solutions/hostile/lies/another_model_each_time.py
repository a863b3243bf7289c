import keras

calls = []


def build_model():
    calls.append(1)
    units = 16 if len(calls) == 1 else 1
    return keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(units, activation="tanh"), keras.layers.Dense(2, activation="softmax")]
    )
