import keras

TRAINING = {"epochs": 1_000_000, "callbacks": "os.system", "data": "/etc/passwd", "seed": 7}


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
