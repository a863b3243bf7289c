"""bad_code: keras is used but not imported."""

def build_model():
    return keras.Sequential([keras.layers.Flatten(input_shape=(28, 28)), keras.layers.Dense(10)])
