import keras


def build_model():
    model = keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(2, activation="softmax")]
    )
    model.trainable = False
    return model
