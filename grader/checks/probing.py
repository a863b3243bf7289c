"""What assignments expect of student code that was run: the numbers of a reference in numpy, and gradients of its own.

A reference is the same function in numpy: it takes the case's inputs as float64 arrays (y_true and y_pred, or a layer's
batches) and its options by name. Nothing here trusts the guest: inputs are ours, numbers are compared with ours.

numpy is imported when a check runs, in the worker: the web process loads every checks.py and has no numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from grader.checks.failure import CheckFailed
from grader.domain.message import Message, message
from grader.domain.probe import Mode, ProbeCase, ProbeKind, ProbeRun, Tensor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

Reference = Callable[..., Any]

RELATIVE, ABSOLUTE = 1e-4, 1e-5
"""How near numbers in float32 must come to ours."""

NO_SLIPS: Mapping[str, Reference] = MappingProxyType({})


def arrays(case: ProbeCase) -> list[Array]:
    """The inputs of a case as float64 arrays."""
    return [_array(one) for one in case.given.inputs]


def value_equal(run: ProbeRun, reference: Reference, slips: Mapping[str, Reference] = NO_SLIPS) -> None:
    """What came back eagerly is what the reference gives; `slips` names well-known wrong answers for the hint."""
    for case in run.of(Mode.EAGER):
        expected = _expected(run.kind, reference, case)
        if run.kind is not ProbeKind.LAYER_CLASS:
            _one_for_each_sample(run, case)
        if not _near(case.value, expected):
            raise _wrong("wrong_value", run, case, expected, case.value, hint=_slip(run, slips))


def gradient_equal(run: ProbeRun, reference: Reference) -> None:
    """The gradient by the last input is the reference's, in both modes; cases that do not run in the graph are left out."""
    for case in _running(run):
        if case.gradient is None:
            raise CheckFailed(_about("no_gradient", run, case), hint=message("hint_tf_operations"))
        expected = _slope(run.kind, reference, case)
        if not _near(case.gradient, expected):
            raise _wrong("wrong_gradient", run, case, expected, case.gradient)


def same_in_graph(run: ProbeRun) -> None:
    """Inside `tf.function` every case runs, and gives what it gave eagerly."""
    for eager, graph in zip(run.of(Mode.EAGER), run.of(Mode.GRAPH), strict=True):
        if graph.error is not None:
            told = graph.error
            code = "not_in_graph" if told.line is None else "not_in_graph_line"
            params = {"what": run.name, "error": told.error, "text": told.text, "line": told.line}
            raise CheckFailed(message(code, **params), hint=message("hint_graph"))
        if not _near(graph.value, _array(eager.value)):
            raise _wrong(
                "other_in_graph", run, graph, _array(eager.value), graph.value, hint=message("hint_graph")
            )


def losses_equal(run: ProbeRun, reference: Reference) -> None:
    """What a layer added with `add_loss` for its last batch sums up to what the reference gives."""
    for case in _running(run):
        expected = _called(reference, case)
        added = Tensor((), (math.fsum(case.losses),))
        if not case.losses:
            raise CheckFailed(_about("no_added_loss", run, case), hint=message("hint_add_loss"))
        if not _near(added, expected):
            raise _wrong("wrong_added_loss", run, case, expected, added)


def metric_equal(run: ProbeRun, name: str, reference: Reference) -> None:
    """A layer's metric of this name says what the reference gives for all batches."""
    for case in _running(run):
        if name not in case.metrics:
            found = ", ".join(case.metrics) or message("no_metric")
            raise CheckFailed(
                _about("no_layer_metric", run, case),
                expected=name,
                actual=found,
                hint=message("hint_layer_metric"),
            )
        measured, expected = Tensor((), (case.metrics[name],)), _called(reference, case)
        if not _near(measured, expected):
            raise _wrong("wrong_layer_metric", run, case, expected, measured)


def _one_for_each_sample(run: ProbeRun, case: ProbeCase) -> None:
    """A loss gives one number for all, or begins with the samples' axis: Keras weighs samples along it."""
    batch = case.given.inputs[0].shape[0]
    if case.returned and case.returned[0] != batch:
        raise CheckFailed(
            _about("not_per_sample", run, case),
            expected=message("either", first="()", second=f"({batch},)"),
            actual=str(case.returned),
        )


def _running(run: ProbeRun) -> Iterator[ProbeCase]:
    """Cases that have numbers; whether all run in the graph is for `same_in_graph` to say."""
    return (case for case in run.cases if case.error is None)


def _array(given: Tensor | None) -> Array:
    import numpy as np

    given = given or Tensor((0,), ())
    return np.array(given.values, np.float64).reshape(given.shape)


def _called(reference: Reference, case: ProbeCase, given: Sequence[Array] = ()) -> Array:
    import numpy as np

    return np.asarray(reference(*(given or arrays(case)), **case.given.options), np.float64)


def _expected(kind: ProbeKind, reference: Reference, case: ProbeCase, given: Sequence[Array] = ()) -> Array:
    """The reference's numbers; of a loss the mean over what it gives, as Keras takes it."""
    import numpy as np

    found = _called(reference, case, given)
    return found if kind is ProbeKind.LAYER_CLASS else np.asarray(found.mean())


def _slope(kind: ProbeKind, reference: Reference, case: ProbeCase) -> Array:
    """The reference's gradient by the last input, from central differences in float64."""
    import numpy as np

    step = 1e-5
    *others, last = arrays(case)
    slope = np.empty_like(last)
    for place in np.ndindex(last.shape):
        moved = np.zeros_like(last)
        moved[place] = step
        above, below = (
            _expected(kind, reference, case, [*others, last + side * moved]).sum() for side in (1, -1)
        )
        slope[place] = (above - below) / (2 * step)
    return slope


def _near(actual: Tensor | None, expected: Array) -> bool:
    import numpy as np

    if actual is None or actual.shape != expected.shape:
        return False
    return bool(np.allclose(_array(actual), expected, rtol=RELATIVE, atol=ABSOLUTE))


def _slip(run: ProbeRun, slips: Mapping[str, Reference]) -> Message | None:
    """The well-known wrong answer that fits every case, if there is one."""
    for words, reference in slips.items():
        if all(_near(case.value, _expected(run.kind, reference, case)) for case in run.of(Mode.EAGER)):
            return message("hint_slip", slip=words)
    return None


def _wrong(
    code: str,
    run: ProbeRun,
    case: ProbeCase,
    expected: Array,
    actual: Tensor | None,
    hint: Message | None = None,
) -> CheckFailed:
    """The first number that differs, with its place; or the shapes where those differ."""
    import numpy as np

    found = _array(actual)
    if found.shape != expected.shape:
        asked, given = (message("of_shape", shape=str(tuple(one.shape))) for one in (expected, found))
        return CheckFailed(_about(code, run, case), expected=asked, actual=given, hint=hint)
    far = ~np.isclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE)
    place = tuple(int(axis) for axis in np.argwhere(far)[0]) if far.any() else ()
    numbers = [_written(float(one[place]), place) for one in (expected, found)]
    return CheckFailed(_about(code, run, case), expected=numbers[0], actual=numbers[1], hint=hint)


def _written(number: float, place: tuple[int, ...]) -> str | Message:
    """A number, and where it stands when there are several."""
    written = f"{number:.6g}" if math.isfinite(number) else message("not_finite")
    return message("number_at", number=written, place=str(list(place))) if place else written


def _about(code: str, run: ProbeRun, case: ProbeCase) -> Message:
    options = ", ".join(f"{name}={value:g}" for name, value in case.given.options.items())
    what = f"{run.name}({options})" if run.kind.is_class else run.name
    how = "case_graph" if case.mode is Mode.GRAPH else "case_direct"
    return message(code, what=what, case=message(how, shape=str(case.given.inputs[-1].shape)))
