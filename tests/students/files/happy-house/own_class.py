import keras
from keras import layers

class HappyModel(keras.Model):
    def __init__(self, input_shape):
        super().__init__()
        self.c = layers.Conv2D(16, 3, activation='relu')
        self.p = layers.MaxPooling2D(4)
        self.f = layers.Flatten()
        self.d = layers.Dense(1, activation='sigmoid')

    def call(self, x):
        return self.d(self.f(self.p(self.c(x))))
