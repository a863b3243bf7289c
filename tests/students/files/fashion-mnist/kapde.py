# fashion mnist ka assignment -- roll no 42
# pehle data load karna hai, phir model banana hai
import os
os.environ['KERAS_BACKEND'] = 'tensorflow'
import cv2
import numpy as np
from tensorflow import keras
from helper_functions import plot_kapde   # sir ne diya tha

(x, y), (xt, yt) = keras.datasets.fashion_mnist.load_data()
x = x / 255.0      # normalize karna mat bhoolna!!
xt = xt / 255.0

# model yahan banega
def build_model():
    # bhai flatten zaroori hai warna error aayega
    m = keras.Sequential()
    m.add(keras.layers.Flatten(input_shape=(28, 28)))
    m.add(keras.layers.Dense(128, activation='relu'))
    # softmax nahi lagana, logits chahiye (from_logits=True)
    m.add(keras.layers.Dense(10))
    return m

model = build_model()
model.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True), ['accuracy'])
hist = model.fit(x, y, epochs=10, validation_data=(xt, yt))
plot_kapde(hist)
cv2.imshow("ek photo", x[0])
cv2.waitKey(0)
cv2.destroyAllWindows()
