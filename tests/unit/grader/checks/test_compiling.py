from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks import CheckFailed, expect
from grader.domain import compiled
from grader.domain.compiled import EQUAL_NUMBERS, CompileSettings, Setting, loss, metric, optimizer, own
from grader.domain.layers import Dense
from grader.domain.message import message
from grader.domain.model_spec import chain

SETTINGS = CompileSettings(optimizer("rmsprop"), loss("binary_crossentropy"), (metric("acc"), own("mine")))
MODEL = replace(chain((4,), Dense(1)), compiled=SETTINGS)
SGD = compiled.optimizer("sgd", momentum=0.9, nesterov=True)


def failure(settings=SETTINGS, **asked):
    with pytest.raises(CheckFailed) as caught:
        expect.compiled_with(replace(MODEL, compiled=settings), **asked)
    return caught.value


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"optimizer": "RMSprop", "loss": "bce"},
        {"metrics": ["accuracy"]},
        {"metrics": ["binary_accuracy", expect.OWN_METRIC]},
        {"optimizer": compiled.optimizer("rmsprop", learning_rate=0.001)},
    ],
)
def test_what_was_asked_for(asked):
    expect.compiled_with(MODEL, **asked)


def test_the_settings_change_no_network():
    assert chain((4,), Dense(1)) == MODEL


def test_not_compiled_at_all():
    assert failure(settings=None).message.code == "not_compiled"


def test_another_optimizer_and_another_setting_of_it():
    assert failure(optimizer="adam").message.code == "wrong_optimizer"
    other = replace(SETTINGS, optimizer=compiled.optimizer("sgd", momentum=0.9))
    found = failure(other, optimizer=SGD)
    assert (found.message.code, found.message.params["option"]) == ("wrong_optimizer_option", "nesterov")
    assert (found.expected, found.actual) == (
        "sgd(momentum=0.9, nesterov=True)",
        "sgd(momentum=0.9, nesterov=False)",
    )
    rate = failure(replace(other, optimizer=compiled.optimizer("sgd", learning_rate=0.1)), optimizer="sgd")
    assert (rate.expected, rate.actual) == ("sgd(learning_rate=0.01)", "sgd(learning_rate=0.1)")


def test_another_loss_and_another_setting_of_it():
    assert failure(loss="mse").message.code == "wrong_loss"
    assert failure(replace(SETTINGS, loss=None), loss="mse").actual == message("none")
    logits = replace(SETTINGS, loss=loss("binary_crossentropy", from_logits=True))
    assert failure(logits, loss="binary_crossentropy").message.params == {"option": "from_logits"}


def test_a_loss_of_the_students_is_not_keras_of_that_name():
    mine = replace(SETTINGS, loss=own("mean_squared_error"))
    assert failure(mine, loss="mse").message.code == "wrong_loss"


def test_a_metric_is_missing():
    found = failure(metrics=["auc"])
    assert (found.message.code, found.expected, found.actual) == ("missing_metric", "auc", "accuracy, mine")
    assert found.hint is None
    assert failure(replace(SETTINGS, metrics=()), metrics=[expect.OWN_METRIC]).actual == message("none")


def test_the_class_accuracy_gets_a_hint():
    exact = replace(SETTINGS, metrics=(Setting(EQUAL_NUMBERS),))
    assert failure(exact, metrics=["accuracy"]).hint.code == "hint_accuracy_class"


def test_a_metric_function_must_give_a_tensor():
    nothing = replace(SETTINGS, metrics=(Setting("mine", {"gives": "NoneType"}, own=True),))
    assert failure(nothing, metrics=[expect.OWN_METRIC]).message.code == "metric_gives"
    right = replace(SETTINGS, metrics=(Setting("mine", {"gives": "a tensor"}, own=True),))
    expect.compiled_with(replace(MODEL, compiled=right), metrics=[expect.OWN_METRIC])
