"""The vocabulary that assignments are written in."""

from grader.checks import expect
from grader.checks.check import Check, Rubric, architecture_check, probe_check, training_check
from grader.checks.failure import CheckFailed

__all__ = ["Check", "CheckFailed", "Rubric", "architecture_check", "expect", "probe_check", "training_check"]
