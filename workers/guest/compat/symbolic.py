"""TensorFlow's and the old backend's functions on tensors of a model that is being put together: `tf.reduce_sum(x)`.

Keras 2 made a layer of each such call. Here those that `keras.ops` has are called there, and any other becomes an
operation by its own name: the model can be put together, and whoever describes it can say what it holds.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from .patches import Patches

_OPS = {
    "concat": "concatenate", "reduce_sum": "sum", "reduce_mean": "mean", "reduce_max": "max", "reduce_min": "min",
    "reduce_std": "std", "reduce_variance": "var", "concat_v2": "concatenate", "softmax_v2": "softmax",
    **{name: name for name in (
        "add", "subtract", "multiply", "maximum", "minimum", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid",
        "tanh", "softmax", "softplus", "square", "sqrt", "exp", "abs", "matmul", "transpose", "reshape", "squeeze",
        "expand_dims", "stack",
    )},
}  # fmt: skip

_NAMES = {"features": "x", "logits": "x", "input_tensor": "x", "alpha": "negative_slope", "values": "xs"}
"""TensorFlow's names of arguments → those of keras.ops."""


def install(keras: Any, patches: Patches) -> None:
    """Have TensorFlow hand such calls over."""
    dispatch = sys.modules.get("tensorflow.python.util.dispatch")
    if dispatch is None:
        return
    found: Any = dispatch

    class Handler(found.GlobalOpDispatcher):  # type: ignore[misc]  # TensorFlow has no types
        def handle(self, op: Any, args: Any, kwargs: Any) -> Any:
            if not holds_symbols(keras, (args, kwargs)):
                return self.NOT_SUPPORTED
            return called(keras, op, args, kwargs)

    handler = Handler()
    handler.register()
    patches.on_undo(lambda: found._GLOBAL_DISPATCHERS.remove(handler))


def holds_symbols(keras: Any, arguments: Any) -> bool:
    """Whether a tensor of a model that is being put together is among some arguments."""
    return any(isinstance(one, keras.KerasTensor) for one in keras.tree.flatten(arguments))


def called(keras: Any, function: Any, args: Any, written: Any) -> Any:
    """What a call on such tensors gives: one of them again."""
    name = getattr(function, "__name__", "function")
    kwargs = {_NAMES.get(key, key): value for key, value in written.items() if key != "name"}
    known = getattr(keras.ops, _OPS.get(name, ""), None)
    if name == "gelu":
        known = functools.partial(
            keras.ops.gelu, approximate=False
        )  # the default of either is not the other's
    if known is not None:
        try:
            return known(*args, **kwargs)
        except (TypeError, ValueError):  # arguments that only TensorFlow knows
            pass
    given = {key: value for key, value in written.items() if key != "name"}
    return _operation(keras, function, name)(*args, **given)


def for_backend(keras: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the old backend that takes such tensors too."""

    @functools.wraps(function)
    def either(*args: Any, **kwargs: Any) -> Any:
        if holds_symbols(keras, (args, kwargs)):
            return called(keras, function, args, kwargs)
        return function(*args, **kwargs)

    return either


def _operation(keras: Any, function: Any, name: str) -> Any:
    def compute(_: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def spec(_: Any, *args: Any, **kwargs: Any) -> Any:
        return keras.src.backend.compute_output_spec(function, *args, **kwargs)

    words = f"tf_{name}"  # no name of Keras's own: what it computes is known to TensorFlow alone
    members = {"call": compute, "compute_output_spec": spec, "__module__": "keras.src.ops.tensorflow"}
    return type(words, (keras.Operation,), members)()
