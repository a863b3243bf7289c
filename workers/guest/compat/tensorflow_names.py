"""Names of TensorFlow 1 and of older numpy that scripts of these exercises still use."""

from __future__ import annotations

import functools
from types import ModuleType, SimpleNamespace
from typing import Any

from .hooks import Hooks
from .names import TENSORFLOW
from .notes import Notes
from .nothing import NOTHING
from .patches import Patches

_SWITCHES = ("disable_v2_behavior", "disable_eager_execution", "enable_eager_execution")
_SESSIONS = frozenset(
    {"Session", "InteractiveSession", "ConfigProto", "GPUOptions", "global_variables_initializer"}
)
"""What code for Keras on a graphics card began with; it asked for nothing that is needed now."""

_PLACES = ("python", "python_io")
_PARTS = ("python", "ops", "framework", "training", "control_flow_ops")
_NUMPY = {"int": int, "float": float, "bool": bool, "object": object, "str": str, "complex": complex}


def install(hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Offer old names to TensorFlow and numpy as soon as they are there."""
    hooks.when_loaded("tensorflow", lambda module: _Old("tensorflow", notes, patches).attach(module))
    for name in ("tensorflow.compat.v1", "tensorflow._api.v2.compat.v1"):
        hooks.when_loaded(name, lambda module: _stay_eager(module, notes, patches))
    hooks.when_loaded("numpy", lambda module: _Old("numpy", notes, patches).attach(module))


def _stay_eager(module: Any, notes: Notes, patches: Patches) -> None:
    """Old scripts ask for sessions and graphs; Keras needs TensorFlow to compute at once."""
    for name in _SWITCHES:
        switch = functools.partial(notes.old, f"tf.{name}()", "nothing: TensorFlow computes at once")
        patches.set(module, name, switch)


class _Old:
    def __init__(self, library: str, notes: Notes, patches: Patches) -> None:
        self._library = library
        self._notes = notes
        self._patches = patches
        self._places: dict[str, Any] = {}

    def attach(self, module: ModuleType) -> None:
        """Have the module ask here for names that it does not have."""
        self._module = module
        self._before = vars(module).get("__getattr__")
        self._patches.set(module, "__getattr__", self.find)

    def find(self, name: str) -> Any:
        """What an old name stands for; else what the module itself says about it."""
        found = self._numpy(name) if self._library == "numpy" else self._tensorflow(name)
        if found is not None:
            return found
        if self._before is not None:
            return self._before(name)
        text = f"module {self._library!r} has no attribute {name!r}"
        raise AttributeError(text, name=name, obj=self._module)

    def _numpy(self, name: str) -> Any:
        if name in _NUMPY:
            self._notes.old(f"np.{name}", name)
        return _NUMPY.get(name)

    def _tensorflow(self, name: str) -> Any:
        tf: Any = self._module
        if name == "set_random_seed":
            self._notes.old("tf.set_random_seed", "tf.random.set_seed")
            return tf.random.set_seed
        if name == "reset_default_graph":
            self._notes.old("tf.reset_default_graph()", "keras.utils.clear_session()")
            return lambda: None
        if name in _SESSIONS:
            self._notes.old(f"tf.{name}", TENSORFLOW[name])
            return NOTHING
        if name == "logging":
            return tf.compat.v1.logging
        if name in _SWITCHES:
            self._notes.old(f"tf.{name}()", "nothing: TensorFlow computes at once")
            return lambda *_, **__: None
        if name == "VERSION":
            self._notes.old("tf.VERSION", "tf.__version__")
            return tf.__version__
        if name in _PLACES:
            return self._places.setdefault(name, _Place(tf, name))
        return None


class _Place(SimpleNamespace):
    """A part of TensorFlow 1 that may be written to, as in `tf.python.control_flow_ops = tf` of 2017."""

    def __init__(self, tf: Any, name: str) -> None:
        super().__init__()
        self.__dict__["_look_in"] = (tf, getattr(tf.compat.v1, name, None))
        self.__dict__["_place"] = name

    def __getattr__(self, name: str) -> Any:
        found = [getattr(module, name) for module in self._look_in if hasattr(module, name)]
        if name.startswith("__") or not found:
            if name in _PARTS:
                return self.__dict__.setdefault(name, _Place(self._look_in[0], name))
            text = f"module 'tensorflow.{self._place}' has no attribute {name!r}"
            raise AttributeError(text, name=name, obj=self)
        return found[-1]
