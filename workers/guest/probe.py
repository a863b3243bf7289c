"""Running a student's loss or layer on inputs that the host chose, and telling the numbers that come out.

Each case is run eagerly and then inside `tf.function`, as `model.fit` runs it: not converted by AutoGraph. What a
student's code raises eagerly ends the job; what it raises in the graph alone is told beside that case.
"""

from __future__ import annotations

import difflib
import inspect
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from . import entry
from .explain import explain
from .job import Part
from .refusal import NoModel, short

MOST_NUMBERS = 4096
_NAMES_SHOWN = 20

Step = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Subject:
    """What is run: a function of the student's, or a class of which every case makes an object."""

    name: str
    value: Any
    kind: str

    def made(self, options: dict[str, float]) -> Any:
        """The function itself, or a new object of the class."""
        if self.kind == "loss_function":
            return self.value
        given = ", ".join(f"{name}={value:g}" for name, value in options.items())
        _check_signature(self.name, self.value, given, options)
        made = self.value(**options)
        if self.kind == "loss_class":
            _need_super(self.name, made)
        return made


def run(namespace: dict[str, object], part: Part, probe: dict[str, Any]) -> dict[str, Any]:
    """Find the function or class and run every case; `NoModel` says what is wrong with it, and in which case."""
    import keras

    subject = _find(namespace, part, probe["kind"], keras)
    with _retracing_is_ours():
        cases = [_run_case(subject, case, graph=graph) for graph in (False, True) for case in probe["cases"]]
    return {"name": part.name, "entry_point": subject.name, "probe": {"cases": cases}}


@contextmanager
def _retracing_is_ours() -> Iterator[None]:
    """Each case is a `tf.function` of its own, of which TensorFlow warns; a student would read that as their own output."""
    import tensorflow as tf

    def is_theirs(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in str(record.msg)

    logger = tf.get_logger()
    logger.addFilter(is_theirs)
    try:
        yield
    finally:
        logger.removeFilter(is_theirs)


def _run_case(subject: Subject, case: dict[str, Any], *, graph: bool) -> dict[str, Any]:
    try:
        return _measured(subject, subject.made(case["options"]), case, graph=graph)
    except BaseException as error:  # noqa: BLE001 - student code may raise whatever it likes
        refused = explain(error, subject.name)
    if graph and refused.code == "exception_in_code":
        told = {"error": refused.params["error"], "text": refused.params["text"], "line": refused.line}
        return {"error": told}
    refused.params["case"] = short(_words(subject, case))
    raise refused from None


def _words(subject: Subject, case: dict[str, Any]) -> str:
    """The case as a student would write it: CustomMSE(factor=0.5): (4, 3), (4, 3)."""
    inside = ", ".join(f"{name}={value:g}" for name, value in case["options"].items())
    shapes = ", ".join(str(tuple(one["shape"])) for one in case["inputs"])
    return f"{subject.name}{f'({inside})' if subject.kind != 'loss_function' else ''}: {shapes}"


def _measured(subject: Subject, made: Any, case: dict[str, Any], *, graph: bool) -> dict[str, Any]:
    import tensorflow as tf

    tensors = [tf.reshape(tf.constant(one["values"], tf.float32), one["shape"]) for one in case["inputs"]]
    step = _layer_step if subject.kind == "layer_class" else _loss_step
    shape: list[int] = []
    _check_call(subject, made, len(tensors))
    if subject.kind == "loss_class":
        made.call = _watched(subject, made.call, shape)

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def call(*given: Any) -> dict[str, Any]:
        return step(subject, made, given, shape)

    # A layer sees one batch after another, and its metrics what came of all.
    batches = [tensors] if subject.kind != "layer_class" else [[one] for one in tensors]
    run_batch = tf.function(call) if graph else call
    for batch in batches:
        found = run_batch(*batch)
    metrics = {metric.name: metric.result() for metric in getattr(made, "metrics", [])[:16]}
    gradient = found.get("gradient")
    return {
        "value": _plain(found["value"]),
        "returned": shape,
        "gradient": None if gradient is None else _plain(gradient),
        "losses": [_number(loss) for loss in found["losses"][:16]],
        "metrics": {short(str(name), 80): _number(value) for name, value in metrics.items()},
    }


def _loss_step(subject: Subject, made: Any, given: tuple[Any, ...], shape: list[int]) -> dict[str, Any]:
    """The loss as Keras makes it of what comes back: one number for each sample, or one for all."""
    import tensorflow as tf

    y_true, y_pred = given
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        returned = _called(subject, made, (y_true, y_pred))
        value = tf.reduce_mean(tf.cast(_tensor(subject, returned), tf.float32))
    if subject.kind == "loss_function":
        shape[:] = _sizes(_tensor(subject, returned))
    return _with(tape.gradient(value, y_pred), {"value": value, "losses": []})


def _layer_step(subject: Subject, made: Any, given: tuple[Any, ...], shape: list[int]) -> dict[str, Any]:
    import tensorflow as tf

    (inputs,) = given
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = tf.cast(_tensor(subject, _called(subject, made, (inputs,))), tf.float32)
        losses = [tf.reduce_sum(tf.cast(_tensor(subject, loss), tf.float32)) for loss in made.losses]
        total = tf.add_n([tf.reduce_sum(value), *losses])
    shape[:] = _sizes(value)
    return _with(tape.gradient(total, inputs), {"value": value, "losses": losses})


def _with(gradient: Any, found: dict[str, Any]) -> dict[str, Any]:
    return found if gradient is None else {**found, "gradient": gradient}


def _called(subject: Subject, made: Any, given: tuple[Any, ...]) -> Any:
    """What the function or the object's `call` gives; None has a message of its own."""
    if subject.kind == "loss_function":
        function = entry.Entry(subject.name, subject.value, is_function=True)
        return entry.call(function, replace(_NO_PART, arguments=given))
    returned = made(*given)
    return _something(subject, returned, made.call)


def _watched(subject: Subject, call: Callable[..., Any], shape: list[int]) -> Callable[..., Any]:
    """`call` of a loss as Keras will call it: we see what it returns before Keras makes one number of it."""

    def watched(y_true: Any, y_pred: Any) -> Any:
        returned = _something(subject, call(y_true, y_pred), call)
        shape[:] = _sizes(_tensor(subject, returned))
        return returned

    return watched


def _check_call(subject: Subject, made: Any, tensors: int) -> None:
    """Whether what is called takes what it is called with."""
    if subject.kind == "loss_function":
        _check_signature(subject.name, made, "y_true, y_pred", {}, tensors)
    elif subject.kind == "loss_class":
        _check_signature(f"{subject.name}.call", made.call, "y_true, y_pred", {}, tensors)
    else:
        _check_signature(f"{subject.name}.call", made.call, "inputs", {}, 1)


def _something(subject: Subject, returned: Any, call: Any) -> Any:
    if returned is None:
        code = getattr(call, "__code__", None)
        line = code.co_firstlineno if code is not None else None
        raise NoModel("bad_result", "call_returned_nothing", {"kind": subject.name}, line=line)
    return returned


def _check_signature(
    name: str, function: Any, given: str, options: dict[str, float], tensors: int = 0
) -> None:
    try:
        signature = inspect.signature(function)
        signature.bind(*range(tensors), **options)
    except ValueError:
        return
    except TypeError:
        params = {"function": name, "parameters": ", ".join(signature.parameters), "given": given}
        if inspect.ismethod(function) and len(signature.parameters) == tensors - 1:
            raise NoModel("bad_result", "no_self", {"method": function.__name__, **params}) from None
        raise NoModel("bad_result", "wrong_arguments", params) from None


def _need_super(name: str, made: Any) -> None:
    if not hasattr(made, "reduction"):
        raise NoModel("bad_result", "no_super_init", {"kind": name})


def _sizes(tensor: Any) -> list[int]:
    """A shape in whole numbers; nothing where the graph does not know it."""
    if tensor.shape.rank is None:
        return []
    return [int(size or 0) for size in tensor.shape]


def _tensor(subject: Subject, returned: Any) -> Any:
    import tensorflow as tf

    with suppress(TypeError, ValueError):
        tensor = tf.convert_to_tensor(returned)
        if tensor.dtype.is_floating or tensor.dtype.is_integer:
            return tensor
    params = {"function": subject.name, "got": type(returned).__name__}
    raise NoModel("bad_result", "returned_no_number", params)


def _plain(tensor: Any) -> dict[str, Any]:
    shape = [int(size) for size in tensor.shape]
    if math.prod(shape) > MOST_NUMBERS:
        raise NoModel("bad_result", "returned_too_much", {"shape": str(tuple(shape)), "limit": MOST_NUMBERS})
    return {"shape": shape, "values": [_finite(float(value)) for value in tensor.numpy().reshape(-1)]}


def _number(value: Any) -> float | None:
    import numpy as np

    return _finite(float(np.asarray(value).reshape(-1)[0]))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _find(namespace: dict[str, object], part: Part, kind: str, keras: Any) -> Subject:
    if kind == "loss_function":
        found = entry.anything(namespace, part)
        return Subject(found.name, found.value, kind)
    base = keras.losses.Loss if kind == "loss_class" else keras.layers.Layer
    for name in part.functions:
        value = namespace.get(name)
        if isinstance(value, type):
            if not issubclass(value, base):
                wanted = f"keras.{'losses' if kind == 'loss_class' else 'layers'}.{base.__name__}"
                raise NoModel("bad_result", "wrong_base", {"kind": name, "wanted": wanted})
            return Subject(name, value, kind)
    raise _no_class(namespace, part)


def _no_class(namespace: dict[str, object], part: Part) -> NoModel:
    other = namespace.get(part.wanted)
    if other is not None:
        return NoModel("bad_result", "not_a_class", {"wanted": part.wanted, "kind": type(other).__name__})
    own = [
        name
        for name, value in namespace.items()
        if inspect.isclass(value) and value.__module__ == namespace["__name__"]
    ]
    near = difflib.get_close_matches(part.wanted, own, n=1)
    params = {
        "wanted": part.wanted,
        "found": ", ".join(own[:_NAMES_SHOWN]),
        "nearest": near[0] if near else None,
    }
    return NoModel("bad_result", "no_such_class", params)


_NO_PART = Part("", "", (), (), (), (), probe={})
