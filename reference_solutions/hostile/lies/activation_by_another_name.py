import keras


def tanh(x):
    return x * 0


tanh.__module__ = "keras.src.activations.activations"
tanh.__qualname__ = "tanh"
tanh.__doc__ = keras.activations.tanh.__doc__


def build_model():
    return keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(16, activation=tanh), keras.layers.Dense(2, activation="softmax")]
    )
