"""What stands before and behind an answer: data of the author's own, machines, training, plots, files, endings."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.forms.draft import Draft
from tests.forms.form import Stage, form

READ_CSV = """import pandas as pd
frame = pd.read_csv("data/train.csv")
frame = frame.dropna()
features, targets = frame.iloc[:, :-1].values, frame["label"].values
print(frame.head())"""
GPU = """import os
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
import tensorflow as tf
gpus = tf.config.experimental.list_physical_devices("GPU")
tf.config.experimental.set_memory_growth(gpus[0], True)
assert tf.test.is_gpu_available(), "Please switch the runtime to GPU"
with tf.device("/gpu:0"):
    print(tf.reduce_sum(tf.random.normal([8, 8])))"""
COLAB = """from google.colab import drive, files
drive.mount("/content/drive")
uploaded = files.upload()
first = list(uploaded.keys())[0]
import os
os.chdir("/content/drive/My Drive/homework")
token = open("token.txt").read().strip()"""
COLAB_LINES = """%tensorflow_version 1.x
%matplotlib inline
!pip install -q keras==2.1.5
!nvidia-smi
%cd /content"""
OWN_MODULE = """from my_helpers import *
import settings_of_mine as cfg
from utils.plots import show_history
BATCH = cfg.BATCH_SIZE"""
ARGUMENTS = """import argparse
parser = argparse.ArgumentParser(description="train it")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--lr", type=float, default=0.001)
args = parser.parse_args()
print("epochs:", args.epochs)"""
VERSIONS = """import keras as keras_itself
import tensorflow as tf
print(tf.__version__)
assert tf.__version__.startswith("1."), "needs TensorFlow 1"
"""
VERSIONS_OF_KERAS = """import keras as keras_itself
assert keras_itself.__version__ == "2.2.4"
"""
OLD_TENSORFLOW = """import tensorflow as tf
tf.python.control_flow_ops = tf
tf.logging.set_verbosity(tf.logging.ERROR)
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
session = tf.Session(config=config)"""
TPU = """import tensorflow as tf
resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu="grpc://10.0.0.2:8470")
tf.config.experimental_connect_to_cluster(resolver)
tf.tpu.experimental.initialize_tpu_system(resolver)
strategy = tf.distribute.TPUStrategy(resolver)
print(strategy.num_replicas_in_sync)"""
DATA_SET = """from keras.datasets import mnist
from keras.utils import np_utils
(x_all, y_all), (x_rest, y_rest) = mnist.load_data()
x_all = x_all.astype("float32") / 255
y_all = np_utils.to_categorical(y_all, 10)
print("train", x_all.shape, y_all.shape)"""
DOWNLOAD = """import os
from urllib.request import urlretrieve
if not os.path.isdir("data"):
    os.makedirs("data")
urlretrieve("https://example.org/data.zip", "data/data.zip")
import zipfile
zipfile.ZipFile("data/data.zip").extractall("data")"""

FIT = """import numpy as np
x_train = np.random.rand(64, *{shape}).astype("float32")
y_train = {labels}
history = {net}.fit(x_train, y_train, batch_size=16, epochs=2, validation_split=0.25, verbose=1)"""
FIGURES = """score = {net}.evaluate(x_train, y_train, verbose=0)
print("Test loss: %.3f" % score[0])
print("accuracy: %d %%" % (100 * history.history["accuracy"][-1]))
best = int(np.argmax(history.history["val_accuracy"]))
assert score[1] > 0.1, "does not learn"
print("best epoch", best + 1, round(min(history.history["val_loss"]), 4))"""
CALLBACKS = """from keras.callbacks import Callback, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, CSVLogger, TensorBoard


class LossHistory(Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        self.losses.append(logs.get("loss"))


class StopAt(Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs.get("accuracy") > 0.95:
            print("enough")
            self.model.stop_training = True


kept = LossHistory()
callbacks = [kept, StopAt(), EarlyStopping(patience=2), ReduceLROnPlateau(), CSVLogger("log.csv"),
             ModelCheckpoint("weights.{{epoch:02d}}-{{val_loss:.2f}}.hdf5", save_best_only=True)]
{net}.fit(x_train, y_train, epochs=2, validation_split=0.25, callbacks=callbacks)
print(len(kept.losses), "batches, last loss", kept.losses[-1])
import glob
print(sorted(glob.glob("weights.*"))[-1])"""
PLOTS = """import matplotlib.pyplot as plt
from IPython.display import SVG, display
plt.figure(figsize=(8, 4))
plt.plot(history.history["loss"], label="loss")
plt.plot(history.history["val_loss"], label="val_loss")
plt.ylim(0, max(history.history["loss"]) * 1.1)
plt.legend()
plt.savefig("curves.png")
plt.show()
from keras.utils import plot_model
plot_model({net}, to_file="model.png", show_shapes=True)"""
SAVING = """{net}.save("my_model.h5")
{net}.save_weights("my_model.weights.h5")
with open("model.json", "w") as out:
    out.write({net}.to_json())
from keras.models import load_model, model_from_json
restored = load_model("my_model.h5")
restored.summary()"""
PREDICTION = """prediction = {net}.predict(x_train[:4])
print(prediction)
classes = np.argmax(prediction, axis=-1)
print("predicted", classes, "true", y_train[:4])
for i in range(2):
    print(i, {net}.predict(x_train[i:i + 1])[0])
picture = plt.imread("my_photo.jpg")"""
SUMMARY = """{net}.summary()
for layer in {net}.layers:
    print(layer.name, layer.get_config(), [w.shape for w in layer.get_weights()])
print({net}.input_shape, {net}.output_shape, {net}.count_params())"""
SLOW = """total = 0
for step in range(10 ** 12):
    total = (total * 31 + step) % 1000003
print(total)"""
OTHER = """import keras
{make}keras.Sequential([
    keras.Input({shape}), keras.layers.Flatten(), keras.layers.Dense({units}, activation="tanh"),
    keras.layers.Dense(3, activation="softmax"),
])"""


def _fill(text: str, draft: Draft) -> str:
    return text.format(shape=draft.row.shape, labels=draft.row.labels, net=draft.net)


def _before(draft: Draft, random: Random, text: str) -> Draft:
    return replace(draft, before=(*draft.before, text), head_first=random.random() < 0.5)


def _behind(draft: Draft, *texts: str) -> Draft:
    return replace(draft, behind=(*draft.behind, *(_fill(text, draft) for text in texts)))


@form(Stage.AROUND, "before: a csv of the author's own is read")
def read_csv(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, READ_CSV)


@form(Stage.AROUND, "before: GPU lines")
def gpu(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, GPU)


@form(Stage.AROUND, "before: Colab's drive, uploads, magics where it is a notebook")
def colab(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, COLAB)


@form(Stage.AROUND, "before: modules of the author's own, a star among them")
def own_module(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, OWN_MODULE)


@form(Stage.AROUND, "before: argparse with defaults")
def argparse_before(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, ARGUMENTS)


@form(Stage.AROUND, "before: an assert of a version")
def version_assert(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, random.choice([VERSIONS, VERSIONS_OF_KERAS]))


@form(Stage.AROUND, "before: sessions of TensorFlow 1, or a TPU")
def old_tensorflow(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, random.choice([OLD_TENSORFLOW, TPU]))


@form(Stage.AROUND, "before: a data set is loaded, or fetched from somewhere")
def data_set(draft: Draft, random: Random) -> Draft:
    return _before(draft, random, random.choice([DATA_SET, DOWNLOAD]))


@form(Stage.AROUND, "behind: training, evaluation, figures that are counted with")
def training(draft: Draft, _: Random) -> Draft:
    return _behind(draft, FIT, FIGURES)


@form(Stage.AROUND, "behind: callbacks, Keras's and the student's own")
def callbacks(draft: Draft, _: Random) -> Draft:
    return _behind(draft, FIT, CALLBACKS)


@form(Stage.AROUND, "behind: plots beside IPython")
def plots(draft: Draft, _: Random) -> Draft:
    return _behind(draft, FIT, PLOTS)


@form(Stage.AROUND, "behind: saving and loading again")
def saving(draft: Draft, _: Random) -> Draft:
    return _behind(draft, SAVING)


@form(Stage.AROUND, "behind: prediction, at last of a photograph that is not there")
def prediction(draft: Draft, _: Random) -> Draft:
    return _behind(draft, FIT, PREDICTION)


@form(Stage.AROUND, "behind: summary, layers, weights")
def summary(draft: Draft, _: Random) -> Draft:
    return _behind(draft, SUMMARY)


@form(Stage.AROUND, "behind: sys.exit, exit, quit, or argparse without what it needs")
def exits(draft: Draft, random: Random) -> Draft:
    needy = "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\nargs = p.parse_args()"
    return _behind(
        draft, random.choice(["import sys\nsys.exit(0)", "exit()", "quit()", needy, "raise SystemExit(1)"])
    )


@form(Stage.AROUND, "behind: what does not end in time")
def too_slow(draft: Draft, _: Random) -> Draft:
    return replace(_behind(draft, SLOW), cpu_seconds=3.0)


@form(Stage.AROUND, "behind: del model, or model = None", of_variable=True)
def deleted(draft: Draft, random: Random) -> Draft:
    ending = random.choice(
        [
            "del {net}\nimport gc\ngc.collect()",
            "{net} = None",
            "import keras\ndel {net}\nkeras.backend.clear_session()",
        ]
    )
    return _behind(draft, ending)


@form(Stage.AROUND, "behind: model = load_model(…) of a file that is not there", of_variable=True)
def loaded_model(draft: Draft, _: Random) -> Draft:
    return _behind(
        draft,
        'from keras.models import load_model\n{net} = load_model("best_of_yesterday.h5")\n{net}.summary()',
    )


@form(Stage.AROUND, "behind: model.load_weights(…) of a file that is not there", of_variable=True)
def loaded_weights(draft: Draft, _: Random) -> Draft:
    return _behind(draft, '{net}.load_weights("weights.best.hdf5")\nprint({net}.layers[-1].get_weights())')
