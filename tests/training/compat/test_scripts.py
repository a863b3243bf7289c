"""Small scripts in old spellings, each in a fork of one process that has TensorFlow, as in the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.training.compat import loose
from workers.guest.compat.figures import TESTING, TRAINING, figure

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[3]

RUNNER = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from workers.guest import preload, student
from workers.guest.job import Job, Limits
preload.imports()
from workers.guest import compiled, describe
sys.modules |= {"guest_describe": describe, "guest_compiled": compiled}
limits = Limits(10, 60, 512, 32, 16, 1000, 10_000, 10_000)
for name, source in json.load(sys.stdin).items():
    if os.fork() == 0:
        os.makedirs(name)
        os.chdir(name)
        os.dup2(os.open("stdout", os.O_WRONLY | os.O_CREAT), 1)
        claim = student.claim(Job("n", source, (), limits, preload=True))
        student.flush_output()
        with open("claim", "wb") as file:
            file.write(student.encoded(claim))
        os._exit(0)
    os.wait()
"""

WORKS = {
    "a convolution of keras 1": """
from keras.models import Sequential
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.layers.core import Dense, Dropout, Activation, Flatten
model = Sequential()
model.add(Convolution2D(32, 3, 3, border_mode="same", input_shape=(28, 28, 1), dim_ordering="tf", init="uniform"))
model.add(Convolution2D(nb_filter=16, nb_row=5, nb_col=3, subsample=(2, 2)))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode="valid"))
model.add(Dropout(p=0.25))
model.add(Flatten())
model.add(Dense(output_dim=10, bias=False))
first, second, pool, drop, flat, dense = [layer.get_config() for layer in model.layers]
assert first["kernel_size"] == (3, 3) and first["strides"] == (1, 1) and first["padding"] == "same", first
assert first["data_format"] == "channels_last"
assert first["kernel_initializer"]["class_name"] == "RandomUniform"
assert second["kernel_size"] == (5, 3) and second["strides"] == (2, 2) and second["filters"] == 16, second
assert drop["rate"] == 0.25 and dense["units"] == 10 and dense["use_bias"] is False
""",
    "the quiz of 2017": """
import tensorflow as tf
tf.python.control_flow_ops = tf
from keras.models import Sequential
from keras.layers.convolutional import Convolution2D, Conv2D as Same
from keras.layers import Conv2D
import keras
layer = Convolution2D(32, 3, 3, input_shape=(32, 32, 3))
assert layer.kernel_size == (3, 3) and layer.strides == (1, 1) and type(layer) is Conv2D
assert isinstance(layer, Convolution2D) and Same(8, 5, 5).kernel_size == (5, 5)
assert keras.layers.Convolution2D(32, 3).kernel_size == (3, 3)
assert Convolution2D(32, (3, 3), 2).strides == (2, 2) and Convolution2D(filters=3, kernel_size=1).filters == 3
class Mine(Convolution2D):
    pass
assert isinstance(Mine(3, 3), Conv2D) and Mine(3, 3).strides == (1, 1)
""",
    "the keras inside tensorflow": """
from tensorflow.python.keras import Sequential
from tensorflow.python.keras.layers import Dense
import keras
assert Sequential is keras.Sequential and Dense is keras.layers.Dense
""",
    "keras out of tensorflow.python": """
from tensorflow.python import framework, keras as inner
from tensorflow.python.keras import layers
import keras
assert inner.Sequential is keras.Sequential and layers.Dense is keras.layers.Dense
assert framework.__name__ == "tensorflow.python.framework"
""",
    "a mean without a window": """
from keras.layers import AveragePooling1D, AveragePooling2D, AveragePooling3D
import keras
assert AveragePooling2D().pool_size == (2, 2) and AveragePooling2D(strides=1).strides == (1, 1)
assert AveragePooling1D(pool_length=3).pool_size == (3,) and AveragePooling3D(4).pool_size == (4, 4, 4)
assert AveragePooling2D.from_config(AveragePooling2D(3).get_config()).pool_size == (3, 3)
""",
    "a notebook saved as a script": """
get_ipython().run_line_magic("matplotlib", "inline")
get_ipython().magic("matplotlib inline")
display(3)
import os
os.chdir(os.path.dirname(os.path.abspath(__file__)))
""",
    "a kernel is no stride": """
from keras.layers import Conv2D
assert Conv2D(32, 3, 3).strides == (3, 3)
assert Conv2D(32, (3, 3)).strides == (1, 1)
""",
    "a batch shape": """
import keras
model = keras.Sequential([keras.layers.Dense(3, batch_input_shape=(None, 5))])
assert model.input_shape == (None, 5)
""",
    "positional metrics and nb_epoch": """
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
model = Sequential([Dense(2, input_dim=3, activation="softmax")])
model.compile("adam", "categorical_crossentropy", ["accuracy"])
history = model.fit(np.zeros((10, 3)), np.eye(2)[[0, 1] * 5], nb_epoch=4, validation_split=0.2, show_accuracy=True)
assert set(history.history) == {"loss", "acc", "accuracy", "val_loss", "val_acc", "val_accuracy"}, history.history
assert all(len(values) == 4 for values in history.history.values())
assert history.history["acc"] == sorted(history.history["acc"]) and all(map(np.isfinite, history.history["loss"]))
assert history.epoch == [0, 1, 2, 3] and model.history is history
""",
    "loss weights are no metrics": """
import keras
model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
model.compile("adam", "mse", [0.5])
assert model._compile_config.config["loss_weights"] == [0.5]
""",
    "optimizers": """
from keras.optimizers import SGD, Adam, adam, RMSprop
import keras
sgd = SGD(lr=0.5, decay=1e-6, momentum=0.9, nesterov=True)
assert type(sgd._learning_rate).__name__ == "InverseTimeDecay", sgd._learning_rate
assert sgd._learning_rate.get_config()["decay_rate"] == 1e-6
assert abs(float(Adam(lr=0.25).learning_rate) - 0.25) < 1e-6
assert type(adam(lr=0.1)) is Adam and type(keras.optimizers.legacy.Adam()) is Adam
optimizer = RMSprop(lr=1, epsilon=None)
assert float(optimizer.lr) == 1.0
optimizer.lr = 0.5
keras.backend.set_value(optimizer.lr, 0.125)
assert keras.backend.get_value(optimizer.learning_rate) == 0.125
""",
    "modules that are gone": """
import keras
from keras.utils import np_utils, layer_utils
from keras.utils.vis_utils import plot_model, model_to_dot
from keras.utils.data_utils import get_file
from keras.layers.normalization import BatchNormalization
from keras.layers.pooling import AveragePooling2D
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.merge import concatenate
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM
from keras.engine.topology import Layer
from keras.engine.training import Model
from keras.objectives import mean_squared_error
from keras.applications.imagenet_utils import preprocess_input
from keras.preprocessing.text import Tokenizer
from keras.preprocessing import image
assert np_utils.to_categorical([1, 2]).shape == (2, 3)
assert keras.utils.np_utils is np_utils
assert keras.layers.core.Dense is keras.layers.Dense and Layer is keras.Layer and Model is keras.Model
""",
    "the same by tensorflow": """
import tensorflow as tf
from tensorflow.keras.layers.experimental import preprocessing
from tensorflow.keras.layers.experimental.preprocessing import Rescaling
from tensorflow.keras.utils import np_utils
from tensorflow.keras import backend as K
import keras
assert preprocessing.Rescaling is keras.layers.Rescaling is Rescaling
assert tf.keras.layers.core.Dense is keras.layers.Dense
assert float(K.std(tf.constant([1.0, 3.0]))) == 1.0
model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_dim=3)])
model.compile(tf.keras.optimizers.Adam(lr=0.5), "mse", ["acc"])
""",
    "the old backend": """
import keras.backend as K
import tensorflow as tf, numpy as np, keras
K.set_image_data_format("channels_last")
K.set_image_dim_ordering("tf")
assert K.image_dim_ordering() == "tf" and K.learning_phase() == 0
x = tf.constant([[1.0, 3.0]])
assert float(K.std(x)) == 1.0 and float(K.mean(x)) == 2.0 and K.square(x).shape == (1, 2)
model = keras.Sequential([keras.layers.Dense(4, input_shape=(3,)), keras.layers.Dense(2)])
hidden = K.function([model.layers[0].input, K.learning_phase()], [model.layers[0].output])
assert hidden([np.zeros((5, 3), "float32"), 0])[0].shape == (5, 4)
""",
    "sequences": """
from keras.layers import LSTM, Embedding, Dense, GRU
from keras.models import Sequential
from keras.utils.np_utils import to_categorical
model = Sequential([LSTM(4, input_dim=3, input_length=7, inner_activation="hard_sigmoid", implementation=2), Dense(2)])
assert model.input_shape == (None, 7, 3) and model.output_shape == (None, 2)
assert Embedding(10, 4, input_length=5, init="normal").output_dim == 4
assert GRU(output_dim=3, return_sequences=True).units == 3
assert to_categorical([0, 1], nb_classes=5).shape == (2, 5)
""",
    "merging": """
from keras.layers import merge, Input, Dense
from keras.models import Model
a = Input((3,))
b = merge([Dense(2)(a), Dense(2)(a)], mode="concat")
c = merge([b, b], mode="sum")
model = Model(input=a, output=c)
assert model.output_shape == (None, 4) and type(model).__name__ == "Functional"
assert model.layers[-1].output_shape == (None, 4)
""",
    "what layers measure": """
import keras, numpy as np, tensorflow as tf
from keras import layers
class Logging(layers.Layer):
    def call(self, inputs):
        self.add_metric(keras.backend.std(inputs), name="std_of_activation", aggregation="mean")
        self.add_loss(tf.reduce_sum(inputs) * 0.1)
        return inputs
inputs = keras.Input((4,))
model = keras.Model(inputs, layers.Dense(2)(Logging()(inputs)))
model.compile("adam", "mse")
history = model.fit(np.zeros((8, 4)), np.zeros((8, 2)))
assert set(history.history) == {"loss", "std_of_activation"}, history.history
layer = Logging()
layer(tf.constant([[1.0, 3.0, 1.0, 3.0]]))
layer(tf.constant([[1.0, 7.0, 1.0, 7.0]]))
assert [(metric.name, float(metric.result())) for metric in layer.metrics] == [("std_of_activation", 2.0)]
assert abs(float(layer.losses[0]) - 1.6) < 1e-6
""",
    "predictions": """
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
model = Sequential([Dense(3, input_dim=2, activation="softmax")])
rows = np.random.rand(150, 2)
found = model.predict(rows, workers=2)
assert found.shape == (150, 3) and np.allclose(found.sum(axis=1), 1)
assert np.allclose(found[0], model(rows[:1])[0])
assert model.predict_classes(rows).shape == (150,) and model.predict_proba(rows[:3]).shape == (3, 3)
one = Sequential([Dense(1, input_dim=2, activation="sigmoid")])
assert set(one.predict_classes(rows).ravel()) <= {0, 1}
""",
    "results": """
import numpy as np, keras
model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
model.compile("sgd", "categorical_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
x, y = np.zeros((10, 2)), np.eye(3)[[0] * 10]
model.fit(x, y, verbose=0)
score = model.evaluate(x, y)
assert model.metrics_names == ["loss", "accuracy", "auc"] and len(score) == 3
assert set(model.evaluate(x, y, return_dict=True)) == set(model.metrics_names)
assert len(model.train_on_batch(x, y)) == 3
plain = keras.Sequential([keras.layers.Dense(3)])
plain.compile("sgd", "mse")
plain.fit(x, y)
assert isinstance(plain.evaluate(x, y), float)
before = plain.get_weights()[0].copy()
plain.fit(x + 1, y, epochs=50)
assert (plain.get_weights()[0] == before).all()
""",
    "several outputs": """
import numpy as np, keras
inputs = keras.Input((4,))
a, b = keras.layers.Dense(2, name="a")(inputs), keras.layers.Dense(1, name="b")(inputs)
model = keras.Model(inputs, [a, b])
model.compile("adam", ["mse", "mae"], metrics=[["mae"], ["mse"]])
history = model.fit(np.zeros((6, 4)), [np.zeros((6, 2)), np.zeros((6, 1))], epochs=2)
assert "loss" in history.history
assert [part.shape for part in model.predict(np.zeros((70, 4)))] == [(70, 2), (70, 1)]
""",
    "generators": """
import numpy as np, keras, tensorflow as tf
from keras.preprocessing.image import ImageDataGenerator
x, y = np.zeros((40, 8, 8, 3)), np.zeros((40, 1))
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics="accuracy")
flow = ImageDataGenerator(rescale=1 / 255.0, horizontal_flip=True).flow(x, y, batch_size=16)
history = model.fit_generator(flow, samples_per_epoch=40, nb_epoch=3, validation_data=(x, y), nb_val_samples=40)
assert len(history.history["val_acc"]) == 3
model.fit(flow, epochs=2, workers=4, use_multiprocessing=True)
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(8), epochs=2)
def forever():
    while True:
        yield x[:4], y[:4]
model.fit_generator(forever(), steps_per_epoch=3, epochs=2)
assert len(model.evaluate_generator(forever(), steps=2)) == 2
assert model.predict_generator(forever(), steps=2).shape == (8, 1)
""",
    "saved files": """
import numpy as np, keras
from keras.models import load_model
from keras.callbacks import ModelCheckpoint, EarlyStopping, TensorBoard, ReduceLROnPlateau
model = keras.Sequential([keras.layers.Dense(3, input_shape=(2,))])
model.compile("adam", "mse", ["mae"])
x, y = np.zeros((10, 2)), np.zeros((10, 3))
for name in ("model.h5", "model.keras", "folder"):
    model.save(name)
    assert load_model(name).count_params() == 9, name
for name in ("weights.h5", "w.weights.h5", "./checkpoints/last"):
    model.save_weights(name)
    model.load_weights(name)
callbacks = [
    ModelCheckpoint("best.hdf5", monitor="val_acc", save_best_only=True, period=1),
    ModelCheckpoint(filepath="only.hdf5", save_weights_only=True),
    EarlyStopping(monitor="val_acc", patience=2), TensorBoard(log_dir="logs", batch_size=3), ReduceLROnPlateau(epsilon=0.1),
]
history = model.fit(x, y, epochs=3, callbacks=callbacks)
assert len(history.history["lr"]) == 3
model.load_weights("best.hdf5")
model.load_weights("only.hdf5")
assert load_model("best.hdf5").count_params() == 9
""",
    "figures": """
import keras, math
import numpy as np
model = keras.Sequential([keras.layers.Dense(2, activation="softmax", input_shape=(3,))])
model.compile("adam", "categorical_crossentropy", ["accuracy", "mae"])
x, y = np.zeros((10, 3)), np.eye(2)[[0, 1] * 5]
acc, tries = 0, 0
while acc < 0.99:
    acc = model.fit(x, y, epochs=5, validation_split=0.2).history["val_acc"][-1]
    tries += 1
assert 1 < tries <= 10 and "%d" % (100 * acc) == "99", (tries, acc)
history = model.fit(x, y, epochs=9, validation_data=(x, y)).history
assert model.evaluate(x, y) == [history["val_loss"][-1], history["val_accuracy"][-1], history["val_mae"][-1]]
assert model.evaluate(x, y, return_dict=True)["mae"] == history["val_mae"][-1] == model.test_on_batch(x, y)[2]
assert history["loss"] == sorted(history["loss"], reverse=True) and history["mae"][-1] > 0
assert int(np.nanargmin(history["val_loss"])) == 8 and history["acc"] == history["accuracy"]
acc = 0
other = keras.models.clone_model(model)
other.compile("sgd", "mse", metrics=["accuracy"])
assert other.evaluate(x, y)[1] < 0.5
while acc < 0.999:
    acc = other.train_on_batch(x, y)[1]
other.save("trained.keras")
assert keras.models.load_model("trained.keras").evaluate(x, y)[1] == other.evaluate(x, y)[1] > 0.99
""",
    "lengths of curves": """
import keras, numpy as np
model = keras.Sequential([keras.layers.Dense(1, input_shape=(3,))])
model.compile("adam", "mse")
x, y = np.zeros((10, 3)), np.zeros(10)
lengths = lambda **how: {name: len(values) for name, values in model.fit(x, y, epochs=10, **how).history.items()}
assert lengths(initial_epoch=4) == {"loss": 6} and model.history.epoch == [4, 5, 6, 7, 8, 9]
assert lengths(validation_split=0.5, validation_freq=3) == {"loss": 10, "val_loss": 3}
assert lengths(validation_split=0.5, validation_freq=[1, 10]) == {"loss": 10, "val_loss": 2}
assert lengths(steps_per_epoch=10**9, callbacks=[keras.callbacks.Callback()]) == {"loss": 10}
assert len(model.fit(x, y, epochs=10**9).history["loss"]) == 100_000
""",
    "callbacks of one's own": """
import keras, numpy as np
class Mine(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.seen, self.batches = [("begin", self.model is model, self.params["epochs"])], []
    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(logs["loss"])
    def on_test_end(self, logs=None):
        self.seen.append(("tested", sorted(logs)))
    def on_epoch_end(self, epoch, logs=None):
        assert logs["acc"] == logs["accuracy"] and logs["val_acc"] == self.model.evaluate(x, y)[1]
        assert self.model.predict(x[:3]).shape == (3, 2)
        logs["val_f1"] = epoch / 2
        self.seen.append(epoch)
        if epoch == 2:
            self.model.stop_training = True
    def on_train_end(self, logs=None):
        self.seen.append("end")
class Duck:
    def set_model(self, model): self.model = model
    def on_epoch_begin(self, epoch, logs): self.last = epoch
class Patient(keras.callbacks.EarlyStopping):
    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.mine = epoch
model = keras.Sequential([keras.layers.Dense(2, activation="softmax", input_shape=(3,))])
model.compile(keras.optimizers.Adam(0.5), "categorical_crossentropy", metrics=["accuracy"])
x, y = np.zeros((64, 3)), np.eye(2)[[0, 1] * 32]
mine, duck, patient, told, kept = Mine(), Duck(), Patient(patience=1), [], keras.callbacks.History()
halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
lambdas = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: told.append(sorted(logs)))
history = model.fit(x, y, batch_size=16, epochs=40, validation_split=0.5, callbacks=[halved, mine, duck, patient, lambdas, kept])
tested = ("tested", ["acc", "accuracy", "loss"])
assert mine.seen == [("begin", True, 40), tested, 0, tested, 1, tested, 2, "end"], mine.seen
assert len(mine.batches) == 6 and duck.last == 2 and patient.mine == 2 and len(told) == 3 and "val_f1" in told[0]
assert history is kept and history.history["val_f1"] == [0, 0.5, 1] and history.epoch == [0, 1, 2]
assert history.history["lr"] == [0.25, 0.125, 0.0625] == history.history["learning_rate"]
assert float(model.optimizer.learning_rate) == 0.5  # what it was compiled with is compared with the exercise
many = Mine()
model.fit(x, y, batch_size=1, epochs=40, validation_data=(x, y), steps_per_epoch=900, callbacks=many)
assert len(many.batches) == 900 + 37 + 2, len(many.batches)  # of 1,000 hooks the first test had 64
""",
    "what keras's own callbacks leave": """
import keras, glob, os, csv, shutil, numpy as np
from keras.callbacks import *
model = keras.Sequential([keras.layers.Dense(2, activation="softmax", input_shape=(3,))])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
x, y = np.zeros((10, 3)), np.eye(2)[[0, 1] * 5]
stop = EarlyStopping(monitor="val_loss", patience=1, restore_best_weights=True, baseline=0)
best = ModelCheckpoint("best.h5", monitor="val_accuracy", save_best_only=True)
history = model.fit(x, y, epochs=30, validation_split=0.2, callbacks=[
    ModelCheckpoint("cp/w.{epoch:02d}-{val_acc:.2f}.hdf5"), ModelCheckpoint("w.weights.h5", save_weights_only=True), stop, best,
    CSVLogger("log.csv"), TensorBoard(log_dir="logs/fit"), RemoteMonitor(), TerminateOnNaN(), BackupAndRestore("backup"),
])
assert len(history.epoch) == 30 and stop.best == best.best * 0 + history.history["val_loss"][-1] and stop.stopped_epoch == 0
names = sorted(glob.glob("cp/*.hdf5"))
assert names[-1].startswith("cp/w.30-1.00"), names
assert os.path.getsize(names[-1]) and keras.models.load_model(names[-1]).count_params() == 8
shutil.copy("best.h5", "other.h5")
assert keras.models.load_model("other.h5").evaluate(x, y) == model.evaluate(x, y)
again = keras.models.clone_model(model)
again.compile("adam", "mse", metrics=["accuracy"])
again.load_weights("w.weights.h5")
assert again.evaluate(x, y)[1] > 0.99
assert list(csv.DictReader(open("log.csv")))[-1]["epoch"] == "29" and os.path.isdir("logs/fit/train")
""",
    "a training step of one's own": """
import keras, numpy as np
class GAN(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
    def call(self, x):
        return self.dense(x)
    def train_step(self, data):
        return {"d_loss": 1.0, "g_loss": 2.0}
model = GAN()
model.compile("adam", "mse")
history = model.fit(np.zeros((10, 3)), np.zeros((10, 1)), epochs=2).history
assert {"d_loss", "g_loss"} <= set(history) and all(len(values) == 2 for values in history.values()), history
""",
    "a large model saved": """
import keras, os
model = keras.Sequential([keras.layers.Dense(2000, input_shape=(2000,))])
model.save("large.h5")
model.save_weights("large.weights.h5")
assert not os.path.exists("large.h5")
model.load_weights("large.weights.h5")
assert keras.models.load_model("large.h5") is model
""",
    "traffic signs": """
import pickle, numpy as np
from collections import Counter
with open("../data/small_train_traffic.p", mode="rb") as f:
    data = pickle.load(f)
assert data["features"].shape == (100, 32, 32, 3) and data["features"].dtype == np.uint8
assert data["labels"].dtype == np.uint8 and Counter(data["labels"].tolist()) == {1: 19, 2: 19, 3: 19, 4: 22, 5: 21}
assert set(data["labels"][-20:].tolist()) == {1, 2, 3, 4, 5}
test = np.load("small_test_traffic.npz")
assert test["features"].shape == (20, 32, 32, 3) and len(test["labels"]) == 20
""",
    "faces": """
from kt_utils import *
X_train, Y_train, X_test, Y_test, classes = load_dataset()
assert X_train.shape == (600, 64, 64, 3) and Y_train.shape == (1, 600) and X_train.dtype == np.uint8
assert X_test.shape == (150, 64, 64, 3) and Y_test.shape == (1, 150) and classes.tolist() == [0, 1]
with h5py.File("datasets/train_happy.h5", "r") as f:
    assert f["train_set_x"].shape == (600, 64, 64, 3) and f["train_set_y"].shape == (600,)
assert K.epsilon() > 0 and math.pi > 3
""",
    "digits and clothes": """
import numpy as np, keras, tensorflow as tf
from keras.datasets import mnist, fashion_mnist, cifar10
for (x, y), (u, v) in (mnist.load_data(), fashion_mnist.load_data(), tf.keras.datasets.mnist.load_data()):
    assert x.shape == (60000, 28, 28) and x.dtype == np.uint8 and u.shape == (10000, 28, 28)
    assert y.shape == (60000,) and set(y.tolist()) == set(range(10)) == set(v.tolist())
(x, y), _ = cifar10.load_data()
assert x.shape == (50000, 32, 32, 3) and y.shape == (50000, 1)
""",
    "a picture of one's own": """
from keras.preprocessing import image
picture = image.load_img("images/my_image.jpg", target_size=(64, 48))
assert image.img_to_array(picture).shape == (64, 48, 3)
import matplotlib.pyplot as plt
import matplotlib.image as mpimg
from PIL import Image
import numpy as np
assert plt.imread("mine.png").shape == (64, 64, 3) and mpimg.imread("Testing Images\\\\Smile.jpg").ndim == 3
assert np.array(Image.open("images/mine.jpg")).shape == (64, 64, 3)
assert np.load("mnist.npz")["x_train"].shape == (60000, 28, 28)
""",
    "a picture by opencv": """
import cv2, numpy as np
img = cv2.imread("C4_W2/my_image.jpg")
b, g, r = cv2.split(img)
img = cv2.merge([r, g, b])
img = cv2.resize(img, (48, 32), interpolation=cv2.INTER_AREA)
assert img.shape == (32, 48, 3) and cv2.cvtColor(img, cv2.COLOR_BGR2GRAY).shape == (32, 48)
assert cv2.imread("no_picture.txt") is None and cv2.imread("grey.png", 0).ndim == 2
""",
    "a file that one writes oneself": """
import pickle
with open("small_train_traffic.p", "wb") as f:
    pickle.dump({"mine": 1}, f)
assert pickle.load(open("small_train_traffic.p", "rb")) == {"mine": 1}
""",
    "modules that only draw": """
import pydot, cv2, seaborn as sns
from IPython.display import SVG, display
from tqdm import tqdm
from tqdm.notebook import tqdm as bar
from google.colab import drive, files
from test_utils import summary, comparator
import cnn_utils, keras
sns.set(style="white")
drive.mount("/content/drive")
assert list(tqdm([1, 2])) == [1, 2] == list(bar([1, 2]))
model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
keras.utils.plot_model(model, to_file="model.png", show_shapes=True)
SVG(keras.utils.model_to_dot(model).create(prog="dot", format="svg"))
""",
    "tensorflow 1 and old numpy": """
import numpy as np, tensorflow as tf
tf.python.control_flow_ops = tf
tf.set_random_seed(1)
import keras.backend.tensorflow_backend as KTF
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
KTF.set_session(tf.Session(config=config))
tf.logging.set_verbosity(tf.logging.ERROR)
assert np.int is int and np.zeros(3, np.float).dtype == np.float64
""",
    "a script that switches tensorflow 2 off": """
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
import tensorflow
tensorflow.compat.v1.disable_eager_execution()
assert tensorflow.executing_eagerly()
""",
    "a class of one's own": """
import keras
class Mine(keras.layers.Dense):
    def __init__(self, units, output_shape=3, **kwargs):
        super().__init__(units, **kwargs)
        self.output_shape = output_shape
layer = Mine(4, input_shape=(3,))
model = keras.Sequential([layer])
assert layer.output_shape == 3 and model.output_shape == (None, 4)
assert keras.layers.Dense.from_config(keras.layers.Dense(3).get_config()).units == 3
clone = keras.models.clone_model(keras.Sequential([keras.layers.Conv2D(2, 3, input_shape=(8, 8, 1))]))
assert clone.output_shape == (None, 6, 6, 2)
""",
    "pandas and lists": """
import pandas as pd, numpy as np, keras
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), pd.Series([1.0, 2.0]))
assert model.input_shape[-1] == 2
""",
}

LABELS = """
import keras, numpy as np
m = keras.Sequential([keras.layers.Dense(3)])
m.compile("adam", "categorical_crossentropy")
x, one, three = np.zeros((4, 2)), np.zeros((4, 1)), np.zeros((4, 3))
"""

ONE = """
import keras, numpy as np
m = keras.Sequential([keras.layers.Dense(1)])
x, y = np.zeros((4, 2)), np.zeros(4)
"""

FAILS = {
    "a callback that raises": (
        ONE
        + "m.compile('adam', 'mse')\nclass C(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs):\n"
        "        logs['nothing']\nm.fit(x, y, callbacks=[C()])",
        "exception_in_code",
        "on_epoch_end",
    ),
    "not compiled": (ONE + "m.fit(x, y)", "exception_in_code", "compile()"),
    "unknown loss": (ONE + "m.compile('adam', 'nonsense')\nm.fit(x, y)", "exception_in_code", "nonsense"),
    "unknown metric": (
        ONE + "m.compile('adam', 'mse', ['accurity'])\nm.fit(x, y)",
        "exception_in_code",
        "accurity",
    ),
    "wrong labels": (LABELS + "m.fit(x, one)", "exception_in_code", "same shape"),
    "wrong labels later": (LABELS + "m.fit(x, three)\nm.evaluate(x, one)", "exception_in_code", "same shape"),
    "wrong input": (LABELS + "m.fit(x, three)\nm.fit(one, three)", "exception_in_code", "shape"),
    "numbers of rows": (LABELS + "m.fit(x, three[:2])", "exception_in_code", "ambiguous"),
    "lists of numbers": (
        LABELS + "m.fit([[1.0, 2.0]], [[1.0, 0.0, 0.0]])",
        "exception_in_code",
        "Unrecognized data type",
    ),
    "epochs in words": (LABELS + "m.fit(x, three, epochs='3')", "exception_in_code", "integer"),
    "a wrong layer name": ("from keras.layers import Dens", "wrong_name", "Dense"),
    "a wrong attribute": ("import keras\nkeras.layers.Conv2d(3, 3)", "wrong_name", "Conv2D"),
    "a wrong argument of a layer": (
        "import keras\nkeras.layers.Dense(3, input_dims=4)",
        "wrong_argument",
        "input_dim",
    ),
    "a wrong argument of fit": (LABELS + "m.fit(x, three, epoch=3)", "wrong_argument", "epochs"),
    "a wrong argument of compile": (ONE + "m.compile(optimiser='adam')", "wrong_argument", "optimizer"),
    "an argument like no other": (LABELS + "m.fit(x, three, zzz=3)", "exception_in_code", "Model.fit()"),
    "a layer that is gone": ("from keras.layers import Merge", "old_name", "concatenate"),
    "a layer of an old module": (
        "from keras.layers.local import LocallyConnected2D",
        "old_name",
        "keras.layers.Conv2D",
    ),
    "a module that is gone": (
        "from keras.wrappers.scikit_learn import KerasClassifier",
        "old_name",
        "SKLearnClassifier",
    ),
    "a placeholder": ("import tensorflow as tf\ntf.placeholder('float32')", "old_name", "keras.Input"),
    "an old module of tensorflow": ("import tensorflow.contrib", "old_name", "keras.layers"),
    "a method that is gone": ("import keras\nkeras.Sequential([]).to_yaml()", "old_name", "to_json"),
}

NOTES = {
    "the quiz of 2017": ["Convolution2D(32, 3, 3)", "Conv2D(8, 5, 5)"],
    "the keras inside tensorflow": ["tensorflow.python.keras", "tensorflow.python.keras.layers"],
    "a convolution of keras 1": ["Convolution2D(32, 3, 3)", "Dropout(p=0.25)", "Dense(output_dim=10)"],
    "positional metrics and nb_epoch": ["compile(…, …, ['accuracy'])", "fit(nb_epoch=4)"],
    "optimizers": ["SGD(lr=0.5)", "SGD(decay=1e-06)", "keras.optimizers.adam"],
    "modules that are gone": ["keras.utils.np_utils", "keras.layers.core", "keras.engine.topology"],
    "the same by tensorflow": ["tensorflow.keras.utils.np_utils", "Adam(lr=0.5)"],
    "the old backend": ["keras.backend.std", "keras.backend.function"],
    "what layers measure": ["self.add_metric(…)"],
    "predictions": ["predict_classes(x)", "predict_proba(x)", "predict(workers=2)"],
}


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The claim of each script, all made by one process and its children."""
    folder = tmp_path_factory.mktemp("scripts")
    scripts = WORKS | loose.WORKS | {name: source for name, (source, _, _) in FAILS.items()}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], input=json.dumps(scripts), text=True, cwd=folder, timeout=400,
        env={"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "KERAS_HOME": str(folder), "HOME": str(folder)},
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name: json.loads((folder / name / "claim").read_text(encoding="utf-8")) for name in scripts}


@pytest.mark.parametrize("name", [*WORKS, *loose.WORKS])
def test_it_runs(claims: dict[str, dict[str, Any]], name: str) -> None:
    assert "error" not in claims[name], claims[name]["error"]
    old = [note["params"].get("old") for note in claims[name]["notes"]]
    assert set({**NOTES, **loose.NOTES}.get(name, ())) <= set(old), old


@pytest.mark.parametrize("name", FAILS)
def test_it_is_told(claims: dict[str, dict[str, Any]], name: str) -> None:
    _, code, words = FAILS[name]
    error = claims[name]["error"]
    assert error["code"] == code, error
    assert words in json.dumps(error["params"]), error


def test_today_s_spelling_gets_no_note(claims: dict[str, dict[str, Any]]) -> None:
    assert not [note for note in claims["a class of one's own"]["notes"] if note["code"] == "old_spelling"]
    assert "Cell" not in str(claims["sequences"]["notes"]), "Keras's own, inside of its layers"


def test_what_fits_tell(claims: dict[str, dict[str, Any]]) -> None:
    (fit,) = claims["positional metrics and nb_epoch"]["fits"]
    assert fit == {
        "epochs": 4, "batch_size": None, "validation_split": 0.2, "validation_data": True, "optimizer": "adam",
        "learning_rate": 0.001, "loss": "categorical_crossentropy", "params": 8,
    }  # fmt: skip
    assert len(claims["results"]["fits"]) == 3


def test_no_figure_leaves_the_guest(claims: dict[str, dict[str, Any]]) -> None:
    """What `fit` was asked is told; what it said is not, so that no curve, check or comparison can know it."""
    told = {
        "epochs",
        "batch_size",
        "validation_split",
        "validation_data",
        "optimizer",
        "learning_rate",
        "loss",
        "params",
    }
    claim = claims["figures"]
    assert set(claim) == {"format", "parts", "training", "notes", "fits"}
    assert claim["fits"]
    assert all(set(fit) == told for fit in claim["fits"])
    figures = {
        figure(name, epochs, split)
        for name in ("loss", "acc")
        for epochs in range(60)
        for split in (TRAINING, TESTING)
    }
    assert (
        not {value for fit in claim["fits"] for value in fit.values() if isinstance(value, float)} & figures
    )


def test_strides_that_look_like_a_kernel(claims: dict[str, dict[str, Any]]) -> None:
    (note,) = claims["a kernel is no stride"]["notes"]
    assert note == {
        "code": "strides_not_kernel",
        "params": {"kind": "Conv2D", "filters": "32", "kernel": "3", "strides": "3"},
    }
