"""A `fit` without training: epochs go by, the student's own callbacks see each of them, and curves are invented.

Keras's own callbacks do not run, so that nothing stops early, prints or writes; those that only pass the word on to
functions of the student's do.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from .figures import TESTING, figure
from .left import Row
from .models import both_spellings

_BATCH_HOOKS = 1000
_PASSING_ON = ("History", "LambdaCallback", "LearningRateScheduler")
_SCHEDULES = ("LearningRateScheduler", "ReduceLROnPlateau")


class Epochs:
    """How many epochs each model has seen."""

    def __init__(self) -> None:
        self._seen: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    def of(self, model: Any) -> int:
        """The epochs of a model so far; a batch of its own counts as one."""
        return self._seen.get(model, 0)

    def begin_at(self, model: Any, epochs: int) -> None:
        """Give a model the epochs of the file that it was read from."""
        self._seen[model] = epochs

    def add(self, model: Any) -> int:
        """One more; returns how many there are now."""
        self._seen[model] = self.of(model) + 1
        return self._seen[model]


@dataclass(frozen=True)
class Course:
    """What a `fit` goes through: its epochs, the batches of one, and which epochs end with a validation."""

    numbers: range
    steps: int
    tests: int
    validated: Callable[[int], bool]


class Watchers:
    """The callbacks of one `fit`: all that were given, and those that run."""

    def __init__(self, keras: Any, given: Any) -> None:
        given = (
            getattr(given, "callbacks", given) if isinstance(given, keras.callbacks.CallbackList) else given
        )
        self.all: list[Any] = [one for one in keras.tree.flatten(given) if one is not None]
        found = [one for one in self.all if isinstance(one, keras.callbacks.History)]
        self.history = found[0] if found else keras.callbacks.History()
        self._running = [one for one in self.all if _runs(one)] + ([] if found else [self.history])
        self._batch_hooks = _BATCH_HOOKS

    @property
    def tell_the_rate(self) -> bool:
        """Whether the learning rate is among the curves."""
        return any(type(one).__name__ in _SCHEDULES for one in self.all)

    def call(self, hook: str, *arguments: Any) -> None:
        """Call a hook of each, with what the real one gets."""
        for one in self._running:
            method = getattr(one, hook, None)
            if method is not None:
                method(*arguments)

    def batches(self, kind: str, steps: int, logs: dict[str, Any], model: Any) -> None:
        """The hooks of an epoch's batches; when a thousand were called, of its first and last alone."""
        called = min(steps, max(1, self._batch_hooks))
        for step in (*range(called), *([steps - 1] if called < steps else [])):
            self._batch_hooks -= 1
            self.call(f"on_{kind}_batch_begin", step, {})
            self.call(f"on_{kind}_batch_end", step, dict(logs))
            if model.stop_training:
                return

    @property
    def care_for_batches(self) -> bool:
        """Whether anybody but the history runs."""
        return len(self._running) > 1 or self._running[0] is not self.history


class Training:
    """One run through a course."""

    def __init__(
        self, keras: Any, model: Any, watchers: Watchers, epochs: Epochs, names: Sequence[str]
    ) -> None:
        self._keras = keras
        self._model = model
        self._watchers = watchers
        self._epochs = epochs
        self._names = names

    def run(self, course: Course) -> list[Row]:
        """Every epoch, until one of the callbacks says that it is enough; returns what each logged."""
        rows: list[Row] = []
        self._model.stop_training = False
        with self._rate_kept():
            self._watchers.call("on_train_begin", {})
            for number in course.numbers:
                rows.append((number, self._epoch(number, course)))
                if self._model.stop_training:
                    break
            self._watchers.call("on_train_end", dict(rows[-1][1]) if rows else {})
        return rows

    def _epoch(self, number: int, course: Course) -> dict[str, Any]:
        watchers = self._watchers
        watchers.call("on_epoch_begin", number, {})
        seen = self._epochs.add(self._model)
        logs = {name: figure(name, seen) for name in self._names}
        both_spellings(logs)
        if watchers.care_for_batches:
            watchers.batches("train", course.steps, logs, self._model)
        if course.validated(number):
            logs |= self._validation(seen, course.tests)
        if watchers.tell_the_rate:
            logs["learning_rate"] = logs["lr"] = self._rate()
        watchers.call("on_epoch_end", number, logs)
        return logs

    def _validation(self, seen: int, tests: int) -> dict[str, Any]:
        logs = {name: figure(name, seen, TESTING) for name in self._names}
        both_spellings(logs)
        call_test_hooks(self._watchers, logs, tests, self._model)
        return {f"val_{name}": value for name, value in logs.items()}

    def _rate(self) -> float:
        return float(self._keras.ops.convert_to_numpy(self._model.optimizer.learning_rate))

    @contextmanager
    def _rate_kept(self) -> Iterator[None]:
        """Put the learning rate back that the model was compiled with: its settings are compared with the exercise."""
        optimizer = self._model.optimizer
        variable: Any = getattr(optimizer, "_learning_rate", None)
        before = variable.numpy() if hasattr(variable, "numpy") else None
        try:
            yield
        finally:
            if before is not None and self._model.optimizer is optimizer:
                with suppress(Exception):
                    optimizer.learning_rate = before


def call_test_hooks(watchers: Watchers, logs: dict[str, Any], steps: int, model: Any) -> None:
    """The hooks of an `evaluate`, inside a `fit` or alone."""
    if watchers.care_for_batches:
        watchers.call("on_test_begin", {})
        watchers.batches("test", steps, logs, model)
        watchers.call("on_test_end", dict(logs))


def _runs(callback: Any) -> bool:
    kind = type(callback)
    return not kind.__module__.startswith("keras.") or kind.__name__ in _PASSING_ON
