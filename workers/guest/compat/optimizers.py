"""TensorFlow 1's optimizers in `compile`: what Keras has under another name, with the same settings."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from .notes import Notes, shown
from .patches import Patches

_FIRST = "tensorflow.python.training"


def install(module: ModuleType, notes: Notes, patches: Patches) -> None:
    """Give `tf.train` the optimizers that are in `tf.compat.v1.train` now."""
    before = vars(module).get("__getattr__")

    def find(name: str) -> Any:
        if name.endswith("Optimizer"):
            import tensorflow as tf

            found = getattr(tf.compat.v1.train, name, None)
            if found is not None:
                today = _TODAY.get(name, ("SGD", None))[0]
                notes.old(f"tf.train.{name}", f"keras.optimizers.{today}")
                return found
        if before is not None:
            return before(name)
        text = f"module 'tensorflow.train' has no attribute {name!r}"
        raise AttributeError(text, name=name, obj=module)

    patches.set(module, "__getattr__", find)


def todays(keras: Any, optimizer: Any, notes: Notes) -> Any:
    """An optimizer of TensorFlow 1 as Keras's own; anything else unchanged."""
    kind = type(optimizer)
    if not kind.__module__.startswith(_FIRST) or kind.__name__ not in _TODAY:
        return optimizer
    name, settings = _TODAY[kind.__name__]
    options = {new: getattr(optimizer, old) for old, new in settings.items() if hasattr(optimizer, old)}
    options = {option: value() if callable(value) else value for option, value in options.items()}
    if options.get("epsilon") == _EPSILONS.get(kind.__name__):
        options.pop("epsilon", None)  # nobody asked for it
    if name == "Ftrl":
        options["learning_rate_power"] = -0.5
    made = getattr(keras.optimizers, name)(**options)
    rate = shown(options.get("learning_rate"))
    notes.old(f"{kind.__name__}({rate})", f"keras.optimizers.{name}({rate})")
    return made


_EPSILONS = {"AdamOptimizer": 1e-8, "AdadeltaOptimizer": 1e-8, "RMSPropOptimizer": 1e-10}
_RATE = {"_learning_rate": "learning_rate"}
_LR = {"_lr": "learning_rate"}
_TODAY: dict[str, tuple[str, Any]] = {
    "GradientDescentOptimizer": ("SGD", _RATE),
    "MomentumOptimizer": ("SGD", _RATE | {"_momentum": "momentum", "_use_nesterov": "nesterov"}),
    "AdamOptimizer": ("Adam", _LR | {"_beta1": "beta_1", "_beta2": "beta_2", "_epsilon": "epsilon"}),
    "AdagradOptimizer": (
        "Adagrad",
        _RATE | {"_initial_accumulator_value": "initial_accumulator_value"},
    ),
    "AdadeltaOptimizer": ("Adadelta", _LR | {"_rho": "rho", "_epsilon": "epsilon"}),
    "RMSPropOptimizer": (
        "RMSprop",
        _RATE | {"_decay": "rho", "_momentum": "momentum", "_epsilon": "epsilon", "_centered": "centered"},
    ),
    "FtrlOptimizer": ("Ftrl", _RATE),
}
"""Old class → today's, and which of the old one's attributes are which of today's arguments."""
