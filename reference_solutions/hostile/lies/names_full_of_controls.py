import keras


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,), name="=HYPERLINK(1)"),
            keras.layers.Dense(16, activation="tanh", name="<img src=x onerror=alert(1)>\x1b[2J\u202e\x00"),
            keras.layers.Dense(2, activation="softmax", name="@SUM(1)" * 10_000),
        ],
        name="Nice work!\nLooks good!",
    )
