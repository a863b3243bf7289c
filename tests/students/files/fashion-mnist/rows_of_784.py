import tensorflow as tf

def build_model():
    # images are already flat in my pipeline (reshape(-1, 784))
    net = tf.keras.Sequential()
    net.add(tf.keras.layers.Input(shape=(784,)))
    net.add(tf.keras.layers.Dense(128, activation="relu"))
    net.add(tf.keras.layers.Dense(10))
    return net
