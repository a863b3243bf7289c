"""Models that do not train: fit, evaluate and predict look at their arguments as Keras does and go no further.

The grader trains a submission's network itself, outside; training it here too would cost the student's time limit and
prove nothing. What is promised is there all the same: a history with every curve, results of the right lengths, files
that can be loaded after they were saved. The numbers are NaN.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any

from .files import of_checkpoint, of_model, of_weights
from .fits import Fits
from .hooks import Hooks
from .models import both_spellings, metrics_names
from .names import PACKAGES
from .notes import Notes
from .patches import Patches

NAN = float("nan")
MAX_ROWS = 64
_MAX_NUMBERS = 2**20
_MAX_EPOCHS = 100_000
_MAX_SAVED_PARAMS = 2_000_000


def install(keras: Any, notes: Notes, fits: Fits, hooks: Hooks, patches: Patches) -> None:
    """Keep every Keras model from training."""
    saved = _Saved()
    inert = Model(keras, notes, fits, saved)
    for name in ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch"):
        patches.around(keras.Model, name, getattr(inert, name))
    patches.around(keras.src.trainers.trainer.Trainer, "compile", inert.compile)
    patches.around(keras.Model, "save", saved.save)
    patches.around(keras.Model, "save_weights", saved.save_weights)
    patches.around(keras.Model, "load_weights", saved.load_weights)
    for package in PACKAGES:
        for inside in ("models", "saving"):
            hooks.when_loaded(
                f"{package}.{inside}", lambda module: patches.around(module, "load_model", saved.load_model)
            )


class Model:
    """Stand-ins for the methods of `keras.Model`; the first argument of each is the real one, which is not called.

    Python's errors about arguments name this class, hence its name.
    """

    def __init__(self, keras: Any, notes: Notes, fits: Fits, saved: _Saved) -> None:
        self._keras = keras
        self._notes = notes
        self._fits = fits
        self._saved = saved
        self._seen: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def compile(self, inner: Callable[..., Any], model: Any, *args: Any, **kwargs: Any) -> Any:
        """Compile, and forget which data are known to fit."""
        inner(model, *args, **kwargs)
        self._seen.pop(model, None)

    def fit(
        self,
        _: Callable[..., Any],
        model: Any,
        x: Any = None,
        y: Any = None,
        batch_size: Any = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: Any = None,
        validation_steps: Any = None,
        validation_batch_size: Any = None,
        validation_freq: Any = 1,
    ) -> Any:
        """A history with every promised curve, as long as `epochs`."""
        self._check(model, "fit", x, y, sample_weight)
        if validation_split and y is None:
            text = "`validation_split` is only supported for Tensors or NumPy arrays"
            raise ValueError(text)
        if validation_data is not None:
            vx, vy, vw = self._keras.utils.unpack_x_y_sample_weight(_as_tuple(validation_data))
            self._check(model, "fit", vx, vy, vw)
        validated = bool(validation_split) or validation_data is not None
        numbers = range(initial_epoch, epochs)[:_MAX_EPOCHS]
        self._fits.add_fit(
            model, epochs=epochs, batch_size=batch_size, split=validation_split, validated=validated
        )
        self._notes.add("not_trained_here")
        self._promise_files(model, callbacks)
        return self._history(model, numbers, validated=validated, callbacks=callbacks)

    def evaluate(
        self, _: Callable[..., Any], model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """One NaN for each of `metrics_names`."""
        weight = kwargs.get("sample_weight", _third(args))
        self._check(model, "evaluate", x, y, weight)
        self._notes.add("not_trained_here")
        return _results(model, return_dict=kwargs.get("return_dict", False))

    def train_on_batch(
        self, _: Callable[..., Any], model: Any, x: Any, y: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """One NaN for each of `metrics_names`."""
        self._check(model, "train_on_batch", x, y, args[0] if args else kwargs.get("sample_weight"))
        self._notes.add("not_trained_here")
        return _results(model, return_dict=kwargs.get("return_dict", False))

    test_on_batch = train_on_batch

    def predict(self, _: Callable[..., Any], model: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """One real forward pass of some rows, repeated for as many as there are."""
        keras = self._keras
        steps = kwargs.get("steps", _third(args))
        batch, rows = _first(keras, x, None, None)
        rows = rows * steps if steps and not _is_array(x) else rows
        inputs = keras.tree.map_structure(lambda leaf: _rows(leaf, _forward_rows(leaf)), batch[0])
        found = model(inputs, training=False)
        import numpy as np

        def tiled(tensor: Any) -> Any:
            part = keras.ops.convert_to_numpy(tensor)
            return np.resize(part, (rows, *part.shape[1:]))

        return keras.tree.map_structure(tiled, found)

    def _history(self, model: Any, numbers: range, *, validated: bool, callbacks: Any) -> Any:
        history = self._keras.callbacks.History()
        history.set_model(model)
        history.set_params({"epochs": len(numbers), "verbose": 0, "steps": None})
        history.epoch = list(numbers)
        names = metrics_names(model)
        names += [f"val_{name}" for name in names] if validated else []
        schedules = ("LearningRateScheduler", "ReduceLROnPlateau")
        if any(type(callback).__name__ in schedules for callback in callbacks or ()):
            names += ["learning_rate", "lr"]
        history.history = {name: [NAN] * len(numbers) for name in names}
        both_spellings(history.history)
        model.history = history
        model.stop_training = False
        return history

    def _promise_files(self, model: Any, callbacks: Any) -> None:
        callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
        for callback in callbacks:
            if isinstance(callback, self._keras.callbacks.ModelCheckpoint):
                self._saved.promise(callback.filepath, model)

    def _check(self, model: Any, method: str, x: Any, y: Any, weight: Any) -> None:
        """Raise what Keras raises for a model that is not compiled or data that do not fit; build what is not built."""
        model._assert_compile_called(method)
        batch, _ = _first(self._keras, x, y, weight)
        leaves = self._keras.tree.flatten(batch)
        shapes = tuple((tuple(leaf.shape[1:]), str(leaf.dtype)) for leaf in leaves if leaf is not None)
        if self._seen.get(model) == shapes:
            return
        specs = self._keras.tree.map_structure(self._spec, batch)
        self._try(model, *specs)
        self._seen[model] = shapes

    def _spec(self, leaf: Any) -> Any:
        if leaf is None:
            return None
        dtype = self._keras.backend.standardize_dtype(leaf.dtype)
        if dtype.startswith(("float", "bfloat")):
            dtype = self._keras.config.floatx()
        return self._keras.KerasTensor((None, *leaf.shape[1:]), dtype)

    def _try(self, model: Any, x: Any, y: Any, weight: Any) -> None:
        """The forward pass, the metrics and the loss on shapes alone: Keras's own checks at no cost."""
        spec = self._keras.src.backend.compute_output_spec
        predicted = spec(model, x, training=False)
        if y is None or type(model).train_step is not self._keras.Model.train_step:
            return
        if model._compile_metrics is not None:
            spec(model.compute_metrics, x, y, predicted, sample_weight=weight)
        spec(model._compute_loss, x, y, predicted, sample_weight=weight, training=False)


class _Saved:
    """Files of models: small ones are written, of large ones we remember which model they would have held."""

    def __init__(self) -> None:
        self._models: dict[str, Any] = {}

    def promise(self, path: str, model: Any) -> None:
        """Remember a file that is not written."""
        self._models[os.path.abspath(path)] = model
        if len(self._models) > MAX_ROWS:
            self._models.pop(next(iter(self._models)))

    def save(self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Write a small model; promise a large one."""
        if model.built and model.count_params() > _MAX_SAVED_PARAMS:
            return self.promise(filepath, model)
        return inner(model, filepath, *args, **kwargs)

    save_weights = save

    def load_weights(
        self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Read a file that is there; a promised one holds nothing that was learnt here."""
        if not os.path.exists(filepath) and self._promised(filepath) is not None:
            return None
        return inner(model, filepath, *args, **kwargs)

    def load_model(self, inner: Callable[..., Any], filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Read a file that is there; a promised one is the model itself."""
        if os.path.isfile(filepath):
            return inner(filepath, *args, **kwargs)
        return self._promised(filepath) or inner(of_model(filepath), *args, **kwargs)

    def _promised(self, filepath: Any) -> Any:
        names = (filepath, of_model(filepath), of_weights(filepath), of_checkpoint(filepath))
        found = (self._models.get(os.path.abspath(name)) for name in names)
        return next((model for model in found if model is not None), None)


def _third(arguments: tuple[Any, ...]) -> Any:
    return next(iter(arguments[2:]), None)


def _as_tuple(data: Any) -> Any:
    return tuple(data) if isinstance(data, list) else data


def _results(model: Any, *, return_dict: bool) -> Any:
    names = metrics_names(model)
    if return_dict:
        return dict.fromkeys(names, NAN)
    return [NAN] * len(names) if len(names) > 1 else NAN


def _first(keras: Any, x: Any, y: Any, weight: Any) -> tuple[tuple[Any, Any, Any], int]:
    """The arguments as arrays of few rows, from arrays, data sets or generators; and how many rows there are."""
    if x is None or _is_array(x) or isinstance(x, list | tuple | dict):
        return _of_arrays(keras, x, y, weight)
    batch = x[0] if hasattr(x, "__getitem__") else next(iter(x))
    batch, rows = _of_arrays(keras, *keras.utils.unpack_x_y_sample_weight(_as_tuple(batch)))
    return batch, rows * (len(x) if hasattr(x, "__len__") else 1)


def _of_arrays(keras: Any, x: Any, y: Any, weight: Any) -> tuple[tuple[Any, Any, Any], int]:
    leaves = [leaf for leaf in keras.tree.flatten((x, y, weight)) if leaf is not None]
    if x is None or not all(_is_array(leaf) for leaf in leaves):
        text = f"Unrecognized data type: x={str(x)[:80]} (of type {type(x)})"
        raise ValueError(text)
    sizes = [leaf.shape[0] if leaf.shape else 0 for leaf in leaves]
    if len(set(sizes)) > 1:
        text = (
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. "
            f"Sizes: {', '.join(map(str, sizes))}"
        )
        raise ValueError(text)
    return keras.tree.map_structure(lambda leaf: _rows(leaf, MAX_ROWS), (x, y, weight)), sizes[0]


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and (hasattr(value, "dtype") or hasattr(value, "to_numpy"))


def _rows(leaf: Any, rows: int) -> Any:
    """The first rows, as something with a shape and a type."""
    if leaf is None:
        return None
    part = leaf.to_numpy()[:rows] if hasattr(leaf, "to_numpy") else leaf[:rows]
    return part.toarray() if hasattr(part, "toarray") else part


def _forward_rows(leaf: Any) -> int:
    size = 1
    for edge in leaf.shape[1:]:
        size *= edge or 1
    return max(1, min(MAX_ROWS, _MAX_NUMBERS // max(1, size)))
