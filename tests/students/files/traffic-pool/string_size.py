from keras import Sequential, layers

n_classes = input("how many classes? ")

def build_model():
    model = Sequential()
    model.add(layers.Conv2D(32, 3, input_shape=(32, 32, 3)))
    model.add(layers.MaxPooling2D())
    model.add(layers.Activation("relu"))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(n_classes, activation="softmax"))
    return model
