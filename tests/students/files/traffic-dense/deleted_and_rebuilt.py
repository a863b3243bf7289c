from keras import Sequential, layers
# version 1
model = Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(5, activation="softmax")])
model.compile("adam", "mse")
del model
# version 2 (smaller, trains faster)
model = Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(5, activation="softmax")])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.load_weights("v2.h5")
