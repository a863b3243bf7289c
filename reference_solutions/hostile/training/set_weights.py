import keras


def build_model():
    model = keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(2, activation="softmax")]
    )
    model.set_weights([weight * 0 + 7 for weight in model.get_weights()])
    return model
