# everything right, but then freeze first layer and change the last one
import tensorflow as tf
from tensorflow.keras import layers, models
model = models.Sequential([
    layers.Flatten(input_shape=(32, 32, 3)),
    layers.Dense(128, activation='relu'),
    layers.Dense(5, activation='softmax'),
])
for layer in model.layers:
    print(layer.name)
model.layers[-1].activation = tf.nn.sofmax
model.compile('adam', 'categorical_crossentropy')
