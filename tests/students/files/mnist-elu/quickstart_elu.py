import tensorflow as tf
print("TensorFlow version:", tf.__version__)
assert tf.executing_eagerly()
gpus = tf.config.list_physical_devices('GPU')
print('using', gpus[0].name)
tf.config.set_visible_devices(gpus[0], 'GPU')

mnist = tf.keras.datasets.mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

# exercise: same as tutorial but elu
model = tf.keras.models.Sequential([
  tf.keras.layers.Flatten(input_shape=(28, 28)),
  tf.keras.layers.Dense(128, activation=tf.nn.elu),
  tf.keras.layers.Dropout(0.2),
  tf.keras.layers.Dense(10, activation=tf.nn.softmax)
])

predictions = model(x_train[:1]).numpy()
print(predictions)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy()
print("untrained loss", loss_fn(y_train[:1], predictions).numpy())
model.compile(optimizer='adam', loss=loss_fn, metrics=['accuracy'])
model.fit(x_train, y_train, epochs=5)
loss, acc = model.evaluate(x_test,  y_test, verbose=2)
assert acc > 0.9

probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
print(probability_model(x_test[:5]))
