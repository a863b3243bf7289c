import keras


def build_model():
    nothing = keras.initializers.Constant(float("nan"))
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(16, activation="tanh", kernel_initializer=nothing, bias_initializer=keras.initializers.Constant(float("inf"))),
            keras.layers.Dense(2, activation="softmax", kernel_initializer=keras.initializers.RandomNormal(stddev=float("inf"))),
        ]
    )
