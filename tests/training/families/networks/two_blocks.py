"""Two blocks of convolution, normalization, ReLU and pooling."""

from keras import Input, Model, layers


def HappyModel(input_shape):
    faces = x = Input(input_shape)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D(2)(x)
    return Model(faces, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))
