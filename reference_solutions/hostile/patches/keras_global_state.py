import keras

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("mixed_float16")
keras.config.enable_unsafe_deserialization()
keras.utils.set_random_seed(7)


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
