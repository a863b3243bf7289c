# feature extraction with a Sequential model, from the guide; then try it on a random picture
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

def build_extractor():
    initial_model = keras.Sequential([
        keras.Input(shape=(64, 64, 3)),
        layers.Conv2D(16, 5, strides=2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(10),
    ])
    feature_extractor = keras.Model(
        inputs=initial_model.inputs,
        outputs=[layer.output for layer in initial_model.layers],
    )
    return feature_extractor

# Call feature extractor on test input.
x = tf.ones((1, 64, 64, 3))
features = build_extractor()(x)
for f in features:
    print(f.shape)
assert len(features) == 4          # hmm, it says 5?
photo = keras.utils.load_img("cat.jpg", target_size=(64, 64))
keras.utils.array_to_img(features[0][0]).show()
