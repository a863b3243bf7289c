"""An assignment as loaded from its folder: what to hand in, how it is trained, what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from grader.domain.probe import ProbePlan
from grader.domain.training import PlanName, TrainingPlan


@dataclass(frozen=True)
class Limits:
    """What student code may use while it builds its model; CPU time excludes our own imports."""

    cpu_seconds: float = 10.0
    wall_seconds: float = 60.0
    memory_mib: int = 2048
    processes: int = 128
    disk_mib: int = 64
    kept_output_bytes: int = 64 * 1024
    output_bytes: int = 4 * 1024 * 1024
    description_bytes: int = 1024 * 1024


@dataclass(frozen=True)
class EntryPoint:
    """The function a student writes, and the names that do as well when no such function exists."""

    name: str
    arguments: tuple[object, ...] = ()
    other_functions: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoiceBounds:
    """What a student may set in a literal `TRAINING`; an empty tuple of optimizers forbids the choice."""

    optimizers: tuple[str, ...] = ()
    batch_size: tuple[int, int] = (1, 1)
    epochs: tuple[int, int] = (1, 1)


class Strictness(StrEnum):
    """How much of an architecture an assignment asks for.

    `exact`: these layers and no others, in any equal form. `pieces`: these layers in this order, with others between
    them. `any`: no list of layers at all; other checks say what goes in and comes out.
    """

    EXACT = "exact"
    PIECES = "pieces"
    ANY = "any"


@dataclass(frozen=True)
class Part:
    """One thing to hand in. Shapes are without the batch: (height, width, channels).

    `plan` is what it is trained by; `full_plan` the document's own, where the class plan is a lighter one.
    `architecture` says how strictly its layers are compared. With a `probe` it is no model: a function or class is run.
    Where `delayed_build` is asked for, a model without an input shape is right and gets no note.
    """

    name: str
    entry_point: EntryPoint
    input_shape: tuple[int, ...]
    plan: TrainingPlan | None = None
    choice: ChoiceBounds | None = None
    full_plan: TrainingPlan | None = None
    probe: ProbePlan | None = None
    delayed_build: bool = False
    architecture: Strictness = Strictness.EXACT

    @property
    def notation(self) -> str:
        """What is handed in, as one would write it: `build_model()`, or a class by its name."""
        is_class = self.probe is not None and self.probe.kind.is_class
        return self.entry_point.name + ("" if is_class else "()")


@dataclass(frozen=True)
class Translation:
    """An exercise in another language: its title, its statement, and what else it says, by the English of it."""

    title: str
    statement: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """One exercise. `version` is `sha256:` over its folder, so that a report says what it was graded by."""

    slug: str
    title: str
    version: str
    statement: str
    starter: str
    parts: tuple[Part, ...]
    source: str = ""
    limits: Limits = field(default_factory=Limits)
    plan: PlanName = PlanName.CLASS
    translations: Mapping[str, Translation] = field(default_factory=dict)

    def title_in(self, language: str) -> str:
        """The title; the English one where there is no translation."""
        return self.translations[language].title if language in self.translations else self.title

    def statement_in(self, language: str) -> str:
        """The statement, Markdown; the English one where there is no translation."""
        return self.translations[language].statement if language in self.translations else self.statement

    def words_in(self, language: str) -> Mapping[str, str]:
        """Titles of checks and other phrases by their English; empty where there is no translation."""
        return self.translations[language].words if language in self.translations else {}

    @property
    def plans(self) -> tuple[PlanName, ...]:
        """The plans that there are: a class plan alone, or both."""
        return tuple(PlanName) if any(part.full_plan for part in self.parts) else (PlanName.CLASS,)

    def under(self, plan: PlanName) -> Assignment:
        """This assignment with every part trained by that plan; what has one plan only keeps it."""
        if plan is PlanName.CLASS or plan not in self.plans:
            return self
        parts = tuple(replace(part, plan=part.full_plan or part.plan) for part in self.parts)
        return replace(self, plan=plan, parts=parts)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the data sets its plans need, without repetition."""
        return tuple(dict.fromkeys(part.plan.dataset for part in self.parts if part.plan))
