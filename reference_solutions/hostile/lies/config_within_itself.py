import keras


class Dense(keras.layers.Dense):
    def get_config(self):
        config = super().get_config()
        config["kernel_initializer"] = config["config"] = config
        return config


def build_model():
    return keras.Sequential([keras.layers.Input((2,)), Dense(16, activation="tanh"), keras.layers.Dense(2, activation="softmax")])
