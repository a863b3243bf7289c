"""Today's spelling for what an error says is not there. Plain tables: imports no library."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from contextlib import suppress

from .likeness import nearest
from .names import ARGUMENTS, METHODS, TENSORFLOW, today

Known = tuple[str, str, dict[str, str | int | float | bool | None]]

_MAX_TEXT = 160
_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_ARGUMENT = re.compile(
    r"unexpected keyword argument '(\w+)'|Unrecognized keyword arguments passed to \w+: \{'(\w+)'|"
    r"Argument\(s\) not recognized: \{'(\w+)'|Invalid keyword arguments?: \['(\w+)'"
)
_OF_LAYER = re.compile(r"Unrecognized keyword arguments passed to (\w+): \{'(\w+)'")
_OF_METHOD = re.compile(r"\w+\.(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_EVERY_LAYER = ("input_shape", "input_dim", "name", "trainable", "dtype")
_LIBRARIES = ("keras.", "tensorflow.")


def old_name(error: BaseException) -> Known | None:
    """`("bad_code", "old_name", {...})` for an old spelling that is gone; None for any other error."""
    with suppress(Exception):  # an error of the student's own may do anything when it is looked at
        found = _old(error)
        if found is not None:
            old, new = found
            return "bad_code", "old_name", {"old": old[:_MAX_TEXT], "new": new[:_MAX_TEXT]}
        slip = _slip(error)
        if slip is not None:
            module, name, near = slip
            return "bad_code", "wrong_name", {"module": module, "name": name[:_MAX_TEXT], "nearest": near}
        argument = _wrong_argument(_text(error)) if isinstance(error, TypeError | ValueError) else None
        if argument is not None:
            function, name, near = argument
            return "bad_code", "wrong_argument", {"function": function, "name": name, "nearest": near}
    return None


def _wrong_argument(text: str) -> tuple[str, str, str] | None:
    """`Dense(input_dims=4)`, `model.fit(epoch=3)`: the nearest argument that there is."""
    keras = sys.modules.get("keras")
    layer, method = _OF_LAYER.search(text), _OF_METHOD.search(text)
    words = layer or method
    if keras is None or words is None:
        return None
    owner = getattr(keras.layers, words[1], None) if layer else keras.Model
    function = getattr(owner, "__init__" if layer else words[1], None)
    if not callable(function):
        return None
    known = [*inspect.signature(function).parameters, *(_EVERY_LAYER if layer else ())]
    near = difflib.get_close_matches(words[2], known, n=1)
    return (words[1], words[2], near[0]) if near else None


def _slip(error: BaseException) -> tuple[str, str, str] | None:
    """`keras.layers.Dens`: a library's module, the name that it does not have, and the nearest that it has."""
    module, name = "", ""
    if isinstance(error, AttributeError) and type(error.obj).__name__ == "module" and error.name:
        module, name = str(error.obj.__name__), error.name  # type: ignore[attr-defined]
    elif isinstance(error, ImportError) and (words := _IMPORT.search(_text(error))):
        module, name = words[2], words[1]
    if not module.startswith(_LIBRARIES) and module not in ("keras", "tensorflow", "numpy"):
        return None
    public = [known for known in vars(sys.modules[module]) if not known.startswith("_")]
    near = nearest(name, public)
    return (_shown(module), name, near) if near else None


def _old(error: BaseException) -> tuple[str, str] | None:
    if isinstance(error, ModuleNotFoundError):
        return _with_today(_shown(str(error.name)))
    text = _text(error)
    if isinstance(error, ImportError):
        words = _IMPORT.search(text)
        return _with_today(_shown(f"{words[2]}.{words[1]}")) if words else None
    if isinstance(error, AttributeError):
        return _attribute(error)
    if isinstance(error, TypeError | ValueError):
        words = _ARGUMENT.search(text)
        name = next((word for word in words.groups() if word), "") if words else ""
        return (f"{name}=", f"{ARGUMENTS[name]}=") if name in ARGUMENTS else None
    return None


def _attribute(error: AttributeError) -> tuple[str, str] | None:
    name, owner = error.name, error.obj
    if not isinstance(name, str):
        return None
    module = getattr(owner, "__name__", None) if type(owner).__name__ == "module" else None
    if module == "tensorflow" and name in TENSORFLOW:
        return f"tf.{name}", TENSORFLOW[name]
    if isinstance(module, str):
        return _with_today(_shown(f"{module}.{name}"))
    if name in METHODS and type(owner).__module__.startswith(_LIBRARIES):
        return f"{type(owner).__name__}.{name}"[:_MAX_TEXT], METHODS[name]
    return None


def _with_today(old: str) -> tuple[str, str] | None:
    new = today(old)
    return (old, new) if new else None


def _shown(place: str) -> str:
    return place.replace("keras._tf_keras.keras", "tensorflow.keras")


def _text(error: BaseException) -> str:
    arguments = error.args
    return arguments[0][:2000] if arguments and isinstance(arguments[0], str) else ""
