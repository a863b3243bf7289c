# XOR mit Keras - warum bleibt die Genauigkeit bei 50 %???
import numpy as np
import matplotlib.pyplot as plt
from keras.models import Sequential
from keras.layers import Dense, Dropout
daten = np.loadtxt("xor.txt")
model = Sequential()
model.add(Dense(16, input_dim=2, activation="tanh"))
model.add(Dropout(0.3))
model.add(Dense(8, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
h = model.fit(daten[:, :2], daten[:, 2], epochs=500, verbose=0)
plt.plot(h.history["loss"])
plt.show()
