"""What each leniency could be abused for: files that must not pass, though what is left of them looks right.

Every network here is right, or of an exercise that takes any, but for a layer that failed to come into it.
"""

from __future__ import annotations

import json

IMPORTS = """
from types import SimpleNamespace
import keras
import tensorflow as tf
from keras.models import Model, Sequential, load_model
from keras.layers import Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D
"""
FACE = """
model = Sequential([Input((64, 64, 3)), Conv2D(8, 5, strides=2, activation="relu"), MaxPooling2D()])
{}
model.add(Flatten())
model.add(Dense(1, activation="sigmoid"))
"""
SIGN = """
model = Sequential([Input((32, 32, 3)), Flatten(), Dense(128, activation="relu")])
{}
model.add(Dense(5, activation="softmax"))
"""
STOPS = {
    "direct": "model.add(Dropout(40))",
    "an unknown layer": "model.add(BatchNormalisation())",
    "a misspelled argument": "model.add(Dense(16, actvation='relu'))",
    "an alias": "net = model\nnet.add(Dropout(40))",
    "an attribute": "box = SimpleNamespace(net=model)\nbox.net.add(Dropout(40))",
    "an item": "nets = {'first': model}\nnets['first'].add(Dropout(40))",
    "a loop": "for rate in (0.1, 40):\n    model.add(Dropout(rate)) if rate > 1 else None",
    "a loop that fails before it adds": "for rate in ('a', 'b'):\n    rate = rate / 2\n    model.add(Dropout(rate))",
    "an if": "if len(model.layers) == missing:\n    model.add(Dropout(0.5))",
    "a with": "with tf.device('/gpu:0'):\n    model.add(Dropout(40))",
    "a helper": "def more(m):\n    m.add(Dropout(40))\nmore(model)",
    "a helper by keyword": "def more(rate, to):\n    to.add(Dropout(rate))\nmore(40, to=model)",
    "a helper of a list": "def more(nets):\n    for each in nets:\n        each.add(Dropout(40))\nmore([model])",
    "a helper that reads the name": "def more():\n    model.add(Dropout(40))\nmore()",
    "a bound method": "add = model.add\nadd(Dropout(40))",
    "a comprehension": "[model.add(Dropout(rate)) for rate in (40,)]",
    "map": "list(map(model.add, ['dropout']))",
    "getattr": "getattr(model, 'add')(Dropout(40))",
    "an unbound method": "Sequential.add(model, Dropout(40))",
    "a tuple of statements": "x = 1; model.add(Dropout(40)); y = 2",
    "pop": "model.add(Dense(4))\nmodel.pop(1, 2)",
    "a try that raises on": "try:\n    model.add(Dropout(40))\nexcept ValueError:\n    raise RuntimeError('no dropout')",
    "an attribute of a layer": "model.layers[0].trainable = frozen",
    "setattr": "setattr(model.layers[-1], 'activation', keras.activations.reluu)",
    "a method of a layer": "model.layers[0].quantize('int3')",
    "a loop over networks": "for net in [model]:\n    net.add(Dropout(40))",
    "a comprehension over networks": "[net.add(Dropout(40)) for net in [model]]",
    "a walrus": "(net := model).add(Dropout(40))",
    "a method called as fit is": "class Trainer:\n    def fit(self, net):\n        net.add(Dropout(40))\n"
    "Trainer().fit(model)",
    "a method of one's own called as fit is": "class Trainer:\n    def __init__(self):\n        self.net = model\n"
    "    def fit(self):\n        self.net.add(Dropout(40))\ntrainer = Trainer()\ntrainer.fit()",
    "a function called as plots are": "def plot_model(net):\n    net.add(Dropout(40))\nplot_model(model)",
    "exec": "exec('model.add(Dropout(40))')",
    "globals": "globals()['model'].add(Dropout(40))",
    "methodcaller": "from operator import methodcaller\nmethodcaller('add', 'dropout')(model)",
    "partial": "from functools import partial\nmore = partial(model.add, 'dropout')\nmore()",
    "a generator": "def steps():\n    yield model.add(Dropout(40))\nlist(steps())",
    "a function in a function": "def outer():\n    def inner():\n        model.add(Dropout(40))\n    inner()\nouter()",
    "a list of lambdas": "steps = [lambda: model.add(Dropout(40))]\nfor step in steps:\n    step()",
    "a global of a function": "def more():\n    global model\n    model.add(Dropout(40))\nmore()",
    "a default argument": "def more(net=model):\n    net.add(Dropout(40))\nmore()",
    "a helper that reads an alias": "net = model\ndef more():\n    net.add(Dropout(40))\nmore()",
    "a helper of a helper": "def put(net, layer):\n    net.add(layer)\ndef more():\n    put(model, 'dropout')\nmore()",
    "a method that returns self": "class Stack:\n    def __init__(self, net):\n        self.net = net\n"
    "    def put(self, rate):\n        self.net.add(Dropout(rate))\n        return self\n"
    "Stack(model).put(0.0).put(40)",
    "a class's method": "class Builder:\n    def __init__(self, net):\n        self.net = net\n    def more(self):\n"
    "        self.net.add(Dropout(40))\nbuilder = Builder(model)\nbuilder.more()",
    "a lambda": "more = lambda net: net.add(Dropout(40))\nmore(model)",
    "a star import's name": "from layers_of_mine import *\nmodel.add(MyDropout(0.5))",
}
"""Statements that stop between the layers."""
LAUNDERED = {
    "itself": "model = model",
    "its layers": "model = Sequential(list(model.layers))",
    "its ends": "model = Model(model.inputs, model.outputs)",
    "a clone": "model = keras.models.clone_model(model)",
    "its configuration": "model = Sequential.from_config(model.get_config())",
    "its description": "model = keras.models.model_from_json(model.to_json())",
    "a file": "model.save('m.keras')\nmodel = load_model('m.keras')",
    "a file of old": "model.save('m.h5')\ndel model\nmodel = load_model('m.h5')",
    "a deep copy": "import copy\nmodel = copy.deepcopy(model)",
    "a pickle": "import pickle\nmodel = pickle.loads(pickle.dumps(model))",
    "a call": "pictures = Input((32, 32, 3))\nmodel = Model(pictures, model(pictures))",
    "a function": "def build_model():\n    return model",
    "a function of a list": "nets = [model]\ndef build_model():\n    return nets[0]",
    "a function's default": "def build_model(net=model):\n    return net",
    "a lambda": "build_model = lambda: model",
    "a method": "class Net:\n    def __init__(self):\n        self.net = model\n    def build(self):\n"
    "        return self.net\nbuild_model = Net().build",
    "partial": "from functools import partial\nbuild_model = partial(lambda net: net, model)",
    "a helper": "def finish(net):\n    return Model(net.inputs, net.outputs)\nmodel = finish(model)",
}
"""What comes behind SIGN with a layer that failed, and makes something new of it."""
FUNCTIONAL = """
faces = Input((64, 64, 3))
x = Conv2D(8, 5, strides=2, activation="relu")(faces)
{}
x = MaxPooling2D()(x)
x = Flatten()(x)
happyModel = Model(faces, Dense(1, activation="sigmoid")(x))
"""
STEPS = {
    "a step": "x = BatchNormalization(axis=9)(x)",
    "a step with an unknown layer": "x = BatchNormalisation()(x)",
    "a step in a loop": "for rate in (0.1, 40):\n    x = Dropout(rate)(x) if rate > 1 else x",
    "a step by a helper": "def step(y):\n    return Dropout(40)(y)\nx = step(x)",
    "a step in two": "y = Dropout(40)\nx = y(x)",
    "a step into a list": "xs = [x]\nxs.append(Dropout(40)(x))\nx = xs[-1]",
    "a step into a dictionary": "blocks = {}\nblocks['drop'] = Dropout(40)(x)\nx = blocks.get('drop', x)",
    "a step of two names": "x, rate = Dropout(40)(x), 0.5",
    "a step in a with": "with tf.name_scope('block'):\n    x = Dropout(40)(x)",
    "a step in an if": "if rate > 0.5:\n    x = Dropout(0.5)(x)",
    "a step that is tried again": "for axis in (9, 8):\n    x = BatchNormalization(axis=axis)(x)",
}
"""The same in the functional way."""


KEPT = {
    "training on data that are not there": "history = model.fit(x_of_mine, y_of_mine, epochs=3)",
    "a summary": "model.summary(5, 5, 5, 5, 5, 5, 5)",
    "a layer that is not there": "print(model.layers[99].get_weights())",
    "a figure": "score = model.evaluate(x_of_mine, y_of_mine)[1] * 100",
    "an assert": "assert model.count_params() == 3, 'hmm'",
    "a prediction": "classes = model.predict(x_of_mine).argmax(axis=1)",
    "a loop that reads": "for layer in model.layers:\n    print(layer.name + 1)",
    "a plot": "import matplotlib.pyplot as plt\nplt.plot(history.history['acc'])",
    "a place to save": "model.save('/no/such/folder/model.keras')",
    "weights that are not there": "model.load_weights('best.hdf5')",
    "another model": "other = Sequential()\nother.add(Dropout(40))",
    "a copy": "from keras.models import clone_model\ncopy = clone_model(model)\ncopy.layers[0].missing()",
    "a try of the student's own": "try:\n    model.add(Dropout(40))\nexcept ValueError as error:\n    print(error)",
    "a helper that nobody calls": "def more(net):\n    net.add(Dropout(40))\nmore()",
    "bound again": "model = load_model('best.h5')",
    "deleted": "del model",
}
"""Statements that stop behind a right network and take nothing from it."""
WHOLE = """
model = Sequential([Input((32, 32, 3)), Flatten(), Dense(128, activation="relu"), Dense(5, activation="softmax")])
{}
"""


def _cells(text: str) -> tuple[str, ...]:
    """Each line that begins at the left as a cell of its own."""
    cells: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith((" ", "except", "else")) or not cells:
            cells[-1:] = [f"{cells[-1]}\n{line}" if cells else line]
        else:
            cells.append(line)
    return tuple(cells)


def _files(texts: dict[str, tuple[str, str]]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each as a script in one piece and as the cells of a notebook."""
    script = {f"{name}, script": (slug, (f"{IMPORTS}{text}",)) for name, (slug, text) in texts.items()}
    cells = {f"{name}, cells": (slug, (IMPORTS, *_cells(text))) for name, (slug, text) in texts.items()}
    return script | cells


def _stopped() -> dict[str, tuple[str, str]]:
    texts = {
        f"{slug}, {name}": (slug, frame.format(stop))
        for name, stop in STOPS.items()
        for slug, frame in (("happy-house", FACE), ("traffic-dense", SIGN))
    }
    failed = SIGN.format("model.add(Dropout(40))")
    texts |= {
        f"traffic-dense, by {name}": ("traffic-dense", failed + more) for name, more in LAUNDERED.items()
    }
    return texts | {
        f"happy-house, {name}": ("happy-house", FUNCTIONAL.format(step)) for name, step in STEPS.items()
    }


NOT_PASSED = _files(_stopped())
"""By name: the assignment, and a script in one piece or the cells of a notebook; none may pass."""
PASSED = _files(
    {f"traffic-dense, {name}": ("traffic-dense", WHOLE.format(stop)) for name, stop in KEPT.items()}
)
"""And these must."""


def data_of(cells: tuple[str, ...]) -> tuple[bytes, str]:
    """The file's bytes and name."""
    if len(cells) == 1:
        return cells[0].encode(), "homework.py"
    book = {"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": it} for it in cells]}
    return json.dumps(book).encode(), "homework.ipynb"
