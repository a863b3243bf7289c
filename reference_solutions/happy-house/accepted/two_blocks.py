"""Two blocks of convolution, batch normalization, ReLU and max pooling, added one by one."""

from keras import Sequential, layers


def happyModel(input_shape):
    model = Sequential()
    model.add(layers.Input(input_shape))
    for filters in (8, 16):
        model.add(layers.Conv2D(filters, (3, 3), padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
