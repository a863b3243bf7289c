"""A keras.Model as plain values: layers with their options, and the graph between them.

What leaves here is a claim, nothing more: the host reads it against its own list of layers and bounds, computes every
shape and count itself, and builds its own model from it.

    {"layers": [{"kind": "Dense", "name": "dense", "trainable": true, "options": {"units": 5, ...}}, ...],
     "nodes": [{"layer": 0, "inputs": []}, {"layer": 1, "inputs": [0]}, ...],
     "inputs": [0], "outputs": [4], "built_for_you": false, "name": "sequential"}

A layer that is used twice is one layer with two nodes; nested models are opened.
"""

from __future__ import annotations

from typing import Any

from . import activations
from .compat import sequentials
from .refusal import Refused as Refused  # noqa: PLC0414 - who describes a model catches it by this name
from .refusal import short

MAX_DEPTH = 8
MAX_NODES = 2000

_OPERATIONS = {
    "Add": "Add",
    "Subtract": "Subtract",
    "Multiply": "Multiply",
    "Maximum": "Maximum",
    "Minimum": "Minimum",
    "Concatenate": "Concatenate",
    "Relu": "relu",
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "Elu": "elu",
    "Selu": "selu",
    "Gelu": "gelu",
    "Silu": "silu",
    "Softplus": "softplus",
}
_AS_NAMED: dict[str, Any] = {"axis": -1, "alpha": 1.0, "approximate": False}
"""What an activation function does when it is asked for by its name alone."""


class NotAModel(Refused):
    """What came back is no Keras model at all."""


def describe(model: Any, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """Describe a Sequential or functional model; an unbuilt Sequential is built with `input_shape` (no batch).

    Raises Refused for what cannot be graded (own layers, own functions, several results), NotAModel for no model.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise NotAModel("wrong_return_type", got=type(model).__name__)
    built_for_you = _build(model, input_shape, keras)
    walk = _Walk(keras)
    functional = _functional(model, keras)
    inputs = [walk.input(tensor) for tensor in functional.inputs]
    outputs = [walk.node(tensor, {}, 0) for tensor in functional.outputs]
    return {
        "layers": walk.layers,
        "nodes": walk.nodes,
        "inputs": inputs,
        "outputs": outputs,
        "built_for_you": built_for_you,
        "name": short(str(model.name), 80),
    }


def _build(model: Any, input_shape: tuple[int, ...], keras: Any) -> bool:
    """Build a Sequential that has no input shape yet; True when that was needed."""
    if type(model) is not keras.Sequential or model.built:
        return False
    if not model.layers:
        raise Refused("not_connected")
    try:
        model.build((None, *input_shape))
    except Exception as error:  # noqa: BLE001 - whatever Keras says about the student's layers
        shape = str(tuple(input_shape))
        raise Refused("unbuilt", shape=shape, text=str(error).strip()[:400]) from None
    return True


def _functional(model: Any, keras: Any) -> Any:
    """The graph of a model; Refused for a class of the student's own."""
    if type(model) is keras.Sequential:
        # A Sequential keeps its graph in this attribute; it is None while the input shape is unknown.
        graph = getattr(model, "_functional", None)
        if graph is None:
            raise Refused("not_connected")
        return graph
    if type(model).__name__ != "Functional" or not type(model).__module__.startswith("keras.src."):
        raise Refused("custom_model", kind=type(model).__name__)
    return model


class _Walk:
    """Goes from outputs to inputs and numbers what it meets, each tensor of each context once."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self.layers: list[dict[str, Any]] = []
        self.nodes: list[dict[str, Any]] = []
        self._layer_of: dict[int, int] = {}
        self._inputs: dict[int, int] = {}
        self._of_sequentials: dict[tuple[int, ...], list[int]] = {}
        self._kept: list[Any] = []  # ids stay unique only while their objects live

    def input(self, tensor: Any) -> int:
        """The node of one of the model's inputs."""
        operation = tensor._keras_history.operation
        shape = list(tensor.shape[1:])
        if not all(isinstance(size, int) for size in shape):
            raise Refused("open_input_shape", shape=str(tuple(tensor.shape)))
        number = len(self.layers)
        options = {"shape": shape}
        self.layers.append(
            {"kind": "InputLayer", "name": operation.name, "trainable": True, "options": options}
        )
        self._inputs[id(tensor)] = self._add(number, [])
        self._kept.append(tensor)
        return self._inputs[id(tensor)]

    def node(self, tensor: Any, context: dict[int, int], depth: int) -> int:
        """The number of the node that gives `tensor`; `context` maps tensors that are known to their nodes."""
        known = context if depth else self._inputs
        pending = [tensor]
        while pending:
            current = pending[-1]
            if id(current) in known:
                pending.pop()
                continue
            step = _node_of(current)
            missing = [source for source in step.input_tensors if id(source) not in known]
            if missing:
                if not step.input_tensors or len(pending) > MAX_NODES:
                    raise Refused("not_connected")
                pending.extend(missing)
                continue
            if not step.input_tensors:
                raise Refused("not_connected")
            sources = [known[id(source)] for source in step.input_tensors]
            self._remember(step, sources, known, depth)
        return known[id(tensor)]

    def _remember(self, step: Any, sources: list[int], known: dict[int, int], depth: int) -> None:
        """Number what a call gives; what a Sequential called anew while it grew is one call."""
        made_by = sequentials.maker(step)
        call = (id(made_by), id(step.operation), *sources)
        found = self._of_sequentials.get(call) if made_by is not None else None
        if found is None:
            found = self._results(step, sources, depth)
            self._of_sequentials[call] = found
        known.update({id(tensor): number for tensor, number in zip(step.output_tensors, found, strict=True)})
        self._kept.append(step)

    def _results(self, step: Any, sources: list[int], depth: int) -> list[int]:
        operation = step.operation
        if isinstance(operation, self.keras.Model):
            if depth >= MAX_DEPTH:
                raise Refused("too_deep", limit=MAX_DEPTH)
            inner = _functional(operation, self.keras)
            context = {id(tensor): source for tensor, source in zip(inner.inputs, sources, strict=True)}
            return [self.node(tensor, context, depth + 1) for tensor in inner.outputs]
        _refuse_arguments(step)
        if len(step.output_tensors) != 1:
            raise Refused("many_outputs", layer=operation.name)
        number = self._add(self._layer(operation, step), sources)
        for activation in activations.behind(operation, self.keras):
            number = self._add(self._layer(activation), [number])
        return [number]

    def _layer(self, operation: Any, step: Any = None) -> int:
        if id(operation) not in self._layer_of:
            self._layer_of[id(operation)] = len(self.layers)
            self.layers.append(_describe_operation(operation, step, self.keras))
        return self._layer_of[id(operation)]

    def _add(self, layer: int, inputs: list[int]) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise Refused("too_many_layers", layers=len(self.nodes), limit=MAX_NODES)
        self.nodes.append({"layer": layer, "inputs": inputs})
        return len(self.nodes) - 1


def _node_of(tensor: Any) -> Any:
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _refuse_arguments(step: Any) -> None:
    """Refuse a mask, which changes what a layer does; `training=` does not, since fit and predict override it."""
    if not hasattr(step.operation, "get_config") or _is_plain_operation(step.operation):
        return
    for name, value in step.arguments.kwargs.items():
        if value is not None and name in ("mask", "initial_state"):
            raise Refused("refused_call", layer=step.operation.name, argument=name)


def _is_plain_operation(operation: Any) -> bool:
    return type(operation).__module__.startswith("keras.src.ops.")


def _describe_operation(operation: Any, step: Any, keras: Any) -> dict[str, Any]:
    kind = type(operation).__name__
    if _is_plain_operation(operation):
        return _describe_plain_operation(step, kind)
    if getattr(keras.layers, kind, None) is not type(operation):
        raise Refused("custom_layer", kind=kind)
    policy = getattr(operation.dtype_policy, "name", "float32")
    if policy != "float32":
        raise Refused("refused_dtype", layer=operation.name, dtype=str(policy))
    options = {
        name: _plain(value, operation, name)
        for name, value in operation.get_config().items()
        if name not in ("name", "trainable", "dtype", "batch_shape")
    } | activations.without_layers(operation, keras)
    return {"kind": kind, "name": operation.name, "trainable": bool(operation.trainable), "options": options}


def _describe_plain_operation(step: Any, kind: str) -> dict[str, Any]:
    """`a + b` or `keras.ops.relu(x)` as the layer that does the same."""
    operation = step.operation
    if kind == "LeakyRelu":
        slope = {"negative_slope": operation.negative_slope}
        return {"kind": "LeakyReLU", "name": operation.name, "trainable": True, "options": slope}
    layer = _OPERATIONS.get(kind)
    given = [*step.arguments.args, *step.arguments.kwargs.values()]
    tensors = len(step.input_tensors)
    only_tensors = kind == "Concatenate" or all(
        hasattr(value, "_keras_history") for value in given if value is not None
    )
    if layer is None or not only_tensors:
        raise Refused("refused_operation", kind=kind)
    if layer[0].islower():
        for option, value in _AS_NAMED.items():
            given = getattr(operation, option, value)
            if given != value:
                raise Refused("refused_operation", kind=f"{kind}({option}={given})")
        return {
            "kind": "Activation",
            "name": operation.name,
            "trainable": True,
            "options": {"activation": layer},
        }
    if tensors < 2:  # noqa: PLR2004 - x + 1 has one tensor and a constant
        raise Refused("refused_operation", kind=kind)
    options = {"axis": operation.axis} if kind == "Concatenate" else {}
    return {"kind": layer, "name": operation.name, "trainable": True, "options": options}


def _plain(value: Any, operation: Any, name: str) -> Any:
    """Options as JSON values: Keras's objects as class and options, functions by name."""
    if isinstance(value, dict) and "class_name" in value:
        if value["class_name"] == "function":
            return activations.named(getattr(operation, name, None)) or {
                "function": str(value.get("config"))[:80]
            }
        config = value.get("config")
        inside = config if isinstance(config, dict) else {}
        return {
            "class": str(value["class_name"]),
            "options": {str(key): _plain(item, operation, str(key)) for key, item in inside.items()},
        }
    if isinstance(value, dict):
        return {str(key): _plain(item, operation, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, operation, name) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "item") and getattr(value, "size", 0) == 1:
        return value.item()
    return {"object": type(value).__name__}
