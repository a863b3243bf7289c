import keras


def build_model():
    for kind in ("object", "string", "float8_e4m3fn", "complex128", "../../etc/passwd", "int8"):
        try:
            made = keras.Sequential(
                [keras.layers.Input((2,), dtype=kind), keras.layers.Dense(16, activation="tanh", dtype=kind), keras.layers.Dense(2, activation="softmax")]
            )
        except Exception:
            continue
        return made
    return None
