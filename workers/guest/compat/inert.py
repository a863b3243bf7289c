"""Models that do not train: fit, evaluate and predict look at their arguments as Keras does and go no further.

The grader trains a submission's network itself, outside; training it here too would cost the student's time limit and
prove nothing. What is promised is there all the same: a history with every curve, results of the right lengths, files
that can be loaded after they were saved. The numbers are invented: see `figures`.
"""

from __future__ import annotations

import math
import re
import weakref
from collections.abc import Callable
from typing import Any

from . import arrays
from .figures import TESTING, TRAINING, figure, rises
from .fits import Fits
from .hooks import Hooks
from .left import Left, Row
from .models import metrics_names
from .notes import Notes
from .patches import Patches
from .saved import Saved
from .training import Course, Epochs, Training, Watchers, call_test_hooks

_MAX_EPOCHS = 100_000
_ROWS_OF_A_BATCH = 32
_A_NAME = re.compile(r"[a-z]\w*")


def install(keras: Any, notes: Notes, fits: Fits, hooks: Hooks, patches: Patches) -> None:
    """Keep every Keras model from training."""
    epochs = Epochs()
    saved = Saved(epochs)
    inert = Model(keras, notes, fits, saved, epochs)
    for name in ("fit", "evaluate", "predict", "train_on_batch"):
        patches.around(keras.Model, name, getattr(inert, name))
    patches.around(keras.Model, "test_on_batch", inert.evaluate_on_batch)
    patches.around(keras.src.trainers.trainer.Trainer, "compile", inert.compile)
    saved.install(keras, hooks, patches)


class Model:
    """Stand-ins for the methods of `keras.Model`; the first argument of each is the real one, which is not called.

    Python's errors about arguments name this class, hence its name.
    """

    def __init__(self, keras: Any, notes: Notes, fits: Fits, saved: Saved, epochs: Epochs) -> None:
        self._keras = keras
        self._notes = notes
        self._fits = fits
        self._saved = saved
        self._epochs = epochs
        self._left = Left()
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
        rows = self._check(model, "fit", x, y, sample_weight)
        if validation_split and y is None:
            text = "`validation_split` is only supported for Tensors or NumPy arrays"
            raise ValueError(text)
        tests = math.ceil(rows * (validation_split or 0) / (batch_size or _ROWS_OF_A_BATCH))
        if validation_data is not None:
            vx, vy, vw = self._keras.utils.unpack_x_y_sample_weight(arrays.as_tuple(validation_data))
            held_back = self._check(model, "fit", vx, vy, vw)
            tests = validation_steps or _steps(vx, held_back, validation_batch_size or batch_size)
        validated = bool(validation_split) or validation_data is not None
        self._fits.add_fit(
            model, epochs=epochs, batch_size=batch_size, split=validation_split, validated=validated
        )
        self._notes.add("not_trained_here")
        trained_on = rows - math.floor(rows * (validation_split or 0))
        steps = steps_per_epoch or _steps(x, trained_on, batch_size)
        numbers = range(initial_epoch, epochs)[:_MAX_EPOCHS]
        course = Course(
            numbers, int(steps), int(tests), _validated(validation_freq, initial_epoch, is_wanted=validated)
        )
        return self._train(model, course, callbacks, rows, batch_size, validated=validated)

    def evaluate(
        self,
        _: Callable[..., Any],
        model: Any,
        x: Any = None,
        y: Any = None,
        batch_size: Any = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **_more: Any,
    ) -> Any:
        """One figure for each of `metrics_names`, as the model's last validation gave it."""
        rows = self._check(model, "evaluate", x, y, sample_weight)
        self._notes.add("not_trained_here")
        if callbacks:
            watchers = self._watching(model, callbacks, {"verbose": 0, "epochs": 1, "steps": steps})
            model.stop_training = False
            call_test_hooks(
                watchers, self._figures(model, TESTING), int(steps or _steps(x, rows, batch_size)), model
            )
        return self._results(model, TESTING, return_dict=return_dict)

    def train_on_batch(
        self, _: Callable[..., Any], model: Any, x: Any, y: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """One figure for each of `metrics_names`; to the model it is an epoch like any other."""
        self._check(model, "train_on_batch", x, y, args[0] if args else kwargs.get("sample_weight"))
        self._notes.add("not_trained_here")
        self._epochs.add(model)
        return self._results(model, TRAINING, return_dict=kwargs.get("return_dict", False))

    def evaluate_on_batch(
        self, _: Callable[..., Any], model: Any, x: Any, y: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """One figure for each of `metrics_names`."""
        self._check(model, "test_on_batch", x, y, args[0] if args else kwargs.get("sample_weight"))
        self._notes.add("not_trained_here")
        return self._results(model, TESTING, return_dict=kwargs.get("return_dict", False))

    def predict(self, _: Callable[..., Any], model: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """One real forward pass of some rows, repeated for as many as there are."""
        keras = self._keras
        steps = kwargs.get("steps", next(iter(args[2:]), None))
        batch, rows = arrays.first(keras, x, None, None)
        rows = int(rows * steps) if steps and not arrays.is_array(x) else rows
        inputs = keras.tree.map_structure(
            lambda leaf: arrays.rows_of(leaf, arrays.forward_rows(leaf)), batch[0]
        )
        found = model(inputs, training=False)
        import numpy as np

        def tiled(tensor: Any) -> Any:
            part = keras.ops.convert_to_numpy(tensor)
            return np.resize(part, (rows, *part.shape[1:]))

        return keras.tree.map_structure(tiled, found)

    def _train(
        self, model: Any, course: Course, callbacks: Any, rows: int, batch_size: Any, *, validated: bool
    ) -> Any:
        names = _curves(model, self._keras)
        params = {
            "verbose": 0, "epochs": course.numbers.stop, "steps": course.steps, "nb_epoch": course.numbers.stop,
            "samples": rows, "nb_sample": rows, "batch_size": batch_size or _ROWS_OF_A_BATCH,
            "do_validation": validated, "metrics": [*names, *(f"val_{name}" for name in names if validated)],
        }  # fmt: skip
        watchers = self._watching(model, callbacks, params)
        logged = Training(self._keras, model, watchers, self._epochs, names).run(course)
        self._leave(model, watchers, logged, course.steps, validated=validated)
        model.history = watchers.history
        return watchers.history

    def _watching(self, model: Any, callbacks: Any, params: dict[str, Any]) -> Watchers:
        watchers = Watchers(self._keras, callbacks)
        watchers.call("set_model", model)
        watchers.call("set_params", params)
        return watchers

    def _leave(
        self, model: Any, watchers: Watchers, logged: list[Row], steps: int, *, validated: bool
    ) -> None:
        """What Keras's own callbacks leave behind: files, and the best of what they watched."""
        keras = self._keras.callbacks
        for callback in watchers.all if logged else ():
            if type(callback) is keras.ModelCheckpoint:
                for path in self._left.checkpoints(callback, logged, steps):
                    self._saved.promise(path, model)
            elif type(callback) is keras.CSVLogger:
                self._left.epochs(callback, logged)
            elif type(callback) is keras.TensorBoard:
                self._left.board(callback, validated=validated)
            if type(callback) in (keras.ModelCheckpoint, keras.EarlyStopping, keras.ReduceLROnPlateau):
                callback._model = model
                callback.best = logged[-1][1].get(callback.monitor, callback.best)
            if type(callback) is keras.EarlyStopping:
                callback.wait, callback.stopped_epoch, callback.best_epoch = 0, 0, logged[-1][0]

    def _figures(self, model: Any, split: str) -> dict[str, float]:
        seen = self._epochs.of(model)
        return {name: figure(name, seen, split) for name in metrics_names(model)}

    def _results(self, model: Any, split: str, *, return_dict: bool) -> Any:
        found = self._figures(model, split)
        if return_dict:
            return found
        values = list(found.values())
        return values if len(values) > 1 else values[0]

    def _check(self, model: Any, method: str, x: Any, y: Any, weight: Any) -> int:
        """Raise what Keras raises for a model that is not compiled or data that do not fit; build what is not built.

        Returns the number of rows.
        """
        model._assert_compile_called(method)
        batch, rows = arrays.first(self._keras, x, y, weight)
        leaves = self._keras.tree.flatten(batch)
        shapes = tuple((tuple(leaf.shape[1:]), str(leaf.dtype)) for leaf in leaves if leaf is not None)
        if self._seen.get(model) == shapes:
            return rows
        specs = self._keras.tree.map_structure(self._spec, batch)
        self._try(model, *specs)
        self._seen[model] = shapes
        return rows

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


def _steps(x: Any, rows: int, batch_size: Any) -> int:
    """How many batches an epoch has."""
    if x is None or arrays.is_array(x) or isinstance(x, list | tuple | dict):
        return math.ceil(rows / (batch_size or _ROWS_OF_A_BATCH))
    return arrays.length(x) or 1


def _validated(freq: Any, begin: int, *, is_wanted: bool) -> Callable[[int], bool]:
    """Which epochs end with a validation; `freq` is every how many epochs, or a list of epochs."""
    if isinstance(freq, list | tuple | set):
        return lambda number: is_wanted and number + 1 in freq
    return lambda number: is_wanted and (number + 1 - begin) % freq == 0


def _curves(model: Any, keras: Any) -> list[str]:
    """The names of the curves; of a student's own training step also those that its code names."""
    names = metrics_names(model)
    step = type(model).train_step
    if step is not keras.Model.train_step and hasattr(step, "__code__"):
        constants = [
            each for one in step.__code__.co_consts for each in (one if isinstance(one, tuple) else (one,))
        ]
        words = [one for one in constants if isinstance(one, str) and _A_NAME.fullmatch(one)]
        names += [word for word in words if word.endswith("loss") or rises(word)]
    return list(dict.fromkeys(names))
