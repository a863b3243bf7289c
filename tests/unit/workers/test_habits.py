"""The guest's words about compile, fit and old spellings, read on the host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.domain import compiled
from grader.domain.assignment import ChoiceBounds, EntryPoint, Part
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec, chain
from grader.domain.training import TrainingChoice, TrainingPlan
from grader.messages import render
from workers import habits

PLAN = TrainingPlan("traffic-signs", 3, 32, "adam", "categorical_crossentropy", validation_split=0.2)
MODEL = chain((4,), Flatten(), Dense(units=5), Activation("softmax"))
FIT = {
    "epochs": 3, "batch_size": None, "validation_split": 0.2, "validation_data": True, "optimizer": "adam",
    "learning_rate": 0.001, "loss": "categorical_crossentropy", "params": 25,
}  # fmt: skip


def part(**changes: Any) -> Part:
    return Part("model", EntryPoint("build_model"), (4,), **{"plan": PLAN, **changes})


def words(
    fits: Any, model: ModelSpec = MODEL, chosen: TrainingChoice | None = None, **changes: Any
) -> list[str]:
    notes = habits.compared(fits, (part(**changes),), {"model": model}, chosen or TrainingChoice())
    return [render(note) for note in notes]


def test_the_plan_itself_gets_no_note() -> None:
    assert words([FIT]) == []
    assert words([FIT | {"loss": "sparse_categorical_crossentropy", "batch_size": 32}]) == []
    assert words([]) == words(None) == []


def test_what_differs_is_named() -> None:
    assert words([FIT | {"epochs": 10}]) == [
        "You train for 10 epochs; the exercise asks for 3. This costs nothing."
    ]
    other = {"validation_split": 0.5, "batch_size": 8, "optimizer": "SGD", "loss": "mse"}
    assert [line.partition(";")[0] for line in words([FIT | other])] == [
        "You keep 50% for validation",
        "You train in batches of 8",
        "You compile with the optimizer SGD",
        "You compile with the loss mse",
    ]


def test_the_last_fit_of_the_model_that_was_handed_in_counts() -> None:
    assert words([FIT | {"epochs": 10}, FIT]) == []
    assert words([FIT, FIT | {"epochs": 10, "params": 26}]) == []


def test_the_model_that_was_handed_in_says_how_it_was_compiled() -> None:
    settings = compiled.CompileSettings(compiled.optimizer("rmsprop"), compiled.loss("mse"))
    model = replace(MODEL, compiled=settings)
    assert len(words([], model)) == 2


def test_a_longer_plan_is_right_too() -> None:
    full = TrainingPlan("traffic-signs", 20, 32, "adam", "categorical_crossentropy")
    assert words([FIT | {"epochs": 20}], full_plan=full) == []
    assert words([FIT | {"epochs": 7}], full_plan=full) != []


def test_where_epochs_may_be_chosen_the_note_says_how() -> None:
    bounds = ChoiceBounds(("adam",), (4, 128), (1, 40))
    assert 'TRAINING = {"epochs": 10}' in words([FIT | {"epochs": 10}], choice=bounds)[0]
    assert "exercise asks for 3" in words([FIT | {"epochs": 1000}], choice=bounds)[0]
    notes = habits.compared(
        [FIT | {"epochs": 10}], (part(choice=bounds),), {"model": MODEL}, TrainingChoice(epochs=10)
    )
    assert notes == []


@pytest.mark.parametrize(
    "fits",
    [
        3, "x", {}, [None], [[]], [{"epochs": "3"}], [FIT | {"epochs": True}], [FIT | {"epochs": -1}],
        [FIT | {"epochs": 10**30}], [FIT | {"params": "25"}], [FIT | {"optimizer": ["x"], "loss": {}}],
        [FIT | {"validation_split": "0.2"}],
    ],
)  # fmt: skip
def test_nonsense_says_nothing(fits: Any) -> None:
    assert words(fits) == []


def test_the_guest_s_notes() -> None:
    old = {"code": "old_spelling", "params": {"old": "np.int", "new": "int"}}
    notes = habits.told([old, old, {"code": "not_trained_here", "params": {}}])
    assert notes == [message("note_old_spelling", old="np.int", new="int"), message("note_not_trained_here")]


@pytest.mark.parametrize(
    "note",
    [
        None, 3, {}, {"code": "old_spelling"}, {"code": "old_spelling", "params": []},
        {"code": "old_spelling", "params": {"old": "x"}}, {"code": "old_spelling", "params": {"old": "x", "new": 3}},
        {"code": ["old_spelling"], "params": {}}, {"code": "nice_work", "params": {}}, {"code": "training_not_literal"},
    ],
)  # fmt: skip
def test_other_notes_are_left_out(note: Any) -> None:
    assert habits.told([note]) == habits.told(note) == []


def test_notes_are_short_and_few() -> None:
    notes = [
        {"code": "old_spelling", "params": {"old": "\x1b[1m" + "x" * 9999, "new": str(i)}} for i in range(500)
    ]
    kept = habits.told(notes)
    assert len(kept) == habits.MAX_NOTES
    assert len(render(kept[0])) < 400
    assert "\x1b" not in render(kept[0])


def test_every_note_has_words() -> None:
    for code, names in habits.NOTES.items():
        (note,) = habits.told([{"code": code, "params": dict.fromkeys(names, "3")}])
        assert render(note)


def test_a_training_loop_by_hand() -> None:
    assert habits.trains_by_hand("x = 1\nwith tf.GradientTape() as tape:\n    pass\n") == 2
    assert habits.trains_by_hand("# tf.GradientTape()\n") is None


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\nwhile acc < 0.9:\n    h = model.fit(x, y)\n    acc = 1\n", 2),
        ("def f():\n    while True:\n\n        model.train_on_batch(x, y)\n", 2),
        ("while True: model.fit(x, y)", 1),
        ("while x:\n    pass\nmodel.fit(x, y)\n", None),
        ("while x:\n    pass  # model.fit(x)\n", None),
        ("for i in range(3):\n    model.fit(x, y)\n", None),
        ("meanwhile = 1\nmodel.fit(x)", None),
        ("", None),
    ],
)
def test_a_loop_that_waits_for_a_training(source: str, line: int | None) -> None:
    assert habits.waits_for_training(source) == line
