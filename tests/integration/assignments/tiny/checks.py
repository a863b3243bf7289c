"""The check of the tiny assignment of these tests."""

from grader.checks import architecture_check, expect
from grader.domain.model_spec import ModelSpec


@architecture_check(points=10)
def layers(model: ModelSpec) -> None:
    """has the right number of parameters"""
    expect.params_equal(model, 19)
