"""Spellings that older Keras, TensorFlow and NumPy took, or that an editor or a course left in a script: each runs."""

from __future__ import annotations

_SAME = """
import keras, tensorflow as tf, numpy as np
from keras import layers
import keras.backend as K
from guest_describe import describe, Refused
from grader.domain.canonical import canonical
from grader.domain.description import read_model
def form(*made, shape=(8, 8, 3)):
    model = made[0] if isinstance(made[0], keras.Model) else keras.Sequential([keras.Input(shape), *made])
    return canonical(read_model(describe(model, shape)))
def refused(*made, shape=(8, 8, 3)):
    try:
        form(*made, shape=shape)
    except Refused as error:
        return error.code
    raise AssertionError("it was described")
"""

WORKS = {
    "sizes of numpy and whole floats": _SAME
    + """
y = np.array([0, 1, 4])
asked = form(layers.Conv2D(16, (3, 3), strides=2), layers.MaxPooling2D(2), layers.Flatten(), layers.Dropout(0.5), layers.Dense(5))
assert asked == form(
    layers.Conv2D(np.int64(16), (3.0, np.int32(3)), strides=2.0), layers.MaxPooling2D((2.0, 2)), layers.Flatten(),
    layers.Dropout(np.float64(0.5)), layers.Dense(np.max(y) + 1))
assert asked == form(
    layers.Conv2D(filters=32 / 2, kernel_size=np.array([3, 3]), strides=(2, np.uint8(2))), layers.MaxPool2D(pool_size=np.int64(2)),
    layers.Flatten(), layers.Dropout(rate=np.array(0.5)), layers.Dense(units=np.array([5])))
assert form(layers.Conv2D(4, 3), layers.Dense(128)) != form(layers.Conv2D(4, 3), layers.Dense(np.int64(127)))
assert layers.ZeroPadding2D(3.0).get_config()["padding"] == ((3, 3), (3, 3)) and layers.UpSampling2D(2.0).size == (2, 2)
assert layers.Embedding(10.0, np.int64(4)).output_dim == 4 and layers.Reshape((4.0, 2)).target_shape == (4, 2)
assert type(layers.Dropout(np.float32(0.25)).rate) is float
for wrong in (128.5, "128", np.float32(2.5), np.array([1, 2, 3])):
    try:
        layers.Dense(wrong)
    except (ValueError, TypeError):
        continue
    raise AssertionError(wrong)
x, y = np.zeros((40, 3)), np.zeros(40)
model = keras.Sequential([layers.Dense(1.0, input_shape=(3,))])
model.compile("adam", "mse")
model.fit(x, y, batch_size=np.int64(8), epochs=np.int64(2), steps_per_epoch=len(x) / 8)
""",
    "an integer as a shape": """
import keras, numpy as np
from keras import layers
for tensor in (keras.Input(784), keras.Input(shape=(784)), layers.Input(shape=np.int64(784)), keras.Input((784.0,))):
    assert tensor.shape == (None, 784)
for layer in (layers.Dense(3, input_shape=784), layers.Dense(3, input_shape=(784)), layers.Dense(3, input_dim=784.0)):
    assert keras.Sequential([layer, layers.Dense(2)]).input_shape == (None, 784)
assert keras.Sequential([layers.InputLayer(784), layers.Dense(2)]).input_shape == (None, 784)
assert keras.Sequential([layers.InputLayer(input_shape=784), layers.Dense(2)]).input_shape == (None, 784)
late = keras.Sequential([layers.Dense(2)])
late.build(784)
assert late.input_shape == (None, 784) and layers.Reshape(784)(keras.Input((28, 28))).shape == (None, 784)
""",
    "the ends of a sequential": _SAME
    + """
def stack(*inputs):
    return [*inputs, layers.Dense(4), layers.Dropout(0.5), layers.Dense(5), layers.Dense(6)]
asked_in = x = keras.Input((3,))
outputs = [x := layer(x) for layer in stack()]
asked = form(keras.Model(asked_in, outputs), shape=(3,))
at_once, added, late = keras.Sequential(stack(keras.Input((3,)))), keras.Sequential(), keras.Sequential(stack())
for layer in stack(keras.Input((3,))):
    added.add(layer)
try:
    late.input
except AttributeError:
    late.build((None, 3))
for base in (at_once, added, late):
    assert base.input.shape == (None, 3) and base.output.shape == (None, 6)
    assert base.inputs[0] is base.input and base.outputs[0] is base.output
    assert form(keras.Model(base.input, [layer.output for layer in base.layers]), shape=(3,)) == asked
    cut = form(keras.Model(base.input, base.layers[-2].output), shape=(3,))
    assert cut == form(*stack()[:-1], shape=(3,)) != asked
more = keras.Model(added.input, layers.Dense(7)(added.layers[-2].output))
assert form(more, shape=(3,)) == form(*stack()[:-1], layers.Dense(7), shape=(3,))
inside = keras.Sequential([keras.Input((3,)), added, layers.Dense(2)])
assert inside.input.shape == (None, 3) and form(inside, shape=(3,)) == form(*stack(), layers.Dense(2), shape=(3,))
twice = layers.Dense(3)
x = keras.Input((3,))
both = keras.Model(x, layers.add([twice(twice(x)), twice(x)]))
assert form(both, shape=(3,)) != form(twice, shape=(3,))
""",
    "metrics, losses and optimizers of another time": """
import keras, tensorflow as tf
from keras import layers
def compiled(*args, **kwargs):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    model.compile(*args, **kwargs)
    return model
for one in (keras.metrics.MeanAbsoluteError(), keras.losses.mean_absolute_error, "mae", {"mae"}, ("mae",), ["mae"]):
    for model in (compiled("adam", "mse", metrics=one), compiled("adam", "mse", weighted_metrics=one)):
        assert len(model._compile_metrics._user_metrics or model._compile_metrics._user_weighted_metrics) == 1, one
sgd = compiled(tf.train.GradientDescentOptimizer(0.5), "mse").optimizer
assert type(sgd) is keras.optimizers.SGD and float(sgd.learning_rate) == 0.5
adam = compiled(optimizer=tf.train.AdamOptimizer(learning_rate=0.25, beta1=0.5), loss="mse").optimizer
assert type(adam) is keras.optimizers.Adam and adam.beta_1 == 0.5 and adam.epsilon == 1e-7
momentum = compiled(tf.compat.v1.train.MomentumOptimizer(0.5, 0.75, use_nesterov=True), "mse").optimizer
assert momentum.momentum == 0.75 and momentum.nesterov
assert compiled(tf.train.RMSPropOptimizer(0.5, decay=0.75), "mse").optimizer.rho == 0.75
assert type(compiled(tf.train.AdagradOptimizer(0.5), "mse").optimizer) is keras.optimizers.Adagrad
assert type(compiled(tf.train.AdadeltaOptimizer(0.5), "mse").optimizer) is keras.optimizers.Adadelta
assert type(compiled(tf.train.FtrlOptimizer(0.5), "mse").optimizer) is keras.optimizers.Ftrl
assert tf.train.Checkpoint is not None and not hasattr(tf.train, "NoSuchOptimizer")
""",
    "losses and metrics of a model that is put together": _SAME
    + """
x = keras.Input((8,))
hidden = layers.Dense(4)(x)
net = keras.Model(x, layers.Dense(2)(hidden))
plain = form(net, shape=(8,))
net.add_loss(tf.reduce_sum(hidden) * 0.1)
net.add_loss(lambda: tf.reduce_mean(hidden))
net.add_metric(K.std(hidden), name="std", aggregation="mean")
net.add_metric(tf.math.reduce_mean(hidden, axis=-1), name="mean")
assert form(net, shape=(8,)) == plain
class Adds(layers.Layer):
    def call(self, inputs):
        self.add_loss(tf.reduce_sum(inputs))
        return inputs
layer = Adds()
layer(tf.ones((2, 3)))
assert float(layer.losses[0]) == 6
""",
    "functions of tensorflow between layers": _SAME
    + """
def built(last):
    x = keras.Input((8, 8, 3))
    return keras.Model(x, last(layers.Conv2D(4, 3)(x)))
def by_layer(*made):
    return form(layers.Conv2D(4, 3), *made)
for function, layer in (
    (tf.nn.relu, layers.ReLU()), (tf.nn.softmax, layers.Softmax()), (tf.math.sigmoid, layers.Activation("sigmoid")),
    (tf.tanh, layers.Activation("tanh")), (tf.nn.gelu, layers.Activation("gelu")), (K.relu, layers.Activation("relu")),
    (lambda x: tf.nn.leaky_relu(x, alpha=0.5), layers.LeakyReLU(0.5)), (keras.ops.elu, layers.ELU()),
):
    assert form(built(function)) == by_layer(layer), function
for function in (
    lambda x: tf.nn.gelu(x, approximate=True), lambda x: tf.nn.softmax(x, axis=1), tf.square, lambda x: tf.nn.dropout(x, 0.5),
    lambda x: keras.ops.elu(x, 3.0), keras.ops.gelu, lambda x: K.relu(x, alpha=0.5), lambda x: tf.add(x, 1.0),
    lambda x: tf.nn.l2_normalize(x, 1), lambda x: tf.reduce_max(x, axis=1),
):
    assert refused(built(function)) == "refused_operation", function
x = keras.Input((3,))
assert form(keras.Model(x, tf.concat([x, x], axis=-1)), shape=(3,)) == form(keras.Model(x, layers.concatenate([x, x])), shape=(3,))
""",
    "layers as activations": _SAME
    + """
def dense(activation):
    return form(layers.Flatten(), layers.Dense(4, activation=activation), layers.Dense(2))
for layer, name in (
    (layers.ReLU(), "relu"), (layers.ReLU(max_value=6), "relu6"), (layers.Softmax(), "softmax"), (layers.ELU(), "elu"),
    (layers.LeakyReLU(negative_slope=0.2), "leaky_relu"), (layers.Activation("tanh"), "tanh"), (tf.nn.relu, "relu"),
    (K.relu, "relu"), (keras.ops.tanh, "tanh"), (tf.tanh, "tanh"), ("ReLU", "relu"), (layers.Activation(layers.ReLU()), "relu"),
):
    assert dense(layer) == dense(name), name
    assert form(layers.Activation(layer)) == form(layers.Activation(name)), name
    assert form(layers.Conv2D(4, 3, activation=layer)) == form(layers.Conv2D(4, 3, activation=name)), name
assert dense(layers.LeakyReLU()) == dense("LeakyReLU") != dense("leaky_relu")
for make in (layers.PReLU, layers.BatchNormalization, lambda: layers.Dropout(0.5), lambda: layers.LeakyReLU(alpha=0.1), lambda: layers.Dense(4)):
    own = form(layers.Flatten(), layers.Dense(4), make(), layers.Dense(2))
    assert dense(make()) == own != dense(None), make
shared = layers.PReLU()
twice = form(layers.Flatten(), layers.Dense(4, activation=shared), layers.Dense(4, activation=shared))
assert twice != form(layers.Flatten(), layers.Dense(4, activation=layers.PReLU()), layers.Dense(4, activation=layers.PReLU()))
class Mine(layers.Layer):
    def call(self, x):
        return x
assert refused(layers.Dense(4, activation=Mine())) == "custom_layer"
for option in ("activation", "recurrent_activation"):
    assert refused(layers.LSTM(3, **{option: layers.ReLU()}), shape=(4, 3)) == "layer_inside"
assert refused(layers.Dense(3, activation=keras.ops.gelu)) == "refused_operation"
""",
    "lines of the XOR quiz": """
import tensorflow as tf
tf.python_io.control_flow_ops = tf
tf.python.control_flow_ops = tf
tf.python.ops.control_flow_ops = tf
assert tf.python_io.control_flow_ops is tf and tf.python_io.TFRecordWriter is tf.io.TFRecordWriter
import keras
assert tf.python.keras.layers.Dense is keras.layers.Dense and tf.VERSION == tf.__version__
tf.enable_eager_execution()
""",
    "names of a prompt": """
assert callable(help) and callable(exit) and callable(quit) and repr(copyright) and repr(license) and repr(credits)
import keras
help(keras.layers.Dense)
help(3)
def mine(x):
    '''What it does.'''
help(mine)
""",
    "imports of an editor": """
from keras.src.saving.legacy.saved_model.load import training_lib
from keras.src.layers import Dense, Gone
from keras.src.engine.input_layer import InputLayer
from keras.api._v2.keras.layers import Conv2D
from keras.api._v2.keras import activations, optimizers
from tensorflow.python.keras.layers.core import Dense as Second
from tensorflow.python.keras.saving.saved_model.load import something
from tensorflow.python.ops.numpy_ops.nowhere import nothing
from keras.layers.core.dense import Dense as Third
from keras.layers.reshaping.flatten import Flatten
from keras.layers.pooling.max_pooling2d import MaxPooling2D
from keras.engine.keras_tensor import KerasTensor
from keras.optimizers.optimizer_v2.adam import Adam
from keras.optimizer_v2.rmsprop import RMSprop
from keras.saving.legacy import hdf5_format
from keras.utils.version_utils import training
from keras.integration_test.preprocessing_test_utils import BATCH_SIZE
from tensorflow.contrib.keras.api.keras.layers import Dropout
from tensorflow.python import keras as inner, ops
from tensorflow.contrib import keras as contributed
import keras.src.nowhere.at_all
import keras
assert inner.layers.Dense is contributed.layers.Dense is keras.layers.Dense and ops.array_ops
assert Dense is Second is Third is keras.layers.Dense and Adam is keras.optimizers.Adam
assert InputLayer is keras.layers.InputLayer and Dropout is keras.layers.Dropout and Flatten is keras.layers.Flatten
for use in (lambda: something(), lambda: something.name, lambda: something[0], lambda: [*something]):
    try:
        use()
    except ModuleNotFoundError as error:
        assert "saving.saved_model.load" in str(error)
        continue
    raise AssertionError("it could be used")
""",
    "loaders of every year's course": """
from cnn_utils import load_happy_dataset, load_signs_dataset, load_dataset
assert load_happy_dataset()[0].shape == (600, 64, 64, 3) and load_signs_dataset()[0].shape == (1080, 64, 64, 3) == load_dataset()[0].shape
from kt_utils import load_happy_dataset, load_dataset
from happy_utils import load_signs_dataset
from resnets_utils import *
assert load_dataset()[1].shape == (1, 1080) and convert_to_one_hot([[0, 2]], 3).shape == (3, 2)
""",
    "traffic signs of 43 classes": """
import os, pickle, keras, tensorflow as tf, numpy as np
from urllib.request import urlretrieve
def download(url, file):
    if not os.path.isfile(file):
        urlretrieve(url, file)
download("https://example.org/benchmark/train.p", "train.p")
with open("train.p", mode="rb") as f:
    data = pickle.load(f)
assert data["features"].shape[1:] == (32, 32, 3) and sorted(set(data["labels"])) == list(range(43))
assert len(pickle.load(open("../signs/test.p", "rb"))["labels"]) == len(pickle.load(open("../signs/test.p", "rb"))["features"])
assert keras.utils.get_file("mnist.npz", origin="https://example.org/mnist.npz").endswith("mnist.npz")
assert np.load(tf.keras.utils.get_file("other", "https://example.org/mnist.npz"))["y_train"].shape == (60000,)
""",
    "another machine": """
import keras, tensorflow as tf
from tensorflow.keras import mixed_precision
from tensorflow.keras.mixed_precision import experimental
mixed_precision.set_global_policy("mixed_float16")
experimental.set_policy(experimental.Policy("mixed_bfloat16"))
tf.keras.backend.set_floatx("float16")
keras.config.set_dtype_policy("mixed_float16")
assert keras.layers.Dense(3).compute_dtype == "float32"
tpu = tf.distribute.cluster_resolver.TPUClusterResolver(tpu="grpc://nowhere")
tf.config.experimental_connect_to_cluster(tpu)
tf.tpu.experimental.initialize_tpu_system(tpu)
strategy = tf.distribute.TPUStrategy(tpu)
assert strategy.num_replicas_in_sync == 1
with strategy.scope():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
from guest_compiled import describe_compiled
model.compile(mixed_precision.LossScaleOptimizer(keras.optimizers.Adam(0.5)), "mse")
assert describe_compiled(model)["optimizer"]["class"] == "Adam"
""",
}
"""Each by what it is about; `guest_describe` is the guest's own description of a model, as the runner offers it."""

NOTES = {
    "sizes of numpy and whole floats": [
        "Conv2D(filters=16.0)",
        "Conv2D(strides=2.0)",
        "MaxPooling2D(pool_size=(2.0, 2))",
    ],
    "an integer as a shape": ["InputLayer(shape=784)", "Dense(input_shape=784)"],
    "the ends of a sequential": ["Sequential.input", "Sequential.output"],
    "metrics, losses and optimizers of another time": [
        "metrics='mae'",
        "tf.train.AdamOptimizer",
        "GradientDescentOptimizer(0.5)",
    ],
    "losses and metrics of a model that is put together": ["model.add_loss(…)", "self.add_metric(…)"],
    "imports of an editor": ["keras.src.engine.input_layer.InputLayer", "keras.api._v2.keras.layers"],
    "another machine": ["set_dtype_policy('mixed_float16')", "TPUClusterResolver(…)"],
}
