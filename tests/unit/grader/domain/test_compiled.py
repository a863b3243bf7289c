from __future__ import annotations

import pytest

from grader.domain import compiled
from grader.domain.compiled import Setting, loss, metric, optimizer, own, spelled_out


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (optimizer("adam"), optimizer("Adam", learning_rate=0.0010000000474974513, beta_1=0.9)),
        (optimizer("rmsprop"), optimizer("RMSprop", rho=0.9, weight_decay=None, use_ema=False)),
        (optimizer("sgd"), optimizer("SGD", learning_rate=0.01, nesterov=True)),
        (loss("mse"), loss("MeanSquaredError", reduction="sum_over_batch_size")),
        (loss("categorical_crossentropy"), loss("CategoricalCrossentropy", from_logits=False, axis=-1)),
        (loss("kld"), loss("KLDivergence")),
        (metric("acc"), metric("accuracy")),
        (metric("sparse_categorical_accuracy"), metric("SparseCategoricalAccuracy")),
        (metric("AUC"), metric("auc")),
    ],
)
def test_one_setting_has_one_form(first, second):
    assert first == second


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (optimizer("adam"), optimizer("adam", learning_rate=0.01)),
        (optimizer("sgd", momentum=0.9), optimizer("sgd", momentum=0.9, nesterov=True)),
        (optimizer("sgd", decay=1e-6), optimizer("sgd", weight_decay=1e-6)),
        (loss("mse"), loss("mae")),
        (loss("categorical_crossentropy"), loss("categorical_crossentropy", from_logits=True)),
        (metric("accuracy"), own("accuracy")),
        (optimizer("adam"), optimizer("adamw")),
    ],
)
def test_other_settings_have_other_forms(first, second):
    assert first != second


def test_what_nobody_knows_keeps_its_name():
    assert optimizer("Madgrad", learning_rate=0.1) == Setting("Madgrad", {"learning_rate": 0.1})
    assert loss("my_loss").name == "my_loss"


@pytest.mark.parametrize(
    ("lost", "wanted"),
    [
        ("binary_crossentropy", "binary_accuracy"),
        ("sparse_categorical_crossentropy", "sparse_categorical_accuracy"),
        ("mse", "accuracy"),
    ],
)
def test_accuracy_is_told_from_the_loss(lost, wanted):
    assert spelled_out(metric("accuracy"), loss(lost)).name == wanted
    assert spelled_out(metric("auc"), loss(lost)).name == "auc"


def test_a_students_own_accuracy_is_theirs():
    assert spelled_out(own("accuracy"), loss("binary_crossentropy")) == own("accuracy")


def test_a_setting_is_written_as_one_would_write_it():
    written = optimizer("sgd", nesterov=True, momentum=0.9, learning_rate=0.01, decay=1e-6).notation()
    assert written == "sgd(decay=1e-06, momentum=0.9, nesterov=True)"
    assert loss("mse").notation() == "mean_squared_error"


def test_the_class_accuracy_is_not_the_word():
    assert metric("Accuracy").name != compiled.EQUAL_NUMBERS
