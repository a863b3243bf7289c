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
CLAIM["parts"] *= 2
os.write(3, json.dumps(CLAIM).encode())
os._exit(0)
