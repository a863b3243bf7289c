"""How a model was compiled, as plain values: what stands beside the description of its layers.

    {"optimizer": {"class": "SGD", "options": {"learning_rate": 0.01, ...}},
     "loss": {"name": "mse"}, "metrics": [{"class": "AUC", "options": {...}}, {"own": "my_metric", "gives": "a tensor"}]}

A string is a name, an object of Keras's a class with its plain options, and whatever a student wrote is their own.
"""

from __future__ import annotations

import inspect
from typing import Any

from .explain import explain
from .refusal import short

MOST_METRICS = 16
MOST_OPTIONS = 40
_LONGEST_NAME = 80


def describe_compiled(model: Any) -> dict[str, Any] | None:
    """The settings of `model.compile(...)`; None for a model that was not compiled."""
    if not getattr(model, "compiled", False):
        return None
    return {
        "optimizer": _described(_inner(model.optimizer)),
        "loss": _loss(model.loss),
        "metrics": [_metric(metric, model) for metric in _metrics(model)[:MOST_METRICS]],
    }


def _inner(optimizer: Any) -> Any:
    """What Keras, or half precision, has wrapped to scale its losses."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _loss(loss: Any) -> dict[str, Any] | None:
    if isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    if isinstance(loss, list | tuple | dict):
        return {"several": len(loss)}
    return None if loss is None else _described(loss)


def _metric(metric: Any, model: Any) -> dict[str, Any]:
    """A metric; of a student's function also what it gives, tried on numbers of the model's own shape."""
    described = _described(metric)
    if "own" not in described or not inspect.isroutine(metric) or len(model.outputs) != 1:
        return described
    import keras

    shape = [size or 1 for size in model.outputs[0].shape[1:]]
    y_true, y_pred = keras.ops.zeros([2, *shape]), keras.ops.full([2, *shape], 0.5)
    try:
        given = metric(y_true, y_pred)
    except BaseException as error:  # noqa: BLE001 - student code may raise whatever it likes
        raise explain(error, described["own"]) from None
    return {**described, "gives": "a tensor" if keras.ops.is_tensor(given) else type(given).__name__}


def _metrics(model: Any) -> list[Any]:
    """Every metric of a compiled model as the student wrote it, in one list."""
    compiled = getattr(model, "_compile_metrics", None)
    given = [
        getattr(compiled, name, None) for name in ("_user_metrics", "_user_weighted_metrics") if compiled
    ]
    return [metric for group in given for metric in _flat(group) if metric is not None]


def _flat(given: Any) -> list[Any]:
    if isinstance(given, dict):
        return [metric for group in given.values() for metric in _flat(group)]
    if isinstance(given, list | tuple):
        return [metric for group in given for metric in _flat(group)]
    return [given]


def _described(thing: Any) -> dict[str, Any]:
    if isinstance(thing, str):
        return {"name": short(thing, _LONGEST_NAME)}
    wrapped = getattr(thing, "_fn", None) if type(thing).__name__ == "MeanMetricWrapper" else None
    if wrapped is not None:
        return _described(wrapped)
    kind = thing if hasattr(thing, "__qualname__") else type(thing)
    name = short(str(getattr(kind, "__name__", type(thing).__name__)), _LONGEST_NAME)
    if not str(getattr(kind, "__module__", "")).startswith("keras.src."):
        return {"own": name}
    if kind is thing:
        return {"name": name}
    return {"class": name, "options": _options(thing.get_config())}


def _options(config: Any) -> dict[str, Any]:
    """Plain options of an object of Keras's; a schedule of the learning rate is a class with options again."""
    plain: dict[str, Any] = {}
    for name, value in list(config.items())[:MOST_OPTIONS]:
        if isinstance(value, dict) and "class_name" in value:
            plain[str(name)] = {
                "class": str(value["class_name"]),
                "options": _options(value.get("config") or {}),
            }
        elif value is None or isinstance(value, bool | int | float | str):
            plain[str(name)] = short(value) if isinstance(value, str) else value
        elif hasattr(value, "item") and getattr(value, "size", 0) == 1:
            plain[str(name)] = value.item()
    return plain
