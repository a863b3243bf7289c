import keras


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Lambda(lambda x: keras.ops.one_hot(keras.ops.cast(x[:, 0] * x[:, 1] < 0, "int32"), 2), output_shape=(2,)),
        ]
    )
