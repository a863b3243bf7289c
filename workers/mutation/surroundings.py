"""Operators on what stands beside the network: names, outputs, how it was compiled, whether it is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from grader.domain import compiled, edit
from grader.domain.compiled import CompileSettings, Setting
from grader.domain.layers import InputLayer
from grader.domain.model_spec import ModelSpec
from workers.mutation.mutant import Aspect, Mutant


def renamed(model: ModelSpec) -> Iterator[Mutant]:
    """Each layer, the input and the model itself have another name; two layers have each other's."""
    for place, named in enumerate(model.layers):
        is_input = isinstance(named.layer, InputLayer)
        aspect = Aspect.INPUT_NAME if is_input else Aspect.NAMES
        changed = edit.with_named(model, place, replace(named, name=f"{named.name}_x"))
        yield Mutant("name of the input" if is_input else "name of a layer", named.name, aspect, changed)
    inner = [place for place, named in enumerate(model.layers) if not isinstance(named.layer, InputLayer)]
    for one, other in pairwise(inner):
        first, second = model.layers[one], model.layers[other]
        if first.name == second.name:
            continue
        both = edit.with_named(model, one, replace(first, name=second.name))
        both = edit.with_named(both, other, replace(second, name=first.name))
        yield Mutant("name of a layer", f"{first.name} and {second.name} changed places", Aspect.NAMES, both)
    other_name = replace(model, name=f"{model.name}_x")
    yield Mutant("name of the model", other_name.name, Aspect.MODEL_NAME, other_name)


def outputs(model: ModelSpec) -> Iterator[Mutant]:
    """Of several outputs: each is missing, they come backwards, two change places, the last one is alone."""
    given = model.outputs
    if len(given) == 1:
        return
    for place, output in enumerate(given[:-1]):
        fewer = (*given[:place], *given[place + 1 :])
        told = f"that of {edit.place_name(model, output)} is missing"
        yield Mutant("outputs", told, Aspect.OUTPUTS, replace(model, outputs=fewer))
    first_two = (given[1], given[0], *given[2:])
    orders = {"backwards": given[::-1], "two change places": first_two, "the last one alone": given[-1:]}
    for told, order in orders.items():
        yield Mutant("outputs", told, Aspect.OUTPUTS, replace(model, outputs=order))


def built(model: ModelSpec) -> Iterator[Mutant]:
    """A model that had no input yet knows it."""
    if model.built_for_you:
        yield Mutant("built", "with an input", Aspect.UNBUILT, replace(model, built_for_you=False))


def not_compiled(model: ModelSpec) -> Iterator[Mutant]:
    """`compile` was never called."""
    if model.compiled is not None:
        yield Mutant("not compiled", "", Aspect.COMPILED, replace(model, compiled=None))


def optimizer(model: ModelSpec) -> Iterator[Mutant]:
    """Another optimizer; another learning rate; each option of its own left at Keras's value."""
    if model.compiled is None:
        return
    now = model.compiled.optimizer
    others = [Setting(name) for name in ("adam", "sgd") if name != now.name]
    others.append(replace(now, options={**now.options, "learning_rate": 0.5}))
    for left_out in now.options:
        kept = {name: value for name, value in now.options.items() if name != left_out}
        others.append(compiled.optimizer(now.name, **kept))
    for setting in others:
        if setting != now:
            yield _compiled("optimizer", Aspect.OPTIMIZER, model, replace(model.compiled, optimizer=setting))


def loss(model: ModelSpec) -> Iterator[Mutant]:
    """Another loss, none, and one that takes logits."""
    if model.compiled is None or model.compiled.loss is None:
        return
    now = model.compiled.loss
    names = (
        "mean_squared_error",
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
    )
    others: list[Setting | None] = [Setting(name) for name in names if name != now.name]
    others += [None, replace(now, options={**now.options, "from_logits": True})]
    for setting in others:
        yield _compiled("loss", Aspect.LOSS, model, replace(model.compiled, loss=setting))


def metrics(model: ModelSpec) -> Iterator[Mutant]:
    """Each metric is missing, is another, or, where it is the student's own, gives no tensor."""
    if model.compiled is None:
        return
    now = model.compiled.metrics
    for place, metric in enumerate(now):
        others: list[tuple[Setting, ...]] = [
            (),
            (Setting("mean_absolute_error"),),
            (Setting(compiled.EQUAL_NUMBERS),),
        ]
        if metric.own:
            others.append((replace(metric, options={"gives": "NoneType"}),))
        for other in others:
            changed = (*now[:place], *other, *now[place + 1 :])
            yield _compiled("metrics", Aspect.METRICS, model, replace(model.compiled, metrics=changed))


def _compiled(operator: str, aspect: Aspect, model: ModelSpec, settings: CompileSettings) -> Mutant:
    now = {
        "optimizer": settings.optimizer.notation(),
        "loss": settings.loss.notation() if settings.loss else "none",
        "metrics": ", ".join(metric.notation() for metric in settings.metrics) or "none",
    }
    return Mutant(operator, now[operator], aspect, replace(model, compiled=settings))


OPERATORS = (renamed, outputs, built, not_compiled, optimizer, loss, metrics)
