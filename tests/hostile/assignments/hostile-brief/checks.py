"""What hostile-brief asks for; nobody gets this far."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.model_spec import ModelSpec


@architecture_check(points=10)
def output_shape(model: ModelSpec) -> None:
    """gives two numbers"""
    expect.output_shape(model, (2,))
