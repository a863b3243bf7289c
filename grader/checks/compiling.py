"""What assignments expect of `compile`: optimizer, loss and metrics, in whatever spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.checks.failure import CheckFailed
from grader.domain import compiled
from grader.domain.compiled import CompileSettings, Setting, spelled_out
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec

OWN_METRIC = Setting("a function of your own", own=True)
"""Any metric that the student wrote."""

A_TENSOR = "a tensor"
"""What the guest says of a metric function that returned one."""


def compiled_with(
    model: ModelSpec,
    *,
    optimizer: str | Setting | None = None,
    loss: str | Setting | None = None,
    metrics: Sequence[str | Setting] = (),
) -> None:
    """The model is compiled with these; a word means Keras's object of that name with Keras's own options.

    None leaves it open. All of `metrics` must be there, whatever else is; `OWN_METRIC` stands for one of the student's.
    """
    settings = model.compiled
    if settings is None:
        raise CheckFailed(message("not_compiled"), hint=message("hint_compile"))
    if optimizer is not None:
        wanted = compiled.optimizer(optimizer) if isinstance(optimizer, str) else optimizer
        _same_setting("wrong_optimizer", wanted, settings.optimizer)
    if loss is not None:
        wanted = compiled.loss(loss) if isinstance(loss, str) else loss
        _same_setting("wrong_loss", wanted, settings.loss)
    for one in metrics:
        _among_metrics(compiled.metric(one) if isinstance(one, str) else one, settings)


def _same_setting(code: str, wanted: Setting, actual: Setting | None) -> None:
    if wanted == actual:
        return
    written = actual.notation() if actual else message("none")
    if actual is None or actual.name != wanted.name or actual.own:
        raise CheckFailed(message(code), expected=wanted.notation(), actual=written)
    option = min(dict(wanted.options.items() ^ actual.options.items()))
    sides = [_with_option(one, option).notation() for one in (wanted, actual)]
    raise CheckFailed(message(f"{code}_option", option=option), expected=sides[0], actual=sides[1])


def _with_option(setting: Setting, option: str) -> Setting:
    """The setting with Keras's own value of an option written out, where it is left to Keras."""
    defaults = {
        **compiled.EVERY_OPTIMIZER,
        **compiled.EVERY_LOSS_AND_METRIC,
        **compiled.OPTIMIZERS.get(setting.name, {}),
    }
    if option in setting.options or defaults.get(option) is None:
        return setting
    return replace(setting, options={**setting.options, option: defaults[option]})


def _among_metrics(wanted: Setting, settings: CompileSettings) -> None:
    actual = [spelled_out(one, settings.loss) for one in settings.metrics]
    if wanted is OWN_METRIC:
        there = any(one.own for one in actual)
        for one in actual:
            if one.own and one.options.get("gives", A_TENSOR) != A_TENSOR:
                raise CheckFailed(
                    message("metric_gives", metric=one.name),
                    expected=message("a_tensor"),
                    actual=str(one.options["gives"]),
                )
    else:
        there = spelled_out(wanted, settings.loss) in actual
    if not there:
        exact = any(one.name == compiled.EQUAL_NUMBERS for one in actual)
        raise CheckFailed(
            message("missing_metric"),
            expected=message("own_function") if wanted is OWN_METRIC else wanted.notation(),
            actual=", ".join(one.notation() for one in settings.metrics) or message("none"),
            hint=message("hint_accuracy_class") if exact else None,
        )
