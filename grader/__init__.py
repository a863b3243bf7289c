"""Grades Keras coursework: the control plane, and what a student's own machine needs."""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`grader.run_grader(model, history)`, as the course's notebooks call it, loaded when it is asked for."""
    if name == "run_grader":
        from grader.notebook import run_grader

        return run_grader
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
