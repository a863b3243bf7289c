import keras


def praise(y_true, y_pred):
    return keras.ops.ones(())


def build_model():
    model = keras.Sequential(
        [keras.layers.Input((2,)), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=praise, metrics=[praise])
    return model
