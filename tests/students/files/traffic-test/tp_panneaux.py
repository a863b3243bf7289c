# -*- coding: utf-8 -*-
# TP réseaux de neurones - panneaux de signalisation
# binôme : L. & M.   (on a galéré avec pickle...)
from __future__ import print_function
import pickle
import numpy as np
import os
os.environ["CUDA_VISIBLE_DEVICES"] = "0"

# chargement des données, chez nous elles sont dans Téléchargements
chemin = "C:/Users/lea/Téléchargements/panneaux.pkl"
with open(chemin, "rb") as f:
    donnees = pickle.load(f)
x_app = donnees["features"]
y_app = donnees["labels"]

from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Dropout, Flatten, Dense, Activation

# le réseau, avec le dropout cette fois
model = Sequential()
model.add(Conv2D(32, (3, 3), input_shape=(32, 32, 3)))
model.add(MaxPooling2D((2, 2)))
model.add(Dropout(0.5))
model.add(Activation("relu"))
model.add(Flatten())
model.add(Dense(128))
model.add(Activation("relu"))
model.add(Dense(5))
model.add(Activation("softmax"))

model.compile("adam", "categorical_crossentropy", ["accuracy"])
# apprentissage : ça prend 2 minutes
histo = model.fit(x_app, y_app, batch_size=128, nb_epoch=20, validation_split=0.2)
print("précision finale : %.2f" % histo.history["val_acc"][-1])

# et maintenant le test !!
with open("C:/Users/lea/Téléchargements/panneaux_test.pkl", "rb") as f:
    test = pickle.load(f)
resultat = model.evaluate(test["features"], test["labels"])
print(resultat)
