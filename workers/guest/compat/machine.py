"""What only its author's machine has: half precision, a TPU. Code that asks for it gets this machine as it is."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from .hooks import Hooks
from .names import PACKAGES
from .notes import Notes
from .nothing import NOTHING
from .patches import Patches

_POLICIES = {
    "mixed_precision": ("set_global_policy", "set_dtype_policy"),
    "config": ("set_dtype_policy", "set_floatx"),
    "backend": ("set_floatx",),
}
_TPU = {
    "tensorflow._api.v2.distribute.cluster_resolver": ("TPUClusterResolver",),
    "tensorflow._api.v2.tpu.experimental": ("initialize_tpu_system", "shutdown_tpu_system"),
    "tensorflow._api.v2.config": ("experimental_connect_to_cluster",),
    "tensorflow._api.v2.distribute": ("TPUStrategy",),
    "tensorflow._api.v2.distribute.experimental": ("TPUStrategy",),
}


def install(hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Keep layers at float32, and give a TPU's strategy where one is asked for: the usual one."""
    for package in PACKAGES:
        for inside, names in _POLICIES.items():
            hooks.when_loaded(f"{package}.{inside}", _each(names, _stays_float32(notes), patches))
    for place, names in _TPU.items():
        hooks.when_loaded(place, _each(names, _no_tpu(notes), patches))


def _each(
    names: tuple[str, ...], wrapper: Callable[..., Any], patches: Patches
) -> Callable[[ModuleType], object]:
    def change(module: ModuleType) -> None:
        for name in names:
            if hasattr(module, name):
                patches.around(module, name, wrapper)

    return change


def _stays_float32(notes: Notes) -> Callable[..., Any]:
    def set_policy(inner: Callable[..., Any], policy: Any, *args: Any, **kwargs: Any) -> Any:
        name = str(getattr(policy, "name", policy))
        if "16" not in name:
            return inner(policy, *args, **kwargs)
        notes.old(f"{inner.__name__}({name!r})", "nothing: all is computed in float32 here")
        return None

    return set_policy


def _no_tpu(notes: Notes) -> Callable[..., Any]:
    def stand_in(inner: Callable[..., Any], *_: Any, **__: Any) -> Any:
        name = getattr(inner, "__name__", "TPU")
        notes.old(f"{name}(…)", "nothing: there is no TPU here")
        if "Strategy" not in name:
            return NOTHING
        import tensorflow as tf

        return tf.distribute.get_strategy()

    return stand_in
