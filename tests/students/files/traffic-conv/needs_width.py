from keras import Sequential, layers

def build_model(width, height, classes):
    model = Sequential()
    model.add(layers.Conv2D(32, 3, activation='relu', input_shape=(height, width, 3)))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation='relu'))
    model.add(layers.Dense(classes, activation='softmax'))
    return model

if __name__ == '__main__':
    build_model(32, 32, 5).summary()
