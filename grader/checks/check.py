"""A check is a function: its name is its id, its docstring the title that a student reads, raising means failing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.domain.errors import AuthorError
from grader.domain.model_spec import ModelSpec
from grader.domain.probe import ProbeRun
from grader.domain.report import Visibility
from grader.domain.training import TrainingRun


class Subject(StrEnum):
    """What a check looks at."""

    ARCHITECTURE = "architecture"
    TRAINING = "training"
    PROBE = "probe"


@dataclass(frozen=True)
class Check:
    """One check of an assignment, worth `points`, run only when those in `needs` have passed."""

    id: str
    title: str
    subject: Subject
    points: float
    needs: tuple[str, ...]
    visibility: Visibility
    part: str
    look: Callable[[Any], None] = field(compare=False)

    def __call__(self, subject: Any) -> None:
        """Look at the subject; raises CheckFailed when it is not what was asked for."""
        self.look(subject)


@dataclass(frozen=True)
class Rubric:
    """All checks of one part: architecture before training, or those of a probe."""

    architecture: tuple[Check, ...] = ()
    training: tuple[Check, ...] = ()
    probe: tuple[Check, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in the order they run."""
        return (*self.architecture, *self.training, *self.probe)

    @property
    def public(self) -> Rubric:
        """The checks that students may see and run themselves."""
        kinds = (self.architecture, self.training, self.probe)
        return Rubric(*(tuple(c for c in kind if c.visibility is Visibility.VISIBLE) for kind in kinds))

    @property
    def points(self) -> float:
        """What the part is worth."""
        return sum(check.points for check in self.checks)


def architecture_check(
    *,
    points: float = 1.0,
    needs: Check | Iterable[Check] = (),
    visibility: Visibility = Visibility.VISIBLE,
    part: str = "model",
) -> Callable[[Callable[[ModelSpec], None]], Check]:
    """Make a function that looks at a `ModelSpec` a check."""
    return lambda look: _check(look, Subject.ARCHITECTURE, points, needs, visibility, part)


def training_check(
    *,
    points: float = 1.0,
    needs: Check | Iterable[Check] = (),
    visibility: Visibility = Visibility.VISIBLE,
    part: str = "model",
) -> Callable[[Callable[[TrainingRun], None]], Check]:
    """Make a function that looks at a `TrainingRun` a check; the model is trained only when it gets that far."""
    return lambda look: _check(look, Subject.TRAINING, points, needs, visibility, part)


def probe_check(
    *,
    points: float = 1.0,
    needs: Check | Iterable[Check] = (),
    visibility: Visibility = Visibility.VISIBLE,
    part: str = "model",
) -> Callable[[Callable[[ProbeRun], None]], Check]:
    """Make a function that looks at a `ProbeRun` a check: what a student's function or class gave for our inputs."""
    return lambda look: _check(look, Subject.PROBE, points, needs, visibility, part)


def _check(
    look: Callable[[Any], None],
    subject: Subject,
    points: float,
    needs: Check | Iterable[Check],
    visibility: Visibility,
    part: str,
) -> Check:
    title = (look.__doc__ or "").strip()
    if not title:
        detail = f"the check {look.__name__} has no docstring; it is the title that students read"
        raise AuthorError(detail)
    required = (needs,) if isinstance(needs, Check) else tuple(needs)
    ids = tuple(check.id for check in required)
    return Check(look.__name__, title, subject, float(points), ids, visibility, part, look)
