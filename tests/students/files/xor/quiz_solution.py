import numpy as np
from keras.utils import np_utils
import tensorflow as tf
# Using TensorFlow 1.0.0; use tf.python_io in later versions
tf.python.control_flow_ops = tf

# Set random seed
np.random.seed(42)

# Our data
X = np.array([[0,0],[0,1],[1,0],[1,1]]).astype('float32')
y = np.array([[0],[1],[1],[0]]).astype('float32')

# Initial Setup for Keras
from keras.models import Sequential
from keras.layers.core import Dense, Activation, Dropout
# One-hot encoding the output
y = np_utils.to_categorical(y)

# Building the model  (8 -> 16 nodes, otherwise it stays at 0.75 sometimes)
xor = Sequential()
xor.add(Dense(16, input_dim=2))
xor.add(Activation("tanh"))
xor.add(Dropout(0.3))
xor.add(Dense(8, activation="relu"))
xor.add(Dropout(0.3))
xor.add(Dense(2))
xor.add(Activation("softmax"))

# Specify loss as "binary_crossentropy", optimizer as "adam",
# and add the accuracy metric
xor.compile(loss="categorical_crossentropy", optimizer="adam", metrics=['accuracy'])

# Uncomment this line to print the model architecture
# xor.summary()

# Fitting the model
history = xor.fit(X, y, epochs=1000, verbose=0)

# Scoring the model
score = xor.evaluate(X, y)
print("\nAccuracy: ", score[-1])

# Checking the predictions
print("\nPredictions:")
print(xor.predict(X))
while history.history['accuracy'][-1] < 0.9:
    history = xor.fit(X, y, epochs=100, verbose=0)
