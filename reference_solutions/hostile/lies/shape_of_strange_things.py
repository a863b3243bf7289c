import keras


def build_model():
    for shape in ((-2,), (True,), ("2",), (None,), (2.0,), (2**40,), (), ((2,),)):
        try:
            made = keras.Sequential([keras.layers.Input(shape), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(2)])
        except Exception:
            continue
        return made
