import keras


class Slow(keras.layers.Dense):
    @property
    def trainable(self):
        while True:
            pass


def build_model():
    return keras.Sequential([keras.layers.Input((2,)), Slow(2)])
