"""Functions that Keras dropped without a successor of the same shape, written anew on top of today's Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

_ORDERINGS = {"th": "channels_first", "tf": "channels_last"}


def merge(inputs: Sequence[Any], mode: str = "sum", concat_axis: int = -1, **_: Any) -> Any:
    """Keras 1's `merge([a, b], mode="concat")` by today's functions."""
    import keras

    functions = {
        "sum": keras.layers.add,
        "mul": keras.layers.multiply,
        "ave": keras.layers.average,
        "max": keras.layers.maximum,
    }
    if mode == "concat":
        return keras.layers.concatenate(list(inputs), axis=concat_axis)
    if mode not in functions:
        text = f"merge(mode={mode!r}) is no more; use keras.layers.dot, add, multiply or concatenate"
        raise ValueError(text)
    return functions[mode](list(inputs))


class MergeModule(ModuleType):
    """`keras.layers.merge`: a function in Keras 1, a module in Keras 2."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it as the function that it was."""
        return merge(*args, **kwargs)


def multi_gpu_model(model: Any, *_: Any, **__: Any) -> Any:
    """The model itself: there is one device."""
    return model


def print_summary(model: Any, **_: Any) -> None:
    """What `model.summary()` prints."""
    model.summary()


def image_dim_ordering() -> str:
    """Keras 1's word for the data format."""
    import keras

    return "th" if keras.config.image_data_format() == "channels_first" else "tf"


def set_image_dim_ordering(ordering: str) -> None:
    """Keras 1's words for `set_image_data_format`."""
    import keras

    keras.config.set_image_data_format(_ORDERINGS.get(ordering, ordering))


def nothing(*_: Any, **__: Any) -> None:
    """What needed a session or a phase once and needs nothing now."""


def learning_phase() -> int:
    """Testing: what is trained says so itself now."""
    return 0


def function(inputs: Sequence[Any], outputs: Sequence[Any], *_: Any, **__: Any) -> Callable[..., list[Any]]:
    """`K.function([model.input], [layer.output])` by a model of these tensors."""
    import keras

    tensors = [tensor for tensor in inputs if hasattr(tensor, "_keras_history")]
    model = keras.Model(tensors, list(outputs))

    def run(values: Sequence[Any]) -> list[Any]:
        found = model([keras.ops.convert_to_tensor(value) for value in values[: len(tensors)]])
        found = found if isinstance(found, list | tuple) else [found]
        return [keras.ops.convert_to_numpy(value) for value in found]

    return run


def get_value(variable: Any) -> Any:
    """The number or array that a variable holds."""
    return variable.numpy() if hasattr(variable, "numpy") else variable


def set_value(variable: Any, value: Any) -> None:
    """Give a variable, such as an optimizer's learning rate, another value."""
    variable.assign(value)


VALUES = {"get_value": get_value, "set_value": set_value}
"""Functions of the backend that Keras still has and that fail with its own variables."""

_NO_SESSION = "nothing: TensorFlow computes at once"

NAMES: dict[str, tuple[str, Any]] = {
    "utils.multi_gpu_model": ("nothing: the model itself", multi_gpu_model),
    "utils.print_summary": ("model.summary()", print_summary),
    "backend.image_dim_ordering": ("keras.config.image_data_format()", image_dim_ordering),
    "backend.set_image_dim_ordering": ("keras.config.set_image_data_format", set_image_dim_ordering),
    "backend.learning_phase": ("the argument training=", learning_phase),
    "backend.set_learning_phase": ("the argument training=", nothing),
    "backend.manual_variable_initialization": ("nothing", nothing),
    "backend.get_session": (_NO_SESSION, nothing),
    "backend.set_session": (_NO_SESSION, nothing),
    "backend.function": ("keras.Model(inputs, outputs)", function),
}
"""Old place → today's words, and what stands in."""

PLACES = frozenset(place.rpartition(".")[0] for place in NAMES)
