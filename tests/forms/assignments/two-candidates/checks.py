"""One check that students see, and one that they do not: the hidden one chooses nothing."""

from grader.checks import architecture_check, expect
from grader.domain.model_spec import ModelSpec
from grader.domain.report import Visibility


@architecture_check(points=5)
def input_shape(model: ModelSpec) -> None:
    """takes four numbers"""
    expect.input_shape(model, (4,))


@architecture_check(points=5, visibility=Visibility.HIDDEN)
def parameters(model: ModelSpec) -> None:
    """has 15 parameters"""
    expect.params_equal(model, 15)
