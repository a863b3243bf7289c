import keras


def build_model():
    inputs = keras.Input((2,))
    layer, x = keras.layers.Dense(2), inputs
    for _ in range(300):
        x = layer(x)
    return keras.Model(inputs, x)
