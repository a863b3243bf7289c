# XOR gate with keras, homework 2
# data: columns a,b,out
import pandas as pd
import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense, Activation, Dropout
data = pd.read_csv("xor_data.csv", sep=";")
X = data[["a", "b"]].values
y = pd.get_dummies(data["out"]).values
print(X)
print(y)

# ---------- model ------------
model = Sequential()
model.add(Dense(16, input_dim=2))
model.add(Activation("tanh"))
model.add(Dropout(0.3))
#model.add(Dense(32))   too big
model.add(Dense(8))
model.add(Activation("relu"))
model.add(Dropout(0.3))
model.add(Dense(2))
model.add(Activation("softmax"))

model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, y, nb_epoch=100, verbose=0)
score = model.evaluate(X, y)
print("\nAccuracy: ", score[-1])
print(model.predict_classes(X))
