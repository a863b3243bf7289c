from keras import layers, models

def define_and_print():
    net = models.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(32, 3, activation='relu'), layers.Conv2D(64, 3, activation='relu'), layers.MaxPooling2D(), layers.Dropout(.25), layers.Flatten(), layers.Dense(128, activation='relu'), layers.Dropout(.5), layers.Dense(10, activation='softmax')])
    net.summary()

define_and_print()
