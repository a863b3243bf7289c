import json
import os

def layer(kind, name, **options):
    return {"kind": kind, "name": name, "trainable": True, "options": options}


DENSE = {"use_bias": True, "kernel_initializer": {"class": "GlorotUniform", "options": {"seed": None}},
         "bias_initializer": {"class": "Zeros", "options": {}}}
LAYERS = [layer("InputLayer", "input", shape=[2]), layer("Dense", "a", units=16, activation="tanh", **DENSE),
          layer("Dense", "b", units=2, activation="softmax", **DENSE)]
NODES = [{"layer": 0, "inputs": []}, {"layer": 1, "inputs": [0]}, {"layer": 2, "inputs": [1]}]
MODEL = {"layers": LAYERS, "nodes": NODES, "inputs": [0], "outputs": [2], "built_for_you": False, "name": "m"}
CLAIM = {"format": 1, "parts": [{"name": "model", "entry_point": "build_model", "model": MODEL, "compiled": None}],
         "training": None, "notes": []}


def chain(*layers):
    """The layers one after the other, an input in front."""
    LAYERS[1:] = layers
    NODES[:] = [{"layer": place, "inputs": [place - 1] if place else []} for place in range(len(LAYERS))]
    MODEL["outputs"] = [len(NODES) - 1]


chain(layer("RepeatVector", "r", n=4096), layer("Conv1D", "c", filters=128, kernel_size=1),
      layer("Conv1D", "d", filters=128, kernel_size=64, padding="same"), layer("GlobalAveragePooling1D", "g"),
      layer("Dense", "a", units=16, activation="tanh"), layer("Dense", "b", units=2, activation="softmax"))
os.write(3, json.dumps(CLAIM).encode())
os._exit(0)
