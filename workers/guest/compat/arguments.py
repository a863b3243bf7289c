"""Old names of arguments, put into today's before a layer, an optimizer or a callback sees them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, KeysView
from typing import Any

from .names import ARGUMENTS
from .notes import Notes, shown
from .patches import Patches
from .sizes import plain

Arguments = tuple[tuple[Any, ...], dict[str, Any]]

_LAYERS = frozenset(
    {"nb_filter", "nb_row", "nb_col", "filter_length", "kernel_dim1", "border_mode", "subsample", "subsample_length",
     "stride", "pool_length", "dim_ordering", "init", "inner_init", "inner_activation", "W_regularizer",
     "b_regularizer", "W_constraint", "b_constraint", "bias", "output_dim", "p", "sigma", "gamma_init", "beta_init",
     "dropout_W", "dropout_U", "batch_input_shape"}
)  # fmt: skip
_DROPPED = frozenset({"input_dtype", "input_length", "mode", "consume_less", "implementation"})
"""Arguments of layers that mean nothing any more."""

_ORDERINGS = {"th": "channels_first", "tf": "channels_last"}
_INITIALIZERS = {"uniform": "random_uniform", "normal": "random_normal", "zero": "zeros", "one": "ones"}
_OLD_CONVOLUTION = frozenset(
    {"border_mode", "subsample", "dim_ordering", "init", "W_regularizer", "b_regularizer", "nb_filter"}
)
_KERNEL_SIZES = 3
_WINDOWS = {"pool_size", "pool_length"}


def install(keras: Any, notes: Notes, patches: Patches) -> None:
    """Have layers, optimizers and callbacks take their old arguments."""
    for layer in _own_classes(keras.layers, keras.Layer):
        if layer is not keras.Layer:
            _translate(layer, functools.partial(_layer, notes), patches)
    _translate(keras.Layer, functools.partial(_layer, notes), patches)
    for optimizer in _own_classes(keras.optimizers, keras.optimizers.Optimizer):
        _translate(optimizer, functools.partial(_optimizer, keras, notes), patches)
    patches.offer(keras.optimizers.Optimizer, "lr", property(_get_rate, _set_rate))
    for name, table in _CALLBACKS.items():
        callback = getattr(keras.callbacks, name)
        _translate(callback, functools.partial(_renamed, table, notes), patches)


def _own_classes(module: Any, base: type) -> list[type]:
    classes = {
        value for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)
    }
    return [cls for cls in classes if "__init__" in vars(cls)]


def _translate(
    cls: Any, translate: Callable[[type, KeysView[str], Arguments], Arguments], patches: Patches
) -> None:
    """Put `translate` before `cls.__init__`; what a caller can see of the class stays as it was."""
    inner = cls.__init__
    signature = inspect.signature(inner)
    known = dict.fromkeys(signature.parameters).keys()

    @functools.wraps(inner)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = translate(cls, known, (args, kwargs))
        inner(self, *args, **kwargs)

    init.__signature__ = signature  # type: ignore[attr-defined]  # Keras asks for it without following wrappers
    patches.set(cls, "__init__", init)


def _layer(notes: Notes, cls: type, known: KeysView[str], arguments: Arguments) -> Arguments:
    args, kwargs = _numbers(notes, cls, known, arguments)
    if cls.__name__.startswith("AveragePooling") and not args and not kwargs.keys() & _WINDOWS:
        # The largest of a window still has a size by itself, the mean has none any more.
        notes.old(f"{cls.__name__}()", f"{cls.__name__}(pool_size=2)")
        kwargs = {**kwargs, "pool_size": 2}
    if "filters" in known:
        args, kwargs = _convolution(notes, cls.__name__, args, kwargs)
    old = (kwargs.keys() & (_LAYERS | _DROPPED)) - known
    if not old:
        return args, kwargs
    kwargs = dict(kwargs)
    if {"input_dim", "input_length"} <= kwargs.keys() and "input_dim" not in known:
        kwargs["input_shape"] = (kwargs["input_length"], kwargs.pop("input_dim"))
    for name in sorted(old):
        new = None if name in _DROPPED else _today(name, known)
        if new is not None and new not in known and name != "batch_input_shape":
            continue
        given = kwargs.pop(name)
        written = f"{cls.__name__}({name}={shown(given)})"
        if new is None and cls.__name__.endswith("Cell"):
            continue  # Keras's own LSTM and GRU pass it to theirs
        if new is None:
            notes.old(written, f"{cls.__name__}() without {name}")
            continue
        value = _value(name, given)
        kwargs.setdefault(new, value)
        notes.old(written, f"{new}={shown(value)}")
    return args, kwargs


def _numbers(notes: Notes, cls: type, known: KeysView[str], arguments: Arguments) -> Arguments:
    """Sizes as Python's own integers, whatever they came as."""

    def told(name: str, given: Any, value: Any) -> None:
        notes.old(f"{cls.__name__}({name}={shown(given)})", f"{name}={shown(value)}")

    args, kwargs = arguments
    names = [name for name in known if name != "self"]
    named = [plain(name, value, told) for name, value in zip(names, args, strict=False)]
    return (*named, *args[len(named) :]), {name: plain(name, value, told) for name, value in kwargs.items()}


def _today(name: str, known: KeysView[str]) -> str:
    """Today's name; what is called kernel elsewhere is called embeddings in an Embedding."""
    new = ARGUMENTS[name]
    return new.replace("kernel_", "embeddings_") if "embeddings_initializer" in known else new


def _value(name: str, value: Any) -> Any:
    if name == "dim_ordering":
        value = _ORDERINGS.get(value, value) if isinstance(value, str) else value
    elif name == "batch_input_shape":
        value = tuple(value)[1:]
    elif name in ("init", "inner_init", "gamma_init", "beta_init") and isinstance(value, str):
        value = _INITIALIZERS.get(value, value)
    return value


def _convolution(notes: Notes, kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """`Convolution2D(32, 3, 3)` and `nb_row=3, nb_col=3`: sizes as two numbers, where today one argument is."""
    rows = [kwargs[name] for name in ("nb_row", "nb_col") if name in kwargs]
    if rows:
        kwargs = {name: value for name, value in kwargs.items() if name not in ("nb_row", "nb_col")}
        kwargs["kernel_size"] = tuple(rows)
        notes.old(f"{kind}(nb_row={shown(rows[0])}, nb_col=…)", f"kernel_size={shown(tuple(rows))}")
    two = len(args) >= _KERNEL_SIZES and all(type(size) is int for size in args[1:_KERNEL_SIZES])
    if "2D" not in kind or not two or "strides" in kwargs:
        return args, kwargs
    if kwargs.keys() & _OLD_CONVOLUTION:
        notes.old(f"{kind}{shown(args)}", f"{kind}({args[0]}, {shown(args[1:3])})")
        args = (args[0], args[1:3], *args[3:])
    else:
        notes.add(
            "strides_not_kernel", kind=kind, filters=str(args[0]), kernel=str(args[1]), strides=str(args[2])
        )
    return args, kwargs


def _optimizer(keras: Any, notes: Notes, cls: type, known: KeysView[str], arguments: Arguments) -> Arguments:
    args, kwargs = arguments
    if not kwargs.keys() & {"lr", "decay", "schedule_decay"} and kwargs.get("epsilon", 0) is not None:
        return arguments
    kwargs = dict(kwargs)
    if kwargs.get("epsilon", 0) is None:
        del kwargs["epsilon"]
    if "lr" in kwargs and "learning_rate" in known:
        rate = kwargs.pop("lr")
        rate = float(rate) if isinstance(rate, int) else rate
        kwargs.setdefault("learning_rate", rate)
        notes.old(f"{cls.__name__}(lr={shown(rate)})", f"learning_rate={shown(rate)}")
    kwargs.pop("schedule_decay", None)
    decay = kwargs.pop("decay", None)
    if decay:
        rate = kwargs.pop("learning_rate", None) or (args[0] if args else _default(cls))
        schedule = f"keras.optimizers.schedules.InverseTimeDecay({shown(rate)}, 1, {shown(decay)})"
        notes.old(f"{cls.__name__}(decay={shown(decay)})", f"learning_rate={schedule}")
        rates = keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)
        args, kwargs = ((rates, *args[1:]), kwargs) if args else (args, kwargs | {"learning_rate": rates})
    return args, kwargs


def _default(cls: Any) -> Any:
    return inspect.signature(cls.__init__).parameters["learning_rate"].default


def _get_rate(optimizer: Any) -> Any:
    return optimizer.learning_rate


def _set_rate(optimizer: Any, value: Any) -> None:
    optimizer.learning_rate = value


_CALLBACKS: dict[str, dict[str, str | None]] = {
    "ModelCheckpoint": {"period": None},
    "TensorBoard": {
        "write_grads": None,
        "batch_size": None,
        "embeddings_layer_names": None,
        "embeddings_data": None,
    },
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
}


def _renamed(
    table: dict[str, str | None], notes: Notes, cls: type, known: KeysView[str], arguments: Arguments
) -> Arguments:
    args, kwargs = arguments
    old = (kwargs.keys() & table.keys()) - known
    kwargs = dict(kwargs)
    for name in sorted(old):
        value, new = kwargs.pop(name), table[name]
        if new is not None:
            kwargs.setdefault(new, value)
        notes.old(f"{cls.__name__}({name}=…)", f"{new}=…" if new else f"{cls.__name__}() without {name}")
    return args, kwargs
