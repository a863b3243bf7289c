"""What happy-house asks for: the ends of the network are fixed, what lies between them is the student's."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes pictures of 64 × 64 pixels in 3 colours"""
    expect.input_shape(model, (64, 64, 3))
    expect.channels_last(model)


@architecture_check(points=1, needs=input_shape)
def output_shape(model: ModelSpec) -> None:
    """gives one number for each picture"""
    expect.output_shape(model, (1,))


@architecture_check(points=1, needs=output_shape)
def answer(model: ModelSpec) -> None:
    """ends with a sigmoid, so that the number is the probability of a happy face"""
    expect.last_activation(model, "sigmoid")


@architecture_check(points=1, needs=answer)
def learns(model: ModelSpec) -> None:
    """every layer can learn"""
    expect.trainable(model)


@training_check(points=6, needs=learns)
def accurate(run: TrainingRun) -> None:
    """more than 80 % of the test pictures are right"""
    expect.test_accuracy_above(run, run.threshold, open_ended=True)
