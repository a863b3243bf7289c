"""Old spellings of what models and layers do: compile, fit, predict_classes, add_metric and their like.

Nothing here keeps a model from training: see `inert` for that.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from . import optimizers, sizes
from .notes import Notes, asked_by_a_library, shown
from .patches import Patches

_EPOCHS = ("nb_epoch", "nb_epochs")
_STEPS = {
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "validation_steps",
}
_IGNORED = frozenset({"show_accuracy", "workers", "use_multiprocessing", "max_queue_size", "max_q_size", "pickle_safe", "nb_worker"})  # fmt: skip
_COUNTS = frozenset({"batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size"})
_IGNORED_IN_COMPILE = frozenset(
    {"class_mode", "sample_weight_mode", "target_tensors", "options", "run_metadata"}
)
_POSITION_OF_METRICS = 2
_HALF = 0.5


def install(keras: Any, notes: Notes, patches: Patches) -> None:
    """Have models and layers take their old arguments and answer to their old methods."""
    spelled = _Models(keras, notes)
    model = keras.Model
    patches.around(model, "__new__", spelled.new)
    patches.around(keras.src.models.functional.Functional, "__init__", spelled.make)
    patches.around(keras.src.trainers.trainer.Trainer, "compile", spelled.compile)
    patches.around(model, "fit", spelled.fit)
    for name in ("evaluate", "predict"):
        patches.around(model, name, spelled.without_workers)
    for name in (
        "fit_generator",
        "evaluate_generator",
        "predict_generator",
        "predict_classes",
        "predict_proba",
    ):
        patches.offer(model, name, _method(getattr(spelled, name)))
    patches.set(model, "metrics_names", property(metrics_names))
    patches.around(keras.callbacks.CallbackList, "on_epoch_end", _log_both)
    _Layers(keras, notes).install(patches)


def metrics_names(model: Any) -> list[str]:
    """The names of what `evaluate` returns, in its order."""
    names: list[str] = []
    for metric in model.metrics:
        inside = getattr(metric, "metrics", None) if metric.name == "compile_metrics" else None
        names += [metric.name] if inside is None else [part.name for part in inside]
    return names


def both_spellings(history: dict[str, Any]) -> None:
    """Give each `accuracy` curve its old name too, and each `acc` curve its new one."""
    for key, values in list(history.items()):
        start = "val_" if key.startswith("val_") else ""
        rest = key[len(start) :]
        if rest.endswith("accuracy"):
            history.setdefault(f"{start}acc", values)
        elif rest == "acc":
            history.setdefault(f"{start}accuracy", values)


def _log_both(inner: Callable[..., Any], callbacks: Any, epoch: int, logs: Any = None) -> None:
    """What callbacks are told at the end of an epoch has both names too."""
    logs = {} if logs is None else logs
    both_spellings(logs)
    inner(callbacks, epoch, logs)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return method


class _Models:
    """The old spellings, each as a function around today's method."""

    def __init__(self, keras: Any, notes: Notes) -> None:
        self._keras = keras
        self._notes = notes

    def new(self, inner: Callable[..., Any], cls: type, *args: Any, **kwargs: Any) -> Any:
        """`Model(input=a, output=b)`: the first half of making one."""
        return inner(cls, *args, **self._ends(kwargs))

    def make(self, inner: Callable[..., Any], model: Any, *args: Any, **kwargs: Any) -> None:
        """`Model(input=a, output=b)`: the other half."""
        inner(model, *args, **self._ends(kwargs))

    def compile(self, inner: Callable[..., Any], model: Any, *args: Any, **kwargs: Any) -> Any:
        """`compile("adam", "mse", ["accuracy"])`: metrics came third, before the weights of losses."""
        for name in sorted(kwargs.keys() & _IGNORED_IN_COMPILE):
            self._notes.old(f"compile({name}={shown(kwargs.pop(name))})", f"compile() without {name}")
        if len(args) > _POSITION_OF_METRICS and _are_metrics(args[_POSITION_OF_METRICS]):
            metrics, *weights = args[_POSITION_OF_METRICS:]
            self._notes.old(f"compile(…, …, {shown(metrics)})", f"compile(…, …, metrics={shown(metrics)})")
            args, kwargs = args[:_POSITION_OF_METRICS], kwargs | {"metrics": metrics}
            if weights and not _are_metrics(weights[0]):
                kwargs["loss_weights"] = weights[0]
        for name in ("metrics", "weighted_metrics"):
            metrics = kwargs.get(name)
            if metrics is not None and not isinstance(metrics, list | tuple | Mapping):
                kwargs[name] = sorted(metrics, key=str) if isinstance(metrics, set) else [metrics]
                self._notes.old(f"{name}={shown(metrics)}", f"{name}=[{shown(metrics)}]")
        if args:
            args = (optimizers.todays(self._keras, args[0], self._notes), *args[1:])
        elif "optimizer" in kwargs:
            kwargs["optimizer"] = optimizers.todays(self._keras, kwargs["optimizer"], self._notes)
        return inner(model, *args, **kwargs)

    def fit(self, inner: Callable[..., Any], model: Any, *args: Any, **kwargs: Any) -> Any:
        """`fit(…, nb_epoch=10)`; the curves of the history get both of their names."""
        kwargs = self._without_workers("fit", kwargs)
        for old in _EPOCHS:
            if old in kwargs:
                epochs = kwargs.pop(old)
                kwargs.setdefault("epochs", epochs)
                self._notes.old(f"fit({old}={shown(epochs)})", f"fit(epochs={shown(epochs)})")
        kwargs |= {name: _whole(kwargs[name]) for name in _COUNTS & kwargs.keys()}
        history = inner(model, *args, **kwargs)
        if isinstance(getattr(history, "history", None), dict):
            both_spellings(history.history)
        return history

    def without_workers(self, inner: Callable[..., Any], model: Any, *args: Any, **kwargs: Any) -> Any:
        """`predict(x, workers=4)`: such arguments mean nothing now."""
        return inner(model, *args, **self._without_workers(inner.__name__, kwargs))

    def fit_generator(self, model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
        """`fit` of a generator."""
        self._notes.old("fit_generator(…)", "fit(…)")
        names = ("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps")
        kwargs = dict(zip(names, args, strict=False)) | kwargs
        for old, new in _STEPS.items():
            if old in kwargs:
                kwargs.setdefault(new, _in_batches(kwargs.pop(old), generator))
                self._notes.old(f"{old}=…", f"{new}=…")
        return model.fit(generator, **kwargs)

    def evaluate_generator(
        self, model: Any, generator: Any, steps: Any = None, *_: Any, **kwargs: Any
    ) -> Any:
        """`evaluate` of a generator."""
        self._notes.old("evaluate_generator(…)", "evaluate(…)")
        return model.evaluate(generator, steps=kwargs.pop("val_samples", steps), **kwargs)

    def predict_generator(self, model: Any, generator: Any, steps: Any = None, *_: Any, **kwargs: Any) -> Any:
        """`predict` of a generator."""
        self._notes.old("predict_generator(…)", "predict(…)")
        return model.predict(generator, steps=kwargs.pop("val_samples", steps), **kwargs)

    def predict_classes(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        """The most likely class of each row; for one output, whether it is above one half."""
        self._notes.old("predict_classes(x)", "predict(x).argmax(axis=-1)")
        found = model.predict(*args, **kwargs)
        return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > _HALF).astype("int32")

    def predict_proba(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        """What `predict` returns."""
        self._notes.old("predict_proba(x)", "predict(x)")
        return model.predict(*args, **kwargs)

    def _ends(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        ends = {"input": "inputs", "output": "outputs"}
        if not (kwargs.keys() & ends.keys()):
            return dict(kwargs)
        for old in sorted(kwargs.keys() & ends.keys()):
            self._notes.old(f"Model({old}=…)", f"Model({ends[old]}=…)")
        return {ends.get(name, name): value for name, value in kwargs.items()}

    def _without_workers(self, method: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        for name in sorted(kwargs.keys() & _IGNORED):
            self._notes.old(f"{method}({name}={shown(kwargs[name])})", f"{method}() without {name}")
        return {name: value for name, value in kwargs.items() if name not in _IGNORED}


def _are_metrics(value: Any) -> bool:
    """Whether what stands in the third place is metrics, not today's weights of losses."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return bool(value) and not all(isinstance(item, int | float) for item in value)
    return isinstance(value, str) or callable(value)


def _whole(value: Any) -> Any:
    """`steps_per_epoch=len(x) / 32`: whole steps, as older Keras counted them."""
    value = sizes.whole(value)
    return max(1, int(value)) if isinstance(value, float) and math.isfinite(value) else value


def _in_batches(samples: Any, generator: Any) -> Any:
    size = getattr(generator, "batch_size", None)
    return max(1, int(samples) // size) if isinstance(size, int) and size > 0 else samples


class _Layers:
    """What layers could do once."""

    def __init__(self, keras: Any, notes: Notes) -> None:
        self._keras = keras
        self._notes = notes

    def install(self, patches: Patches) -> None:
        """Give layers `add_metric`, `input_shape`, `output_shape` and their like."""
        layer = self._keras.Layer
        patches.set(layer, "add_metric", _method(self.add_metric))
        for owner in (layer, self._keras.src.models.functional.Functional):
            patches.around(owner, "add_loss", self.add_loss)
        patches.offer(layer, "add_update", lambda *_, **__: None)
        for name, tensor in (("input_shape", "input"), ("output_shape", "output")):
            patches.offer(layer, name, _Shape(name, tensor, self._notes))
        for name, tensor in (("get_input_at", "input"), ("get_output_at", "output")):
            patches.offer(layer, name, lambda self, _=0, tensor=tensor: getattr(self, tensor))

    def add_loss(self, inner: Callable[..., Any], layer: Any, loss: Any, *args: Any, **kwargs: Any) -> None:
        """`model.add_loss(tf.reduce_sum(x))` on a model that is put together: it is no part of its layers."""
        losses = self._keras.tree.flatten(loss)
        if not args and not kwargs and not any(map(self._is_none_yet, losses)):
            inner(layer, loss)
            return
        today = "self.add_loss(…) in the call of a layer, or the loss of compile"
        self._notes.old("model.add_loss(…)", today)

    def _is_none_yet(self, loss: Any) -> bool:
        return isinstance(loss, self._keras.KerasTensor) or inspect.isroutine(loss)

    def add_metric(
        self, layer: Any, value: Any, name: str | None = None, aggregation: Any = None, **_: Any
    ) -> None:
        """Keep the mean of `value` over an epoch as a metric of the layer, as Keras 2 did."""
        today = "self.mean = keras.metrics.Mean(name=…) in __init__, self.mean.update_state(…) in call"
        self._notes.old("self.add_metric(…)", today)
        if isinstance(value, self._keras.KerasTensor):
            return  # on a model that is being put together: there is nothing to measure yet
        name = name or getattr(value, "name", None) or "metric"
        kept = layer.__dict__.setdefault("_compat_metrics", {})
        if name not in kept:
            kept[name] = self._new_metric(layer, name)
        kept[name].update_state(value)

    def _new_metric(self, layer: Any, name: str) -> Any:
        metric = self._keras.metrics.Mean(name=name)
        tracker = (
            layer._tracker
        )  # a built layer takes no new state, but Keras 2 added metrics while it was called
        locked = tracker.locked
        tracker.unlock()
        try:
            layer._metrics.append(metric)
        finally:
            if locked:
                tracker.lock()
        return metric


class _Shape:
    """`layer.output_shape`, unless the layer has an attribute of that name itself."""

    def __init__(self, name: str, tensor: str, notes: Notes) -> None:
        self._name = name
        self._tensor = tensor
        self._notes = notes

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        shape = getattr(layer, self._tensor).shape
        if not asked_by_a_library():
            self._notes.old(f"layer.{self._name}", f"layer.{self._tensor}.shape")
        return shape
